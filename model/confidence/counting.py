"""What counted errors show of the share that is wrong: exact tests and intervals of a binomial share."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from model.types import Array

SURPRISE = 0.025
"""Of a chance: so many errors would seldom be counted, were their share as small as is asked. It lies below the exact
95 % interval then."""
SHOWN = 0.05
"""Of a chance: so few errors would seldom be counted, were their share greater than is asked."""
RULE_OF_THREE = 3
"""Errors expected of so many that none would be a surprise: 95 % see one."""
_ROUNDING = 1e-9  # of sums of weights
_STEPS = 40  # halvings of an interval: far finer than any count


def chance_of_as_many(wrong: int, n: int, share: float) -> float:
    """Return the chance that at least so many of `n` are wrong, where each is with the chance `share`, 0 to 1."""
    if wrong <= 0:
        return 1.0
    if share in {0.0, 1.0}:
        return share
    fewer = np.arange(wrong)
    factorials = _log_factorials(1 << n.bit_length())
    choices = factorials[n] - factorials[fewer] - factorials[n - fewer]
    logs = choices + fewer * math.log(share) + (n - fewer) * math.log1p(-share)
    return max(0.0, 1 - float(np.exp(logs).sum()))


def chance_of_as_few(wrong: int, n: int, share: float) -> float:
    """Return the chance that at most so many of `n` are wrong, where each is with the chance `share`, 0 to 1."""
    return 1 - chance_of_as_many(wrong + 1, n, share) if wrong < n else 1.0


def exact_interval(wrong: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of the share of which `wrong` of `n` were counted; 0 to 1 where nothing was.

    Source: Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the
    binomial".
    """
    low = _crossing(lambda share: chance_of_as_many(wrong, n, share) > SURPRISE) if wrong else 0.0
    high = _crossing(lambda share: chance_of_as_few(wrong, n, share) < SURPRISE) if wrong < n else 1.0
    return low, high


def effective(weights: Array, wrong: Array) -> tuple[int, int]:
    """Return how many are wrong of how many that count alike and tell as much as these, `wrong` (N,) or not.

    weights: (N,), how much each counts. Source: Kish 1965, "Survey sampling": the effective size of a weighted sample.
    Both numbers are rounded to what speaks for more errors.
    """
    return effective_counts(weights, wrong)[-1] if len(weights) else (0, 0)


def effective_counts(weights: Array, wrong: Array) -> list[tuple[int, int]]:
    """Return what `effective` does for the first, the first two, and so on up to all, (N,)."""
    totals = np.cumsum(weights)
    sizes = np.floor(totals**2 / np.cumsum(weights**2) + _ROUNDING).astype(int)
    counts = np.ceil(np.cumsum(weights * wrong) / totals * sizes - _ROUNDING).astype(int)
    return list(zip(counts.tolist(), sizes.tolist(), strict=True))


@lru_cache(maxsize=16)  # the same few sizes are asked for again and again
def _log_factorials(most: int) -> Array:
    """Return the logs of the factorials of 0 to `most`, (most + 1,)."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _crossing(beyond: Callable[[float], bool]) -> float:
    """Return the share from which on `beyond` holds."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return high
