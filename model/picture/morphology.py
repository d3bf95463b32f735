"""Running minima and maxima over square windows, and the openings made of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]
_Pick = Callable[[_Floats, _Floats], _Floats]


def opened(values: _Floats, side: int) -> _Floats:
    """Return `values` (H, W) without what is brighter than its surroundings and holds no square of `side` pixels.

    Near the picture's edges the windows are cut off there. An opening is never above `values`.
    Source: Serra 1982, "Image Analysis and Mathematical Morphology".
    """
    return dilated(eroded(values, side), side)


def eroded(values: _Floats, side: int) -> _Floats:
    """Return the least of the square of `side` pixels, made odd, around each of `values` (H, W)."""
    return _running(values, side, np.minimum)


def dilated(values: _Floats, side: int) -> _Floats:
    """Return the greatest of the square of `side` pixels, made odd, around each of `values` (H, W)."""
    return _running(values, side, np.maximum)


def _running(values: _Floats, side: int, pick: _Pick) -> _Floats:
    """Return what `pick` makes of the square of `side` pixels, made odd, around each of `values` (H, W)."""
    return _along_rows(_along_rows(values, side, pick).T, side, pick).T


def _along_rows(values: _Floats, side: int, pick: _Pick) -> _Floats:
    """Return what `pick` makes of the windows of `side` rows around each of `values` (H, W), in log(side) steps."""
    reach = min(side // 2, len(values) - 1)
    # The edge once more changes no window's least or greatest.
    found = np.concatenate([np.repeat(values[:1], reach, axis=0), values, np.repeat(values[-1:], reach, axis=0)])
    known, wanted = 1, 2 * reach + 1
    while known < wanted:
        step = min(known, wanted - known)
        found = pick(found[:-step], found[step:])
        known += step
    return found
