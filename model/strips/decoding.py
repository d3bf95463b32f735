"""Frames -> strings: what the rows of frames that a network saw may say, and where each digit stands."""

import math

import numpy as np
from numpy.typing import NDArray

LogChances = NDArray[np.float64]
"""(T, 11): the logarithm of each frame's chance of each digit and, last, of none."""

MOST_BEGINNINGS = 40
"""Beginnings of strings that are kept from frame to frame."""
_LEAST_SHARE = 1e-6  # of the likeliest beginning's chance: a less likely one is dropped
_LEAST_CHANCE = 1e-4  # of a digit in a frame: where it is less, the frame is taken to say nothing of it
# Where frames are so sure that fewer strings are left, they are searched again within bounds so many times as large:
# there is always something else that a strip may say.
_FEW, _CLOSER = 6, 0.1


def likeliest_strings(log_chances: LogChances) -> dict[str, float]:
    """Return the likeliest strings with their chances, the empty one among them where it is one of them."""
    strings = _searched(log_chances, _LEAST_SHARE, _LEAST_CHANCE)
    if len(strings) >= _FEW:
        return strings
    return _searched(log_chances, _CLOSER * _LEAST_SHARE, _CLOSER * _LEAST_CHANCE)


def _searched(log_chances: LogChances, least_share: float, least_chance: float) -> dict[str, float]:
    """Return `likeliest_strings` within the bounds that `_LEAST_SHARE` and `_LEAST_CHANCE` are by default.

    Prefix beam search: a beginning's chance is the sum over the ways to spell it that survived, apart for those that
    end with a blank, after which the same digit may follow, and those that end with its last digit.
    Source: Hannun, Maas, Jurafsky and Ng 2014, "First-pass large vocabulary continuous speech recognition using
    bi-directional recurrent DNNs", algorithm 1.
    """
    chances = np.exp(log_chances)
    blank = chances.shape[1] - 1
    said = [[(str(k), float(row[k])) for k in np.flatnonzero(row[:blank] > least_chance)] for row in chances]
    beginnings = {"": (1.0, 0.0)}  # the chances of the ways that end with a blank, and with the last digit
    scale = 0.0
    for nothing, digits in zip(chances[:, blank].tolist(), said, strict=True):
        if not digits:  # most frames: nothing grows, and all beginnings lose alike
            beginnings = {
                text: (after_blank + after_digit, 0.0) for text, (after_blank, after_digit) in beginnings.items()
            }
            scale += math.log(nothing)
            continue
        grown: dict[str, list[float]] = {
            text: [(after_blank + after_digit) * nothing, 0.0]
            for text, (after_blank, after_digit) in beginnings.items()
        }
        for text, (after_blank, after_digit) in beginnings.items():
            for digit, chance in digits:
                if text[-1:] == digit:
                    grown[text][1] += after_digit * chance
                    grown.setdefault(text + digit, [0.0, 0.0])[1] += after_blank * chance
                else:
                    grown.setdefault(text + digit, [0.0, 0.0])[1] += (after_blank + after_digit) * chance
        totals = sorted(((sum(ways), text) for text, ways in grown.items()), reverse=True)[:MOST_BEGINNINGS]
        best = totals[0][0]
        # Chances of hundreds of frames would vanish: they are kept as shares of the best.
        beginnings = {
            text: (grown[text][0] / best, grown[text][1] / best) for total, text in totals if total > least_share * best
        }
        scale += math.log(best)
    return {text: min(1.0, sum(ways) * math.exp(scale)) for text, ways in beginnings.items()}


def frames_of(log_chances: LogChances, text: str) -> NDArray[np.int64]:
    """Return the frame that says each digit of `text` loudest, (n,), on the likeliest row of frames that spells it.

    Raises ValueError where there are too few frames for it.
    """
    blank = log_chances.shape[1] - 1
    labels = np.full(2 * len(text) + 1, blank)
    labels[1::2] = [int(digit) for digit in text]
    skips = np.zeros(len(labels), np.bool_)
    skips[3::2] = labels[3::2] != labels[1:-2:2]
    scores = np.full(len(labels), -np.inf)
    scores[:2] = log_chances[0, labels[:2]]
    came = np.zeros((len(log_chances), len(labels)), np.int64)  # from how many states before
    for t in range(1, len(log_chances)):
        ways = np.full((3, len(labels)), -np.inf)
        ways[0], ways[1, 1:] = scores, scores[:-1]
        ways[2, 2:] = np.where(skips[2:], scores[:-2], -np.inf)
        came[t] = ways.argmax(axis=0)
        scores = ways.max(axis=0) + log_chances[t, labels]
    state = len(labels) - 1 - int(scores[-2:].argmax() == 0)
    if not np.isfinite(scores[state]):
        raise ValueError(f"{len(log_chances)} frames are too few for {text!r}")
    loudest = np.full((len(text), 2), (-1, -np.inf))
    for t in range(len(log_chances) - 1, -1, -1):
        if state % 2 and log_chances[t, labels[state]] > loudest[state // 2, 1]:
            loudest[state // 2] = t, log_chances[t, labels[state]]
        state -= came[t, state]
    return loudest[:, 0].astype(np.int64)
