"""The likeliest readings of a line: over the ways to divide it, the digits of each, and the codes that are in use."""

import heapq
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.classifier import Probabilities
from model.strips.postal import UNLISTED

_LEAST_SHARE = 1e-4  # of the likeliest way's chance: what a way adds below that is not worth its time


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


def weighed_readings(
    ways: Sequence[tuple[float, Probabilities]], codes: NDArray[np.uint8] | None, top: int
) -> list[tuple[str, float]]:
    """Return the `top` likeliest strings with their chances, best first, over all `ways` to divide a line.

    ways: each way's chance and its digits' probabilities (n, 10). codes: (N, d) uint8 in ascending order, the codes in
    use, or None. A code in use is likelier than another by what mail says (Bayes' rule, exactly: the chances of all
    strings sum to one); no string is added or deleted. Where codes are shorter than a way, they are its beginning.
    """
    chances: defaultdict[str, float] = defaultdict(float)
    total, least = 0.0, _LEAST_SHARE * max(chance for chance, _ in ways)
    for chance, probabilities in ways:
        if chance < least:
            continue
        if codes is None or len(probabilities) < codes.shape[1]:
            weight, readings = 1.0, best_readings(probabilities, top)
        else:
            weight, readings = _readings_by_use(probabilities, codes, top)
        total += chance * weight
        for text, likelihood in readings:
            chances[text] += chance * likelihood
    best = heapq.nlargest(top, chances.items(), key=lambda reading: reading[1])
    return [(text, chance / total) for text, chance in best]


def _readings_by_use(
    probabilities: Probabilities, codes: NDArray[np.uint8], top: int
) -> tuple[float, list[tuple[str, float]]]:
    """Return the sum over all strings of chance times how likely mail is to go there, and the greatest of its terms.

    How likely is measured against a code drawn from all of the length, so that it is 1 where nothing is known.
    """
    n, digits = codes.shape
    every = 10**digits
    listed, unlisted = (1 - UNLISTED) / n * every, UNLISTED / max(1, every - n) * every
    start = probabilities[:digits].astype(np.float64)
    likelihoods = start[0][codes[:, 0]]
    for row, column in zip(start[1:], codes.T[1:], strict=True):
        likelihoods = likelihoods * row[column]
    few = np.argpartition(-likelihoods, min(top, n) - 1)[:top]
    beginnings = {"".join(map(str, codes[k])): listed * float(likelihoods[k]) for k in few}
    for text, likelihood in best_readings(probabilities[:digits], top):
        if text not in beginnings:
            beginnings[text] = (listed if _has(codes, text) else unlisted) * likelihood
    rests = best_readings(probabilities[digits:], top)
    readings = [(start + rest, weight * chance) for start, weight in beginnings.items() for rest, chance in rests]
    return unlisted + (listed - unlisted) * float(likelihoods.sum()), readings


def _has(codes: NDArray[np.uint8], text: str) -> bool:
    """Return whether `text` is one of `codes` (N, digits), which ascend."""
    low, high = 0, len(codes)
    for column, digit in enumerate(text):
        part = codes[low:high, column]
        low, high = low + int(np.searchsorted(part, int(digit))), low + int(np.searchsorted(part, int(digit), "right"))
    return low < high
