"""Running minima and maxima over square windows, and the openings made of them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]
_Values = TypeVar("_Values", NDArray[np.float32], NDArray[np.bool_])


def opened(values: _Floats, side: int) -> _Floats:
    """Return `values` (H, W) without what is brighter than its surroundings and holds no square of `side` pixels.

    Near the picture's edges the windows are cut off there. An opening is never above `values`.
    Source: Serra 1982, "Image Analysis and Mathematical Morphology".
    """
    return dilated(eroded(values, side), side)


def eroded(values: _Values, side: int) -> _Values:
    """Return the least of the square of `side` pixels, made odd, around each of `values` (H, W), or of a mask."""
    return _running(values, side, np.minimum)


def dilated(values: _Values, side: int) -> _Values:
    """Return the greatest of the square of `side` pixels, made odd, around each of `values` (H, W), or of a mask."""
    return _running(values, side, np.maximum)


def _running(values: _Values, side: int, pick: np.ufunc) -> _Values:
    """Return what `pick` makes of the square of `side` pixels, made odd, around each of `values` (H, W)."""
    return _along_rows(_along_rows(values, side, pick).T, side, pick).T


def _along_rows(values: _Values, side: int, pick: np.ufunc) -> _Values:
    """Return what `pick` makes of the windows of `side` rows around each of `values` (H, W), in log(side) steps."""
    height, width = values.shape
    reach = min(side // 2, height - 1)
    # The edge once more changes no window's least or greatest.
    found = np.empty((height + 2 * reach, width), values.dtype)
    found[:reach], found[reach : reach + height], found[reach + height :] = values[0], values, values[-1]
    known, wanted = 1, 2 * reach + 1
    while known < wanted:
        step = min(known, wanted - known)
        found = pick(found[:-step], found[step:])
        known += step
    return found
