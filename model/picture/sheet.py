"""Picture -> the sheet that is written on, without the table, the scanner's lid or the window that surrounds it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Components, Mask, connected_components, cut_by_edge
from model.picture.loops import thickness
from model.picture.morphology import dilated, opened
from model.types import WHITE

_Floats = NDArray[np.float32]

_LEAST_SIDE = 32  # pixels: on a smaller picture no sheet lies beside something else, it is cut out around a digit
_SMOOTH, _SMOOTH_NOISE = 10.0, 6.0  # of 255, or times the usual step between neighbours: a greater step is an edge
_GRAIN = 18.0  # of 255: the least step at the edge of a sheet that lies on what is grained
_MOST_AREAS = 8  # that are looked at, the largest first, so that time is bounded
_LEAST_AREA = 0.08  # of the picture: what is left of a quarter, when the writing on it and its edges are taken off
_LEAST_CONTRAST = 25.0  # of 255: what is written on a sheet differs from it by more
_FEWEST = 4  # pixels that are written, at least
_RECTANGULAR = 0.86  # of the rectangle around a sheet: ragged edges and perspective leave more, an oval or a 7 less
_DEEP = 0.08  # of a sheet's shorter side: a 1 that touches its edge leaves a deeper bay than ragged edges have
_LONGEST_BAY = 4.0  # times its shorter side: a 1 that leans leaves a shorter one
_STEEPEST = 16  # degrees that a sheet lies askew
_SAME = 0.9  # of one area within another: it lies on it
_WHOLE = 0.97  # of the picture: a sheet this large has no surroundings
_NEARLY_ALL, _RIM, _MORE_PAPER = 0.7, 5, 0.1  # of the picture; pixels around the sheet; of what lies beyond these
_LEAST_STROKE, _AS_THICK = 0.3, 1.5  # of the picture's shorter side; times the strokes of the writing
_STROKE = 0.22  # of the picture's height: no pen is wider
_BEYOND = 0.05  # of the shorter side: so far from a sheet's edge lies neither its own shadow nor the end of a stroke
_AS_STRONG = 0.35  # of the writing on the sheet: as strong as writing in a shadow that darkens by 60 %
_DARKEST = 0.25  # of the light on the sheet: no shadow that has an edge is darker
_AS_MUCH, _ACROSS = 0.1, 0.04  # of the writing on the sheet; the other where it hangs together with it


@dataclass(frozen=True)
class Sheet:
    """The sheet that is written on: its pixels (H, W), writing included; those that are paper; and its colour (C,)."""

    area: Mask
    paper: Mask
    colour: _Floats


def find_sheet(pixels: _Floats) -> Sheet | None:
    """Return the sheet in `pixels` (H, W, C), 0 to 255; None where the picture is all sheet, or none stands out.

    A sheet is an area without edges inside, but for writing that lies wholly on it; with the writing it is a rectangle,
    perhaps askew and cut by the picture's edge. What lies on a sheet and is itself one is the sheet, as a label on a
    parcel or a drawing area on a page. Two beside each other are paper that is partly in a shadow: none is the sheet.
    """
    if min(pixels.shape[:2]) < _LEAST_SIDE:
        return None
    down, across = (np.abs(np.diff(pixels, axis=axis)).max(axis=2) for axis in (0, 1))
    usual = float(np.median(np.concatenate([down.ravel(), across.ravel()])))
    most = max(_SMOOTH, _SMOOTH_NOISE * usual)
    # Grain may be the table's alone: then its own steps are edges too.
    for step in dict.fromkeys((most, min(most, _GRAIN))):
        sheet = _sheet_among(pixels, connected_components(_without_edges(down, across, step)))
        if sheet is not None:
            return sheet
    return None


def _sheet_among(pixels: _Floats, areas: Components) -> Sheet | None:
    """Return the sheet among the `areas` of `pixels` (H, W, C) without edges; None where none is one."""
    height, width, _ = pixels.shape
    largest = np.argsort(-areas.areas, kind="stable")[:_MOST_AREAS]
    smallest = _LEAST_AREA * height * width
    found = [_as_sheet(pixels, areas.labels == k + 1) for k in largest if areas.areas[k] >= smallest]
    sheets = [each for each in found if each is not None]
    lying = _innermost([each for each in sheets if _lies_on_another_colour(pixels, each)])
    if lying is not None:
        return lying
    sheet = _innermost(sheets)
    if sheet is None or sheet.area.mean() > _WHOLE or _cuts_writing(pixels, sheet) or _written_beside(pixels, sheet):
        return None
    return sheet


def _lies_on_another_colour(pixels: _Floats, sheet: Sheet) -> bool:
    """Return whether `sheet` lies whole in the picture, on what has another colour: no shadow, and no printed frame."""
    area = sheet.area
    if area[0].any() or area[-1].any() or area[:, 0].any() or area[:, -1].any():
        return False
    around = np.median(pixels[~dilated(area, _RIM)], axis=0)
    return bool(np.abs(around - sheet.colour).max() > _LEAST_CONTRAST)


def _without_edges(down: _Floats, across: _Floats, most: float) -> Mask:
    """Return which pixels (H, W) differ by at most `most` from the four beside them.

    down (H - 1, W), across (H, W - 1): the steps between neighbours.
    """
    smooth = np.ones((len(across), down.shape[1]), np.bool_)
    for steps, before, after in ((down, smooth[:-1], smooth[1:]), (across, smooth[:, :-1], smooth[:, 1:])):
        before &= steps <= most
        after &= steps <= most
    return smooth


def _as_sheet(pixels: _Floats, paper: Mask) -> Sheet | None:
    """Return the sheet whose paper is `paper` (H, W); None where that is no rectangle or nothing is written on it."""
    around = connected_components(~paper)
    area = paper | around.mask(~cut_by_edge(around, paper.shape))
    colour = np.median(pixels[paper], axis=0)
    written = np.abs(pixels[area & ~paper] - colour) > _LEAST_CONTRAST
    area |= _bays(area)
    if written.any(axis=1).sum() < _FEWEST or not _is_rectangle(area):
        return None
    return Sheet(area, paper, colour)


def _bays(area: Mask) -> Mask:
    """Return what lies in the convex hull of `area` (H, W) beside it: writing close to the edge of a sheet opens a bay.

    A shallow bay is left out: it shows that the sheet's edge is ragged or its corner round, or a rule along the edge.
    """
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    least = _DEEP * min(rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
    bays = connected_components(_convex_hull(area) & ~area)
    shorter, longer = np.sort([bays.bottoms - bays.tops, bays.rights - bays.lefts], axis=0)
    return bays.mask((shorter >= least) & (longer <= _LONGEST_BAY * shorter))


def _convex_hull(area: Mask) -> Mask:
    """Return the convex hull of `area` (H, W), which has at least one pixel."""
    rows = np.flatnonzero(area.any(axis=1))
    left, right = area[rows].argmax(axis=1), area.shape[1] - 1 - area[rows, ::-1].argmax(axis=1)
    every, columns = np.arange(rows[0], rows[-1] + 1), np.arange(area.shape[1])
    hull = np.zeros_like(area)
    hull[every] = (columns >= _lower_hull(rows, left, every)[:, None]) & (
        columns <= -_lower_hull(rows, -right, every)[:, None]
    )
    return hull


def _lower_hull(x: NDArray[np.int64], y: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return, at each of `at`, the greatest convex function below the points (`x`, `y`), `x` ascending.

    Source: Andrew 1979, "Another efficient algorithm for convex hulls in two dimensions".
    """
    corners: list[tuple[int, int]] = []
    for right, high in zip(x.tolist(), y.tolist(), strict=True):
        while len(corners) > 1:
            (first, start), (last, end) = corners[-2:]
            if (last - first) * (high - start) > (end - start) * (right - first):
                break
            corners.pop()  # it lies on the straight line past it, or above
        corners.append((right, high))
    return np.asarray(np.interp(at, *np.transpose(corners)), np.float64)


