"""Picture -> the part of it that is no scanner's lid: an even band all along an edge, and as good as straight."""

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Mask
from model.picture.paper import departures

_Floats = NDArray[np.float32]

_EVEN = 25.0  # of 255: a lid's pixels differ by less from its usual colour
_ALL, _HARDLY = 0.95, 0.2  # of a column's pixels
_LEAST_LEFT = 0.2  # of the picture's shorter side: what is left is a sheet
_LEAST = 3  # pixels: a narrower band is a rule, and less than that is no sheet
_ASKEW = 0.05  # of the edge's length: as far does the band's end stray where it lies three degrees askew
_STROKE = 0.22  # of the edge's length: no pen is wider
_FEW = 4  # pixels: as many may be dust
_DARKER = 0.1  # of the way from the paper to the lid: no pen comes so close to it


def beside_lid(pixels: _Floats) -> Mask | None:
    """Return which of `pixels` (H, W, C), 0 to 255, lie beside a lid, (H, W); None where there is none.

    A lid is wider than any pen, or darker than all that is written: a 1 along the edge of a tight crop is neither. Nor
    is anything written on it, as there may be on paper in a shadow.
    """
    height, width, _ = pixels.shape
    lids = [0, 0, 0, 0]  # pixels at the left, at the top, at the right and at the bottom
    for side in (*range(4), *range(4)):  # of two lids of one colour, the wider one is found first
        turned = np.rot90(pixels, side)  # this side is now the left
        left, top, right, bottom = lids[side:] + lids[:side]
        within = turned[top : len(turned) - bottom, left : turned.shape[1] - right]
        if min(within.shape[:2]) <= _LEAST:
            return None
        lids[side] += _lid_width(within)
    beside = np.zeros((height, width), np.bool_)
    beside[lids[1] : height - lids[3], lids[0] : width - lids[2]] = True
    left_over = min(height - lids[1] - lids[3], width - lids[0] - lids[2])
    return beside if any(lids) and left_over >= max(_LEAST, _LEAST_LEFT * min(height, width)) else None


def _lid_width(pixels: _Floats) -> int:
    """Return how many columns from the left belong to a lid, or to where it fades into the paper."""
    height, width, _ = pixels.shape
    colour = _usual(pixels[:, :_LEAST])
    shares = _like(pixels, colour).mean(axis=0)
    whole = _leading(shares >= _ALL)
    end = whole + _leading(shares[whole:] >= _HARDLY)
    if whole < _LEAST or end == width or end - whole > _LEAST + _ASKEW * height or np.median(shares[end:]) > _HARDLY:
        return 0
    paper = _usual(pixels[:, end:])
    to_lid = colour - paper
    away = float(np.linalg.norm(to_lid))
    if not away:
        return 0
    along = (pixels[:, :end] - paper) @ to_lid / away
    if ((along > away + _EVEN) | (along < -_EVEN)).sum() > _FEW:  # it is written on, in a shadow or in the light
        return 0
    end += _leading(shares[end : whole + round(_LEAST + _ASKEW * height)] > 0)  # the wedge that a slanting end leaves
    end += _leading(_like(pixels[:, end:], paper).mean(axis=0) <= _HARDLY)
    if whole >= _STROKE * height:
        return end
    nearest = np.sort(_distances(pixels[:, end:], colour).ravel())[:_FEW]
    to_paper = _distances(paper[None, None], colour).item()
    return end if len(nearest) and nearest[-1] > _DARKER * to_paper else 0


def _usual(pixels: _Floats) -> _Floats:
    """Return the median (C,) of each colour of `pixels` (H, W, C)."""
    return np.asarray(np.median(pixels, axis=(0, 1)), np.float32)


def _distances(pixels: _Floats, colour: _Floats) -> NDArray[np.floating]:
    """Return how far each of `pixels` (H, W, C) is from `colour` (C,), (H, W)."""
    return departures((pixels - colour).reshape(-1, len(colour))).reshape(pixels.shape[:2])


def _like(pixels: _Floats, colour: _Floats) -> Mask:
    """Return which of `pixels` (H, W, C) are as good as of `colour` (C,), (H, W)."""
    return np.asarray(_distances(pixels, colour) <= _EVEN)


def _leading(flags: Mask) -> int:
    """Return how many of `flags` (n,) are true before the first that is not."""
    return int(np.argmin(np.append(flags, False)))
