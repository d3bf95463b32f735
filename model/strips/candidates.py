"""The likeliest readings of a line: over the ways to divide it, the digits of each, and the codes that are in use."""

import heapq
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.classifier import Probabilities
from model.strips.postal import UNLISTED


def best_readings(probabilities: Probabilities, top: int) -> list[tuple[str, float]]:
    """Return the `top` likeliest strings with their chances, best first; fewer where there are fewer.

    probabilities: (N, 10) float32, one row a digit; a string's chance is the product over its digits.
    The search keeps a heap of the readings next in line: each reading leads to those in which one digit, at the place
    last changed or further right, is replaced by its next likely one, so that none is met twice.
    """
    order = np.argsort(-probabilities, axis=1, kind="stable")
    sorted_chances = np.take_along_axis(probabilities, order, axis=1).astype(np.float64)
    n = len(probabilities)

    def chance(ranks: tuple[int, ...]) -> float:
        return float(np.prod(sorted_chances[np.arange(n), ranks]))

    start = (0,) * n
    heap = [(-chance(start), start, 0)]
    readings: list[tuple[str, float]] = []
    while heap and len(readings) < top:
        negative, ranks, changed = heapq.heappop(heap)
        readings.append(("".join(str(order[i, rank]) for i, rank in enumerate(ranks)), -negative))
        for i in range(changed, n):
            if ranks[i] + 1 < probabilities.shape[1]:
                following = (*ranks[:i], ranks[i] + 1, *ranks[i + 1 :])
                heapq.heappush(heap, (-chance(following), following, i))
    return readings


def weighed_readings(
    ways: Sequence[tuple[float, Probabilities]], codes: NDArray[np.uint8] | None, top: int
) -> list[tuple[str, float]]:
    """Return the `top` likeliest strings with their chances, best first, over all `ways` to divide a line.

    ways: each way's chance and its digits' probabilities (n, 10). codes: (N, d) uint8, the codes in use, or None.
    A code in use is likelier than another by what mail says (Bayes' rule, exactly: the chances of all strings sum to
    one); no string is added or deleted. Where the codes are shorter than a way, they are its beginning, as in ZIP+4.
    """
    chances: defaultdict[str, float] = defaultdict(float)
    total = 0.0
    for chance, probabilities in ways:
        readings = dict(best_readings(probabilities, top))
        if codes is None or len(probabilities) < codes.shape[1]:
            total += chance
            factors = dict.fromkeys(readings, 1.0)
        else:
            listed, unlisted = _factors(len(codes), codes.shape[1])
            start = probabilities[: codes.shape[1]].astype(np.float64)
            likelihoods = np.prod([row[column] for row, column in zip(start, codes.T, strict=True)], axis=0)
            total += chance * (unlisted + (listed - unlisted) * float(likelihoods.sum()))
            few = np.argsort(-likelihoods, kind="stable")[:top] if top < len(codes) else np.arange(len(codes))
            for rest, rest_chance in best_readings(probabilities[codes.shape[1] :], top):
                for k in few:
                    readings["".join(map(str, codes[k])) + rest] = float(likelihoods[k]) * rest_chance
            in_use = {"".join(map(str, codes[k])) for k in few}
            factors = {text: _factor(text, codes, in_use, listed, unlisted) for text in readings}
        for text, likelihood in readings.items():
            chances[text] += chance * likelihood * factors[text]
    best = heapq.nlargest(top, chances.items(), key=lambda reading: reading[1])
    return [(text, chance / total) for text, chance in best]


def _factors(n: int, digits: int) -> tuple[float, float]:
    """Return how much likelier a code is for being in use, and for not being, where `n` of so many digits are."""
    every = 10**digits
    return (1 - UNLISTED) / n * every, UNLISTED / max(1, every - n) * every


def _factor(text: str, codes: NDArray[np.uint8], in_use: set[str], listed: float, unlisted: float) -> float:
    start = text[: codes.shape[1]]
    if start in in_use:
        return listed
    row = np.array([int(digit) for digit in start], np.uint8)
    return listed if bool((codes == row).all(axis=1).any()) else unlisted