def _is_rectangle(area: Mask) -> bool:
    """Return whether `area` (H, W) nearly fills the part in the picture of a rectangle that may lie askew."""
    down, across = np.indices(area.shape, np.float32)
    for degrees in sorted(range(-_STEEPEST, _STEEPEST + 1, 2), key=abs):  # most sheets lie nearly straight
        angle = np.radians(np.float32(degrees))
        inside = np.ones(area.shape, np.bool_)
        for along in (across * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - across * np.sin(angle)):
            of_area = along[area]
            inside &= (along >= of_area.min()) & (along <= of_area.max())
        if area.sum() >= _RECTANGULAR * inside.sum():
            return True
    return False


def _innermost(sheets: list[Sheet]) -> Sheet | None:
    """Return the sheet that lies on all others, or the one on which several lie; None where they lie side by side."""
    left = sorted(sheets, key=lambda sheet: int(sheet.area.sum()))
    while left:
        outer = left.pop()
        on_it = [(sheet.area & outer.area).sum() >= _SAME * sheet.area.sum() for sheet in left]
        if not all(on_it):
            return None
        if len(left) != 1:
            return outer
    return None


def _cuts_writing(pixels: _Floats, sheet: Sheet) -> bool:
    """Return whether a stroke stands at the picture's edge beside `sheet`, as the first of a tight crop may.

    Either more paper lies beyond the stroke; or the stroke, no thicker than others, reaches into no corner of the
    picture, as a table, a lid and a window do.
    """
    beyond = ~dilated(sheet.area, _RIM)
    if sheet.area.mean() >= _NEARLY_ALL and beyond.any():
        alike = np.abs(pixels[beyond] - sheet.colour).max(axis=1) <= _LEAST_CONTRAST
        if alike.mean() >= _MORE_PAPER:
            return True
    beside = connected_components(~sheet.area)
    corners = beside.labels[[0, 0, -1, -1], [0, -1, 0, -1]]
    apart = beside.sizes >= _LEAST_STROKE * min(sheet.area.shape)
    apart[corners[corners > 0] - 1] = False
    return bool(apart.any() and thickness(beside.mask(apart)) <= _AS_THICK * thickness(sheet.area & ~sheet.paper))


