"""Readings and their chances: the likeliest strings, weighed by what is known about the expected code."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.strips.postal import UNLISTED, has
from model.types import Probabilities

UNEXPECTED = 1e-3
"""How much less likely an unexpected count of digits is than an expected one: callers are seldom wrong."""
SHARPNESS = 1.7
"""The power to which chances are raised where the count is known: the strips that the network was fitted on are harder.

Chosen on strips of MNIST's validation digits, so that at most 0.5 % of what is accepted by default is wrong.
"""
UNKNOWN_SHARPNESS = 0.9
"""The same where the count is unknown, chosen on amounts of real cheques: more of their surest readings are wrong."""

OPINION = 0.45
"""The weight of the single-digit classifier next to the sliding network; chosen as SHARPNESS was."""

Opinions = Mapping[int, NDArray[np.float64]]
"""By a digit's place: the log of each digit's chance relative to the likeliest digit's, (10,)."""


def best_readings(probabilities: Probabilities, top: int) -> list[tuple[str, float]]:
    """Return the `top` likeliest strings with their chances, best first, or all where there are fewer.

    probabilities: (N, 10) float32, one row a digit; a string's chance is the product over its digits.
    Digit by digit, only the `top` likeliest prefixes are kept: no other can become one of the `top` strings.
    """
    readings = [("", 1.0)]
    for row in probabilities.tolist():
        longer = [(text + str(digit), chance * own) for text, chance in readings for digit, own in enumerate(row)]
        readings = sorted(longer, key=lambda each: -each[1])[:top]
    return readings


def second_opinion(strings: Mapping[str, float], read: tuple[str, Opinions]) -> dict[str, float]:
    """Return `strings` with their chances after a single-digit classifier has been heard, with weight OPINION.

    read: the string whose digits it read, and its opinions on some of the places. Only strings of the same length gain
    or lose, by its log-probabilities of their digits: how many digits there are it cannot tell.
    """
    text, opinions = read
    same = {string: chance for string, chance in strings.items() if len(string) == len(text)}
    heard = {
        string: chance * math.exp(OPINION * sum(scores[int(string[place])] for place, scores in opinions.items()))
        for string, chance in same.items()
    }
    total = sum(heard.values())
    if total == 0:  # no chance is left to share out
        return dict(strings)
    scale = sum(same.values()) / total
    return {**strings, **{string: chance * scale for string, chance in heard.items()}}


def merged(
    ways: Sequence[tuple[float, Sequence[tuple[str, float]]]], lengths: Collection[int] | None
) -> tuple[int, list[tuple[str, float]]]:
    """Return which of several ways to see a strip is likeliest, and the readings by all of them, best first.

    ways: each one's chance, and the readings that it leads to with theirs, best first. lengths: the expected counts of
    digits: a way whose best reading has another count is as much less likely as one of UNEXPECTED.
    """
    expected = [1.0 if lengths is None or len(readings[0][0]) in lengths else UNEXPECTED for _, readings in ways]
    shares = [chance * weight for (chance, _), weight in zip(ways, expected, strict=True)]
    chances: dict[str, float] = {}
    for share, (_, readings) in zip(shares, ways, strict=True):
        for text, chance in readings:
            chances[text] = chances.get(text, 0.0) + chance * share / sum(shares)
    best = max(range(len(ways)), key=lambda way: shares[way] * ways[way][1][0][1])
    first = ways[best][1][0][0]
    return best, sorted(
        ((text, min(chance, chances[first])) for text, chance in chances.items()),
        key=lambda each: (-each[1], each[0] != first),
    )


def weighed(
    strings: Mapping[str, float], lengths: Collection[int] | None, codes: Sequence[str] | None
) -> list[tuple[str, float]]:
    """Return `strings` with their chances given what is expected, best first.

    strings: each one's chance by the picture alone; the empty string stands for no digit. lengths: the expected counts
    of digits. codes: those in use, in ascending order; a longer string counts as the code that it begins with. Both are
    None where unknown.

    By Bayes' rule, codes in use and expected counts gain. No string is added or deleted. The chance that no string
    covers counts as that of a code not in use and of an expected length; with it, the chances sum to one. They are
    sharpened where the count is known, and blunted otherwise.
    """
    rest = max(0.0, 1 - sum(strings.values())) * _weights(codes)[1]
    chances = {}
    for text, chance in strings.items():
        weight = weight_of(text, codes)
        if text and lengths is not None and len(text) not in lengths:
            weight *= UNEXPECTED
        chances[text] = chance * weight
    power = UNKNOWN_SHARPNESS if lengths is None else SHARPNESS
    chances = {text: chance**power for text, chance in chances.items()}
    total = sum(chances.values()) + rest**power
    return sorted(((text, chance / total) for text, chance in chances.items()), key=lambda each: -each[1])


def weight_of(text: str, codes: Sequence[str] | None) -> float:
    """Return how much likelier mail makes `text` than if all codes were alike: 1 where none of `codes` is as short."""
    if codes is None or len(text) < len(codes[0]):
        return 1.0
    listed, unlisted = _weights(codes)
    return listed if has(codes, text) else unlisted


def _weights(codes: Sequence[str] | None) -> tuple[float, float]:
    """Return how much likelier mail makes a code in use, and any other, than if all codes of the length were alike."""
    if codes is None:
        return 1.0, 1.0
    n, every = len(codes), 10 ** len(codes[0])
    return (1 - UNLISTED) / n * every, UNLISTED / max(1, every - n) * every
