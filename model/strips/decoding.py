"""Frames -> strings: what a network's sequence of frames may say, and where each digit stands."""

import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

LogChances = NDArray[np.float64]
"""(T, 11): the log of each frame's chance of each digit and, last, of no digit."""

Frame = tuple[float, list[tuple[str, float]]]
"""The chance that a frame says no digit, and the digits that it may say, with their chances."""

MOST_BEGINNINGS = 40
"""How many prefixes of strings are kept from frame to frame."""
_LEAST_SHARE = 1e-6  # of the likeliest prefix's chance: a less likely one is dropped
_LEAST_CHANCE = 1e-4  # of a digit in a frame: below this, the frame is taken not to say it
# Where frames are so sure that fewer than `_FEW` strings are left, both bounds are multiplied by `_CLOSER` and the
# search is repeated: there is always something else that a strip may say.
_FEW, _CLOSER = 6, 0.1


def likeliest_strings(log_chances: LogChances) -> dict[str, float]:
    """Return the likeliest strings with their chances; the empty string may be one of them."""
    strings = _searched(log_chances, _LEAST_SHARE, _LEAST_CHANCE)
    if len(strings) >= _FEW:
        return strings
    return _searched(log_chances, _CLOSER * _LEAST_SHARE, _CLOSER * _LEAST_CHANCE)


def _searched(log_chances: LogChances, least_share: float, least_chance: float) -> dict[str, float]:
    """Return what `likeliest_strings` does, for the given bounds: see `_LEAST_SHARE` and `_LEAST_CHANCE`.

    Frames that say no digit part the line into stretches. What a stretch spells does not depend on the others: each is
    searched by itself, and then their strings are joined.
    """
    chances = np.exp(log_chances)
    blank = chances.shape[1] - 1
    frames = zip(chances[:, blank].tolist(), _said(chances[:, :blank], least_chance), strict=True)
    strings, scale = {"": 1.0}, 0.0
    for speaks, stretch in itertools.groupby(frames, key=lambda frame: bool(frame[1])):
        if not speaks:
            scale += sum(math.log(nothing) for nothing, _ in stretch)
            continue
        endings, share = _spelt(stretch, least_share)
        likely = sorted(endings.items(), key=lambda each: -each[1])
        joined: dict[str, float] = {}
        for beginning, chance in strings.items():
            for ending, own in likely:
                if chance * own <= least_share:  # of the best's, which is at least 1
                    break
                text = beginning + ending
                joined[text] = joined.get(text, 0.0) + chance * own
        best, kept = _likeliest(joined, least_share)
        strings = {text: joined[text] / best for text in kept}
        scale += share + math.log(best)
    return {text: min(1.0, chance * math.exp(scale)) for text, chance in strings.items()}


def _spelt(frames: Iterable[Frame], least_share: float) -> tuple[dict[str, float], float]:
    """Return the strings that `frames` may spell, with their chances over that of the likeliest, and the log of that.

    Prefix beam search: a prefix's chance is the sum over the surviving ways to spell it. Two sums are kept: of the ways
    that end with a blank, after which the same digit may follow, and of those that end with the prefix's last digit.
    Source: Hannun, Maas, Jurafsky and Ng 2014, "First-pass large vocabulary continuous speech recognition using
    bi-directional recurrent DNNs", algorithm 1.
    """
    beginnings = {"": (1.0, 0.0)}  # the chances of the ways that end with a blank, and with the last digit
    scale = 0.0
    for nothing, digits in frames:
        said = dict.fromkeys(beginnings, 0.0)  # the chances of the ways that now end with a digit
        for text, (after_blank, after_digit) in beginnings.items():
            last, either = text[-1:], after_blank + after_digit
            for digit, chance in digits:
                grown = text + digit
                if last == digit:
                    said[text] += after_digit * chance
                    said[grown] = said.get(grown, 0.0) + after_blank * chance
                else:
                    said[grown] = said.get(grown, 0.0) + either * chance
        paused = {text: (ways[0] + ways[1]) * nothing for text, ways in beginnings.items()}
        best, kept = _likeliest({text: paused.get(text, 0.0) + chance for text, chance in said.items()}, least_share)
        # Products over hundreds of frames would underflow: chances are kept as shares of the best.
        beginnings = {text: (paused.get(text, 0.0) / best, said[text] / best) for text in kept}
        scale += math.log(best)
    return {text: sum(ways) for text, ways in beginnings.items()}, scale


def _likeliest(chances: Mapping[str, float], least_share: float) -> tuple[float, list[str]]:
    """Return the greatest of `chances`, and the texts whose chance is more than its `least_share`: the likeliest."""
    best = max(chances.values())
    least = least_share * best
    kept = [text for text, chance in chances.items() if chance > least]
    if len(kept) > MOST_BEGINNINGS:
        kept = sorted(kept, key=chances.__getitem__, reverse=True)[:MOST_BEGINNINGS]
    return best, kept


def _said(chances: NDArray[np.float64], least: float) -> list[list[tuple[str, float]]]:
    """Return, for each of the frames (T, 10), the digits whose chance is above `least`, with their chances."""
    said: list[list[tuple[str, float]]] = [[] for _ in chances]
    frames, digits = np.nonzero(chances > least)
    for frame, digit, chance in zip(frames.tolist(), digits.tolist(), chances[frames, digits].tolist(), strict=True):
        said[frame].append((str(digit), chance))
    return said


def frames_of(log_chances: LogChances, text: str) -> NDArray[np.int64]:
    """Return the frame that is surest of each digit of `text`, (n,), on the likeliest path that spells it.

    Raises ValueError where there are too few frames for it.
    """
    blank, count = log_chances.shape[1] - 1, len(log_chances)
    labels = np.full(2 * len(text) + 1, blank)
    labels[1::2] = [int(digit) for digit in text]
    skips = np.full(len(labels), -np.inf)  # a blank between two digits may be left out where they differ
    skips[3::2][labels[3::2] != labels[1:-2:2]] = 0.0
    emitted = log_chances[:, labels]
    # Two columns before the first state, which nothing comes from.
    scores = np.full((count, len(labels) + 2), -np.inf)
    scores[0, 2:4] = emitted[0, :2]
    for t in range(1, count):
        best = np.maximum(scores[t - 1, 2:], scores[t - 1, 1:-1])
        np.maximum(best, scores[t - 1, :-2] + skips, out=best)
        np.add(best, emitted[t], out=scores[t, 2:])
    state = len(labels) - 1 - int(scores[-1, -2:].argmax() == 0)
    if not np.isfinite(scores[-1, state + 2]):
        raise ValueError(f"{count} frames are too few for {text!r}")
    loudest = [(-np.inf, -1)] * len(text)
    for t in range(count - 1, -1, -1):
        if state % 2:
            loudest[state // 2] = max(loudest[state // 2], (float(emitted[t, state]), t))
        if t:
            stayed, came, skipped = scores[t - 1, state + 2], scores[t - 1, state + 1], scores[t - 1, state]
            ways = (stayed, came, skipped + skips[state])
            state -= ways.index(max(ways))
    return np.array([t for _, t in loudest], np.int64)
