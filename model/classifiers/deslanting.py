"""Deslanting: a digit's slant belongs to its writer, not to the digit."""

import numpy as np

from model.picture.resampling import sample
from model.types import Images

BLOCK = 1000


def deslant(digits: Images) -> Images:
    """Return `digits` sheared so that the ink's principal axis stands upright.

    digits: (N, 28, 28) float32 in [0, 1], ink bright on dark.
    Returns the same shape and range; a blank image comes back unchanged.
    Raises ValueError where `digits` is not three-dimensional.
    Source: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", section on preprocessing.
    """
    if digits.ndim != 3:
        raise ValueError(f"`digits` must be (N, 28, 28); got {digits.shape}")
    blocks = [_deslant(digits[start : start + BLOCK]) for start in range(0, len(digits), BLOCK)]
    return np.concatenate(blocks) if blocks else digits.copy()


def _deslant(digits: Images) -> Images:
    rows, columns = np.mgrid[: digits.shape[1], : digits.shape[2]].astype(np.float32)
    ink = digits.sum(axis=(1, 2))
    ink[ink == 0] = 1
    from_centre_x = columns - (_moment(digits, columns) / ink)[:, None, None]
    from_centre_y = rows - (_moment(digits, rows) / ink)[:, None, None]
    height = _moment(digits, from_centre_y**2)
    # Ink on one row has no slant.
    slant = np.divide(_moment(digits, from_centre_x * from_centre_y), height, where=height > 0, out=np.zeros_like(ink))
    return sample(digits, columns + slant[:, None, None] * from_centre_y, np.broadcast_to(rows, digits.shape))


def _moment(digits: Images, values: Images) -> Images:
    """Return the sum of ink · values of each digit, (N,)."""
    return np.asarray((digits * values).sum(axis=(1, 2)), np.float32)
