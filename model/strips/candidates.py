"""The likeliest readings of a row of digits."""

import heapq

import numpy as np

from model.classifier import Probabilities


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
