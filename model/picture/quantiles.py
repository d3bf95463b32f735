"""The median and other quantiles of a few values, for which NumPy's own take several times as long."""

import numpy as np
from numpy.typing import NDArray

_Values = NDArray[np.integer] | NDArray[np.floating]


def quantile(values: _Values, share: float) -> float:
    """Return what `share` of `values` (n,) are below, between two of them by linear interpolation.

    values: at least one, none of them NaN.
    """
    last = len(values) - 1
    below = int(share * last)
    above = min(below + 1, last)
    ordered = values.copy()
    ordered.partition((below, above))
    low, high = float(ordered[below]), float(ordered[above])
    return low + (share * last - below) * (high - low)


def median(values: _Values) -> float:
    """Return the median of `values` (n,): at least one, none of them NaN."""
    return quantile(values, 0.5)
