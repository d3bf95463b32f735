"""Paper whose level has steps: the edges of shadows, of a table, of a scanner's lid."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Mask, share
from model.picture.morphology import dilated, eroded, opened
from model.picture.paper import LEAST_CONTRAST, NEAR, nearly_most, strong_departures
from model.types import WHITE

_Floats = NDArray[np.float32]

_WIDEST_STROKE = 0.22  # of the height that a line of digits fills: no pen is wider
_USUAL_STROKE = 0.15  # of that height: a wider one is rare
_STEP = 0.15  # of the strongest departure: as much as makes shading look written
_LEAST_SIDE = 32  # pixels: a smaller picture is cut out around its digit, whose strokes may be as wide as a shadow
_MOST_OFF = 0.05  # of the picture: a smaller part that is wider than any stroke is a blot, or where strokes cross
_LEAST_SHEET = 0.02  # of the picture: what is left of a sheet beside its writing
_ALONG_EDGE = 0.6  # of an edge of the picture: what covers more of it is no digit's stroke
_BROADER = 2.5  # times a stroke's usual width: where strokes cross, and a pen is pressed
_FINER = (8, 4, 2, 1)  # parts of the widest stroke at which strokes are sought: they are finer than what they enclose
_CLEAR = 0.3  # of the strongest departure: fainter ones say nothing about the pen
_DARKEST = 0.2  # of the usual light: in a darker place, noise would become ink
_AS_GOOD = 0.02  # of the outline: no difference
_MADE_UP = 0.3  # of the ink's outline, where the level steps and the picture does not: then the level is wrong


@dataclass(frozen=True)
class Written:
    """How far each pixel departs from the paper's level towards the pen, (H, W), and the pen's colour from it, (C,)."""

    deviations: _Floats
    pen: _Floats


def has_steps(deviations: _Floats, whole: tuple[int, ...]) -> bool:
    """Return whether a smooth surface does not explain paper that departs from it by `deviations` (h, w).

    It does where whatever departs from it is no wider than a stroke. `deviations` are every n-th row and column of a
    picture of shape `whole` (H, W, ...).
    """
    if min(whole[:2]) < _LEAST_SIDE:
        return False
    distances = np.abs(deviations)
    far = distances > max(LEAST_CONTRAST, _STEP * nearly_most(distances.ravel()))
    if share(far) <= _MOST_OFF:
        return False
    side = stroke_width(deviations.shape)
    off = _wide(far & (deviations > 0), side) | _wide(far & (deviations < 0), side)
    return share(off) > _MOST_OFF


def has_margin(deviations: _Floats) -> bool:
    """Return whether there may be more than one sheet of paper in a picture that departs by `deviations` (h, w).

    What departs lies all along an edge of the picture, or is wider than strokes usually are.
    """
    distances = np.abs(deviations)
    far = distances > max(LEAST_CONTRAST, NEAR * nearly_most(distances.ravel()))
    if any(share(edge) >= _ALONG_EDGE for edge in (far[0], far[-1], far[:, 0], far[:, -1])):
        return True
    side = stroke_width(far.shape, _USUAL_STROKE)
    if share(far) <= _LEAST_SHEET:
        return False
    return share(_wide(far, side)) > _LEAST_SHEET


def _wide(mask: Mask, side: int) -> Mask:
    """Return what of `mask` (H, W) lies in a square of `side` pixels that is all within it."""
    in_corner = math.prod(min(side // 2 + 1, length) for length in mask.shape)  # pixels that are left of the square
    if np.count_nonzero(mask) < in_corner:
        return np.zeros_like(mask)
    middles = eroded(mask, side)
    return dilated(middles, side) if middles.any() else middles


def stroke_width(shape: tuple[int, ...], share: float = _WIDEST_STROKE) -> int:
    """Return `share` of a digit's height, in pixels of a picture of `shape` (H, W) that one line of digits fills."""
    height, width = shape
    return max(3, round(share * min(height, max(2 * width, height // 2))))


def writing(pixels: _Floats, samples: _Floats) -> Written | None:
    """Return how far each of `pixels` (H, W, C) departs from the paper's level towards the pen, (H, W).

    The level is an opening by a square that no stroke holds: it follows every step of the paper. A shadow weakens the
    ink as it darkens the paper, so departures count as shares of the way from the paper's level to black, or to white
    for a light pen. samples (h, w, C): every n-th row and column, where the pen's colour is sought. Returns None where
    nothing is written, or the level does not explain the picture either.
    """
    found = _pen(samples, stroke_width(samples.shape[:2]))
    if found is None:
        return None
    pen, width = found
    along = pixels @ pen
    widest = stroke_width(along.shape)
    usual = max(3, round(_BROADER * width * len(along) / len(samples)))
    levels = [opened(along, side) for side in (widest, min(usual, widest))]
    made_up = [_made_up(along - level, level) for level in levels]
    # A small square leaves less of a shadow's corners, but may be smaller than where the pen was pressed.
    level = levels[int(made_up[1] <= made_up[0] + _AS_GOOD)]
    if min(made_up) > _MADE_UP:
        return None
    deviations = along - level
    extreme = WHITE * max(0.0, float(pen.sum()))
    room = np.abs(extreme - level)
    usual_room = float(np.percentile(room[::4, ::4], 95))
    evened = deviations * (usual_room / np.maximum(room, _DARKEST * usual_room))
    # An opening follows the darkest grain of the paper: its middle is above that.
    return Written(np.asarray(evened - np.median(evened[::4, ::4]), np.float32), pen)


def _pen(samples: _Floats, side: int) -> tuple[_Floats, float] | None:
    """Return the direction (C,) of unit length from paper to pen in `samples` (h, w, C), and the width of a stroke.

    None where nothing is written. Strokes are narrower than the paper that they enclose: the pen's polarity is the one
    in which more is found at finer scales.
    """
    best: tuple[_Floats, float] | None = None
    most = 0.0
    for sign in (np.float32(1), np.float32(-1)):
        by_channel = [sign * channel - opened(sign * channel, side) for channel in np.moveaxis(samples, 2, 0)]
        deviations = np.stack(by_channel, axis=2).reshape(-1, samples.shape[2])
        strong, strongest = strong_departures(deviations)
        pen = np.asarray(sign * np.abs(np.linalg.eigh(strong.T @ strong)[1][:, -1]), np.float32)
        along = samples @ pen
        finer = [along - opened(along, max(1, side // part)) for part in _FINER]
        total = sum(float(each[each > _CLEAR * strongest].sum()) for each in finer)
        total *= 1 - _made_up(finer[-1], along - finer[-1])
        if total > most:
            inked = finer[-1] > strongest / 2
            outline = sum(int((np.diff(inked.astype(np.int8), axis=axis) != 0).sum()) for axis in (0, 1))
            best, most = (pen, 2 * int(inked.sum()) / max(1, outline)), total
    return best


def _made_up(deviations: _Floats, level: _Floats) -> float:
    """Return how much of the steps along the outlines of `deviations` (H, W) come from `level` and not the picture."""
    inked = deviations > 0.5 * nearly_most(deviations.ravel())
    of_level = of_ink = 0.0
    for axis in (0, 1):
        outline = np.diff(inked.astype(np.int8), axis=axis) != 0
        of_level += float(np.abs(np.diff(level, axis=axis)[outline]).sum())
        of_ink += float(np.abs(np.diff(deviations, axis=axis)[outline]).sum())
    return of_level / of_ink if of_ink else 0.0
