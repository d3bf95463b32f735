"""Readings and their chances: the likeliest strings, weighed by what is known of the code that is expected."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.strips.postal import UNLISTED, has
from model.types import Probabilities

UNEXPECTED = 1e-3
"""How much less likely another count of digits is than an expected one: callers seldom err."""
SHARPNESS = 1.7
"""To which power chances are raised where the count is known: the network was fitted on harder strips than codes are.

Chosen on strips of MNIST's validation digits, so that of what is accepted at the default, at most 0.5 % are wrong.
"""
UNKNOWN_SHARPNESS = 0.9
"""The same where the count is unknown, chosen on amounts of real cheques: more of their surest readings are wrong."""

OPINION = 0.45
"""How much the reader of single digits counts beside the network that slides; chosen as SHARPNESS was."""

Opinions = Mapping[int, NDArray[np.float64]]
"""By a digit's place: the logarithm of each digit's chance against the likeliest's, (10,)."""


def best_readings(probabilities: Probabilities, top: int) -> list[tuple[str, float]]:
    """Return the `top` likeliest strings with their chances, best first; fewer where there are fewer.

    probabilities: (N, 10) float32, one row a digit; a string's chance is the product over its digits.
    Digit by digit, the `top` likeliest beginnings are kept: none of the others can become one of the `top` strings.
    """
    chances, digits = np.ones(1), np.zeros((1, 0), np.int64)
    for row in probabilities.astype(np.float64):
        products = (chances[:, None] * row).ravel()
        kept = np.argsort(-products, kind="stable")[:top]
        chances = products[kept]
        digits = np.column_stack([digits[kept // len(row)], kept % len(row)])
    return [("".join(map(str, string)), float(chance)) for string, chance in zip(digits.tolist(), chances, strict=True)]


def second_opinion(strings: Mapping[str, float], read: tuple[str, Opinions]) -> dict[str, float]:
    """Return `strings` with their chances once another reader of single digits was heard, for part of its weight.

    read: the string whose digits were read, and the opinions of some of its places. Among strings of as many digits,
    those lose to the others against whose digits the other reader speaks; how many digits there are it cannot tell.
    """
    text, opinions = read
    same = {string: chance for string, chance in strings.items() if len(string) == len(text)}
    heard = {
        string: chance * math.exp(OPINION * sum(scores[int(string[place])] for place, scores in opinions.items()))
        for string, chance in same.items()
    }
    total = sum(heard.values())
    if total == 0:  # no chance is left that another opinion could part
        return dict(strings)
    scale = sum(same.values()) / total
    return {**strings, **{string: chance * scale for string, chance in heard.items()}}


def weighed(
    strings: Mapping[str, float], lengths: Collection[int] | None, codes: Sequence[str] | None
) -> list[tuple[str, float]]:
    """Return `strings` with their chances once it is known what is expected, best first.

    strings: the chance of each by the picture alone, the empty one for what holds no digit. lengths: the counts of
    digits that are expected. codes: those in use, in ascending order; a longer string counts as the code that it begins
    with. Both None where unknown. By Bayes' rule a code in use is likelier than another by what mail says, and an
    expected count than another; no string is added or deleted, and what no string covers counts as neither in use nor
    unexpected, so that the chances sum to one with it. Where the count is known, they are sharpened; else, blunted.
    """
    listed, unlisted = _weights(codes)
    rest = max(0.0, 1 - sum(strings.values())) * unlisted
    chances = {}
    for text, chance in strings.items():
        weight = 1.0
        if text and lengths is not None and len(text) not in lengths:
            weight = UNEXPECTED
        if codes is not None and len(text) >= len(codes[0]):
            weight *= listed if has(codes, text) else unlisted
        chances[text] = chance * weight
    power = UNKNOWN_SHARPNESS if lengths is None else SHARPNESS
    chances = {text: chance**power for text, chance in chances.items()}
    total = sum(chances.values()) + rest**power
    return sorted(((text, chance / total) for text, chance in chances.items()), key=lambda each: -each[1])


def _weights(codes: Sequence[str] | None) -> tuple[float, float]:
    """Return how likely mail is to go to a code in use, and to another, against a code drawn from all of the length."""
    if codes is None:
        return 1.0, 1.0
    n, every = len(codes), 10 ** len(codes[0])
    return (1 - UNLISTED) / n * every, UNLISTED / max(1, every - n) * every
