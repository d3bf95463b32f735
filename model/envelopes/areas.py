"""Picture -> the convex hulls of the large areas in it that may be a mail piece."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Mask, connected_components

_Floats = NDArray[np.float32]
_Doubles = NDArray[np.float64]

_EDGES = (6.0, 15.0)  # of 255: steps between neighbours from which on there is an edge, on paper or table
_MOST_AREAS = 5  # that are looked at for each of these, the largest first, so that time is bounded
_MOST_SHADED = 4  # of them, that may be parts of one
_LEAST_AREA = 0.03  # of the picture: half a piece, of which the writing and the edges are taken off
LEAST_PIECE = 0.08
"""Of the picture: a smaller one is no mail piece that someone has taken a picture of."""
WHOLE = 0.97
"""Of the picture: a piece this large has no surroundings."""
_ALIKE = 1.5  # sampled pixels: hulls that differ by less are one
_CONVEX = 0.75  # of its convex hull: writing and stamps at the edge take off less, a table around a piece more


def hulls_of_areas(sample: _Floats) -> Iterator[_Doubles]:
    """Yield the convex hulls of what may be a piece in `sample` (H, W, C), each once."""
    known: list[_Doubles] = []
    for area in _areas(sample):
        if area[:: len(area) - 1, :: area.shape[1] - 1].all():  # it surrounds everything else
            continue
        rows, columns = _extents(area), _extents(area.T)
        spanned = min(float((ends - starts).sum()) for _, starts, ends in (rows, columns))
        if spanned < LEAST_PIECE * area.size:
            continue
        hull = _convex_hull(*rows)
        covered = polygon_area(hull)
        if covered > WHOLE * area.size or spanned < _CONVEX * covered:
            continue
        box = np.array([*hull.min(axis=0), *hull.max(axis=0), np.sqrt(covered)])
        if all(np.abs(box - other).max() > _ALIKE for other in known):
            known.append(box)
            yield hull


def _areas(sample: _Floats) -> Iterator[Mask]:
    """Yield masks (H, W) of what may be a piece, or the paper of one, in `sample` (H, W, C).

    They are the large areas without edges inside, what lies between these (a piece with all that is on it, where the
    table is smooth), and pairs of them (a piece on which a shadow ends).
    """
    planes = list(np.ascontiguousarray(np.moveaxis(sample, 2, 0)))  # several times as fast as the greatest of three
    down, across = (np.maximum.reduce([np.abs(np.diff(plane, axis=axis)) for plane in planes]) for axis in (0, 1))
    for most in _EDGES:
        smooth = np.ones(sample.shape[:2], np.bool_)
        for steps, before, after in ((down, smooth[:-1], smooth[1:]), (across, smooth[:, :-1], smooth[:, 1:])):
            before &= steps <= most
            after &= steps <= most
        large = list(_largest(smooth))
        for i, area in enumerate(large):
            yield area
            yield from (area | other for other in large[: i if i < _MOST_SHADED else 0])
        if large:
            yield from _largest(~large[0])


def _largest(mask: Mask) -> Iterator[Mask]:
    """Yield the largest components of `mask` (H, W)."""
    areas = connected_components(mask)
    for k in np.argsort(-areas.areas, kind="stable")[:_MOST_AREAS]:
        if areas.areas[k] >= _LEAST_AREA * mask.size:
            yield areas.labels == k + 1


def _extents(area: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of `area` (H, W) that are not empty, and where each starts and ends (exclusive)."""
    rows = np.flatnonzero(area.any(axis=1))
    return rows, area[rows].argmax(axis=1), area.shape[1] - area[rows, ::-1].argmax(axis=1)


def _convex_hull(rows: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> _Doubles:
    """Return the corners (N, 2), x and y, clockwise as one sees it, of the convex hull of these extents of rows."""
    right, left = _chain(rows, ends), _chain(rows, -starts) * (-1, 1)
    return np.concatenate([right, left[::-1]])


def _chain(rows: NDArray[np.int64], reached: NDArray[np.int64]) -> _Doubles:
    """Return the corners (N, 2) of the convex line to the right of rows that reach to `reached`, from the top down."""
    points = np.stack([np.concatenate([reached, reached]), np.concatenate([rows, rows + 1])], axis=1)
    points = points[np.lexsort((points[:, 0], points[:, 1]))].astype(np.float64)
    outermost = np.append(points[1:, 1] != points[:-1, 1], True)
    points = points[outermost]
    while len(points) > 2:
        # A corner of the hull lies beyond the straight line between any two others, so none of them is lost.
        before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
        convex = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] > 0
        if convex.all():
            break
        points = points[np.concatenate([[True], convex, [True]])]
    return np.asarray(points, np.float64)


def polygon_area(corners: _Doubles) -> float:
    """Return the area of the polygon `corners` (N, 2)."""
    x, y = corners.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def inside_polygon(corners: _Doubles, shape: tuple[int, ...]) -> Mask:
    """Return which pixels (H, W) have their middle in the convex polygon of `corners` (N, 2), clockwise."""
    y, x = np.arange(shape[0])[:, None] + 0.5, np.arange(shape[1])[None] + 0.5
    low, high = np.zeros((shape[0], 1)), np.full((shape[0], 1), float(shape[1]))
    inside = np.ones(shape[:1], np.bool_)[:, None]
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 == y0:
            inside = inside & ((x1 - x0) * (y - y0) >= 0)
            continue
        at = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        if y1 > y0:  # a right side leads down
            high = np.minimum(high, at)
        else:
            low = np.maximum(low, at)
    return np.asarray(inside & (x >= low) & (x <= high))
