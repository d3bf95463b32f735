"""Picture of a mail piece -> its marks: ink of any colour, on paper in any light."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.envelopes.areas import inside_polygon
from model.envelopes.levels import paper_level, strongest_near
from model.envelopes.marks import Marks
from model.envelopes.piece import Piece
from model.picture.components import connected_components, masses
from model.picture.resampling import block_means
from model.types import Array, Picture

_MOST_PIXELS = 1_000_000  # marks are sought among so many: a digit of 16 pixels on a letter keeps 9 and more
_LEAST, _LEAST_SHARE = 5.0, 0.06  # of 255, and of the paper: a weaker departure is compression or the paper's grain
_NOISE = 4.2  # times the paper's noise
_SHARE = 0.25  # of the local ink's full strength: a stroke's edge, above blur
_EVERY = 7  # rows and columns, of which one is looked at for the noise
_SMALLEST = 5  # pixels of the longer side: smaller marks are dust
_LARGEST = 0.8  # of the piece's longer side: nothing written is larger
_RIM = 0.008  # of the piece's sides: so close to its edge, there are its shadow and the table
_SAMPLES = 60_000  # pixels by which it is told whether anything is written in red
_RED, _LEAST_RED = 35.0, 4e-4  # of 255, between red and green light; and the share of the picture that must be so red
_REDDISH = 0.35  # of a mark's darkness: so much vanishes in red light
_MOST = 2_000  # marks, the largest, seven times as many as on a crowded piece: time is bounded


@dataclass(frozen=True)
class _Light:
    """A piece in one light: the whole picture (H, W), and the piece's part of it, made smaller, (h, w).

    paper: its level. away: how far pixels are from it, at least as dark as `least`, (h, w), where they are ink.
    """

    whole: NDArray[Any]
    grey: NDArray[np.float32]
    paper: NDArray[np.float32]
    away: NDArray[np.float32]
    least: NDArray[np.float32]


def find_marks(picture: Picture, piece: Piece) -> list[Marks]:
    """Return the marks on `piece` in `picture`: those in dark or blue ink, and those in red ink, where there are any.

    In red light, what forms print in orange or red vanishes, or nearly. So does what is written in red, which is sought
    in green light.
    """
    if min(picture.shape[:2]) < _SMALLEST:
        return []
    left, top, right, bottom = _box(piece, picture.shape)
    factor = min(max(1, round(math.sqrt((right - left) * (bottom - top) / _MOST_PIXELS))), right - left, bottom - top)
    inside = None
    if not piece.whole:
        inside = _inside((piece.corners - [left, top]) / factor, (bottom - top) // factor, (right - left) // factor)
    lights = [picture] if picture.ndim == 2 else [picture[:, :, 0], picture[:, :, 1]]
    if len(lights) == 2 and not _has_red_ink(*lights):
        lights.pop()
    seen = [_in_light(each, np.s_[top:bottom, left:right], factor, inside) for each in lights]
    found = [_marks(each, seen, factor, left, top) for each in seen]
    return [each for each in found if each is not None]


def _has_red_ink(red: NDArray[Any], green: NDArray[Any]) -> bool:
    """Return whether some of the picture is written in red."""
    step = max(1, round(math.sqrt(red.size / _SAMPLES)))
    redness = red[::step, ::step].astype(np.float32) - green[::step, ::step]
    return bool(np.mean(redness > np.median(redness) + _RED) > _LEAST_RED)


def _in_light(
    whole: NDArray[Any], part: tuple[slice, slice], factor: int, inside: NDArray[np.bool_] | None
) -> _Light:  # fmt: skip
    """Return the `part` of the picture `whole` in one light; inside: (h, w), which pixels are the piece's."""
    grey = block_means(whole[part], factor)
    paper = paper_level(grey)
    away = paper - grey
    if inside is not None:
        away[~inside] = 0
    usual, noise = _noise(away[::_EVERY, ::_EVERY], None if inside is None else inside[::_EVERY, ::_EVERY])
    paper -= usual
    away -= usual
    return _Light(whole, grey, paper, away, np.maximum(_LEAST_SHARE * paper, max(_LEAST, _NOISE * noise)))


def _marks(light: _Light, lights: Sequence[_Light], factor: int, left: int, top: int) -> Marks | None:
    """Return the marks in one `light` of the `lights`: in red light those that are not red, in green those that are."""
    components = connected_components((light.away > light.least) & (light.away > _SHARE * strongest_near(light.away)))
    sizes = components.sizes
    kept = (sizes >= _SMALLEST) & (sizes < _LARGEST * max(light.grey.shape))
    if len(lights) > 1:
        red, green = (np.maximum(each.away, 0) for each in lights)
        lost = masses(components, np.maximum(green - red, 0))
        kept &= (lost > _REDDISH * masses(components, green)) == (light is not lights[0])
    if kept.sum() > _MOST:
        largest = np.argsort(-components.areas * kept, kind="stable")[:_MOST]
        kept[:] = False
        kept[largest] = True
    if not kept.any():
        return None
    numbers = np.zeros(len(components) + 1, np.int32)
    numbers[1:][kept] = np.arange(1, kept.sum() + 1)
    labels = numbers[components.labels]
    y, x = np.nonzero(labels)
    owners = labels[y, x]
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], np.arange(1, kept.sum() + 1))
    return Marks(light.whole, light.grey, light.paper, labels, x[order], y[order], starts, factor, left, top)


def _inside(corners: Array, height: int, width: int) -> NDArray[np.bool_]:
    """Return which pixels, (height, width), lie within `corners` (4, 2), clockwise, and not close to the edge."""
    middle = corners.mean(axis=0)
    return inside_polygon(middle + (1 - 2 * _RIM) * (corners - middle), (height, width))


def _noise(away: NDArray[np.float32], inside: NDArray[np.bool_] | None) -> tuple[float, float]:
    """Return by how much paper `inside` usually is `away` from its level, and the standard deviation of that."""
    away = away if inside is None or not inside.any() else away[inside]
    usual = float(np.median(away))
    return usual, 1.4826 * float(np.median(np.abs(away - usual)))


def _box(piece: Piece, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return the left, top, right and bottom of `piece` in a picture of this `shape`."""
    low = np.maximum(np.floor(piece.corners.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(piece.corners.max(axis=0)), shape[1::-1]).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