def _written_beside(pixels: _Floats, sheet: Sheet) -> bool:
    """Return whether there is writing beside `sheet` too: then its edge is a shadow's."""
    departures = pixels[sheet.area & ~sheet.paper] - sheet.colour
    strong = departures[np.abs(departures).max(axis=1) >= np.abs(departures).max() / 2]
    direction = strong.mean(axis=0)
    strength = float(np.linalg.norm(direction))
    if strength == 0:
        return False
    direction = direction / strength
    along = np.asarray(pixels @ direction, np.float32)
    # A light pen's shadow is the negative of a dark pen's.
    extreme = WHITE * max(0.0, float(direction.sum()))
    if abs(extreme - np.median(along[~sheet.area])) < _DARKEST * abs(extreme - sheet.colour @ direction):
        return False
    thin = along - opened(along, max(3, round(_STROKE * len(along)))) >= _AS_STRONG * strength
    reach = 2 * max(2, round(_BEYOND * min(along.shape))) + 1
    beside = connected_components(thin & ~dilated(sheet.area, reach))
    whole = ~cut_by_edge(beside, along.shape)  # a lid's edge and the grain of a table run out of the picture
    across_edge = thin & ~sheet.area & ~dilated(~_without_bays(sheet.area), reach)
    across = int(across_edge.sum())
    return bool(beside.areas[whole].sum() + across >= _AS_MUCH * len(strong) or across >= _ACROSS * len(strong))


def _without_bays(area: Mask) -> Mask:
    """Return `area` (H, W) with what lies between two of its pixels in a row or a column."""
    filled = area.copy()
    for axis in (0, 1):
        after = np.logical_or.accumulate(area, axis=axis)
        before = np.flip(np.logical_or.accumulate(np.flip(area, axis), axis=axis), axis)
        filled |= after & before
    return filled
