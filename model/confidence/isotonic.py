"""Scores -> chances, by counting: the share that is right among readings of about the same score."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from model.types import Array

BIN = 80
"""Readings in a bin: enough to tell one wrong in a hundred from none."""
_DOUBT = 0.5  # of one more reading, that it would be wrong: of few that are right, the next may not be


@dataclass(frozen=True)
class Isotonic:
    """A chance that never falls as the score rises: straight lines between `scores` (K,), rising, and log-odds (K,)."""

    scores: Array
    log_odds: Array

    @classmethod
    def fitted(cls, scores: Array, right: Array, weights: Array) -> Self:
        """Return what the `scores` (N,) of readings show, which are `right` (N,), 0 to 1, and count as their weights.

        Readings are put in bins by their score; bins that contradict the order are put together.
        Source: Ayer et al. 1955, "An empirical distribution function for sampling with incomplete information": pool
        adjacent violators; for classifiers, Zadrozny and Elkan 2002, "Transforming classifier scores into accurate
        multiclass probability estimates".
        """
        order = np.argsort(scores, kind="stable")
        bins = np.array_split(order, max(1, len(order) // BIN))
        pools: list[tuple[float, float, float, int]] = []  # each one's weight, wrong ones, mean score and readings
        for rows in bins:
            weight = float(weights[rows].sum())
            wrong = float(weights[rows] @ (1 - right[rows]))
            pools.append((weight, wrong, float(np.average(scores[rows], weights=weights[rows])), len(rows)))
            while len(pools) > 1 and pools[-2][1] / pools[-2][0] <= pools[-1][1] / pools[-1][0]:
                (first, bad, low, few), (second, worse, high, more) = pools[-2:]
                both = first + second
                pools[-2:] = [(both, bad + worse, (first * low + second * high) / both, few + more)]
        shares = np.array([(wrong / weight * n + _DOUBT) / (n + 1) for weight, wrong, _, n in pools])
        # A few readings at the top, none of them wrong, are not less sure than many below them.
        log_odds = np.maximum.accumulate(np.log((1 - shares) / shares))
        return cls(np.array([score for _, _, score, _ in pools]), log_odds)

    def chances(self, scores: Array) -> Array:
        """Return the chance of each of the `scores`; beyond the first and the last, theirs."""
        return np.asarray(1 / (1 + np.exp(-np.interp(scores, self.scores, self.log_odds))))
