"""Rings of one size in a row, a digit in each: where they are, also where they touch each other or a digit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Components, Mask, connected_components, cut_by_edge
from model.picture.quantiles import median

_Floats = NDArray[np.float64]

_LEAST_SIDE = 8  # pixels: nothing that can be read stands in a smaller ring
_LEAST_INSIDE = 0.36  # of a ring's height: a dotted 0 has a smaller dot
_MOST = 64  # components that are looked at, the largest first, so that time is bounded
_FEWEST = 2  # rings: fewer are no row
_ALIKE = 0.1  # of their height or width
_ROUND = 0.87  # of the box: an ellipse fills 0.79, and the boxes of a form are left to those who know them
_DIRECTIONS = 72
_COVERED = 0.9  # of the directions: a digit may hide a little of its ring
_ASKEW = 0.08  # of the height: so far a ring may lie from the line through the others
_APART = 0.85  # of the width: rings that touch are a whole one apart
_EDGE = 1.3  # pixels on either side of a ring: places are rounded, and blur widens it
_BEYOND = 1.5  # pixels further in: ink there is a stroke that touches the ring


@dataclass(frozen=True)
class _Ring:
    """The ring that is repeated: the radius of its inside in each direction (_DIRECTIONS,), and its thickness."""

    inside: _Floats
    thickness: float
    height: float
    width: float


def rings_in_row(inked: Mask, components: Components) -> Mask | None:
    """Return which of the `inked` pixels (H, W) are those of rings in a row; None where there is no row.

    Of one ring at least, nothing touches the inside: it shows how large and how thick the others are. Those are sought
    along the row. Where a stroke touches a ring, the ring stays.
    """
    if not _any_enclosed(components):
        return None
    holes = _holes(inked)
    clean = _alike(holes)
    if len(clean) == 0:
        return None
    middles = np.stack([holes.tops + holes.bottoms - 1, holes.lefts + holes.rights - 1], axis=1)[clean] / 2
    ring = _repeated(inked, holes, clean, middles)
    middles = _row(inked, ring, middles)
    if len(middles) < _FEWEST:
        return None
    return _on_rings(inked, ring, middles)


def _any_enclosed(components: Components) -> bool:
    """Return whether one of the `components` stands within the box of another, and is high enough to be its digit."""
    largest = np.argsort(-components.areas, kind="stable")[:_MOST]
    top, bottom, left, right = (
        each[largest] for each in (components.tops, components.bottoms, components.lefts, components.rights)
    )
    within = (
        (top > top[:, None])
        & (bottom < bottom[:, None])
        & (left > left[:, None])
        & (right < right[:, None])
        & (bottom - top >= _LEAST_INSIDE * (bottom - top)[:, None])
    )
    return bool(within.any())


def _holes(inked: Mask) -> Components:
    """Return the areas that ink encloses in `inked` (H, W)."""
    closed = inked.copy()
    closed[:, 1:] |= inked[:, :-1]  # so that no way leads through where ink touches at corners alone
    return connected_components(~np.pad(closed, 1))


def _alike(holes: Components) -> NDArray[np.int64]:
    """Return the numbers of the round `holes` of one size that something stands in, those of the commonest size."""
    heights, widths = holes.bottoms - holes.tops, holes.rights - holes.lefts
    shape = (int(holes.bottoms.max()), int(holes.rights.max()))
    large = (np.minimum(heights, widths) >= _LEAST_SIDE) & ~cut_by_edge(holes, shape)
    found = [number for number in np.flatnonzero(large) if _holds_digit(holes, number)]
    if not found:
        return np.zeros(0, np.int64)
    numbers = np.array(found)
    high, wide = heights[numbers], widths[numbers]
    same = (np.abs(high - high[:, None]) <= np.maximum(1, _ALIKE * high)) & (
        np.abs(wide - wide[:, None]) <= np.maximum(1, _ALIKE * wide)
    )
    return np.asarray(numbers[same[int(same.sum(axis=1).argmax())]])


def _holds_digit(holes: Components, number: np.int64) -> bool:
    """Return whether the hole of this `number` is round, and something as high as a digit stands in it by itself."""
    box = np.s_[holes.tops[number] : holes.bottoms[number], holes.lefts[number] : holes.rights[number]]
    others = connected_components(holes.labels[box] != number + 1)
    inside = ~cut_by_edge(others, holes.labels[box].shape)
    heights = (others.bottoms - others.tops)[inside]
    filled = holes.areas[number] + others.areas[inside].sum()
    height, width = holes.labels[box].shape
    return bool(heights.max(initial=0) >= _LEAST_INSIDE * height and filled <= _ROUND * height * width)


def _repeated(inked: Mask, holes: Components, clean: NDArray[np.int64], middles: _Floats) -> _Ring:
    """Return the ring around the `clean` holes, whose `middles` are (n, 2): row and column."""
    radii = np.zeros((len(clean), _DIRECTIONS))
    for of_one, number, (row, column) in zip(radii, clean, middles, strict=True):
        hole = holes.labels == number + 1
        hole[:, :-1] |= hole[:, 1:] & ~np.pad(inked, 1)[:, :-1]  # what closing it took away
        y, x = np.nonzero(hole)
        np.maximum.at(of_one, directions_of(y - row, x - column, _DIRECTIONS), np.hypot(y - row, x - column))
    inside = np.median(radii, axis=0)
    height, width = (median(each[clean]) for each in (holes.bottoms - holes.tops, holes.rights - holes.lefts))
    steps = np.arange(1, 1 + max(2, int(height // 4)))
    lengths = []
    for row, column in middles - 1:  # the holes lie in a picture with a pixel around it
        ray = inked[_places(inked, row, column, inside[:, None] + steps)]
        lengths.append(np.where(ray.all(axis=1), len(steps), ray.argmin(axis=1)))
    return _Ring(inside, max(1.0, median(np.concatenate(lengths))), height, width)


def _row(inked: Mask, ring: _Ring, middles: _Floats) -> _Floats:
    """Return the middles (n, 2) of all rings along the row of the clean ones, whose `middles` are (m, 2)."""
    middles = middles - 1
    across = middles[:, 1] - middles[:, 1].mean()
    slope = float(across @ middles[:, 0] / (across @ across)) if across.any() else 0.0
    columns = np.arange(inked.shape[1])
    reach = max(1, round(_ASKEW * ring.height))
    places, covers = [], []
    for off in range(-reach, reach + 1):
        rows = middles[:, 0].mean() + slope * (columns - middles[:, 1].mean()) + off
        radii = ring.inside + ring.thickness / 2
        met = np.zeros((len(columns), _DIRECTIONS), np.bool_)
        for wider in (-1, 0, 1):
            met |= inked[_places(inked, rows[:, None], columns[:, None], radii + wider)]
        places.append(np.stack([rows, columns], axis=1))
        covers.append(met.mean(axis=1))
    at, cover = np.concatenate(places), np.concatenate(covers)
    found: list[_Floats] = []
    for number in np.argsort(-cover, kind="stable"):
        if cover[number] < _COVERED:
            break
        if all(abs(at[number, 1] - other[1]) >= _APART * ring.width for other in found):
            found.append(at[number])
    return np.array(found)


def _on_rings(inked: Mask, ring: _Ring, middles: _Floats) -> Mask:
    """Return which `inked` pixels (H, W) lie on the rings at `middles` (n, 2), except where a stroke touches them."""
    y, x = np.nonzero(inked)
    on, near, touched = (np.zeros(len(y), np.bool_) for _ in range(3))
    turns = (np.arange(_DIRECTIONS) + 0.5) / _DIRECTIONS
    for row, column in middles:
        directions = directions_of(y - row, x - column, _DIRECTIONS)
        inside = np.interp(_turns(y - row, x - column), turns, ring.inside, period=1)
        beyond = np.hypot(y - row, x - column) - inside
        mine = (beyond > -_EDGE) & (beyond <= ring.thickness + _EDGE)
        stroke = np.zeros(_DIRECTIONS, np.bool_)
        stroke[directions[(beyond <= -_EDGE) & (beyond > -_EDGE - _BEYOND)]] = True
        on |= mine
        near |= (beyond > -_EDGE - _BEYOND) & (beyond <= ring.thickness + _EDGE + _BEYOND)
        touched |= mine & stroke[directions]
    erased = np.zeros_like(inked)
    erased[y[on & ~touched], x[on & ~touched]] = True
    # What is left of the ring by itself is no stroke.
    left = connected_components(inked & ~erased)
    elsewhere = np.zeros(len(left) + 1, np.bool_)
    elsewhere[left.labels[y[~near], x[~near]]] = True
    return erased | left.mask(~elsewhere[1:])


def _places(
    inked: Mask, row: float | _Floats, column: float | NDArray[np.integer], radii: _Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Return the rows and columns of `inked` (H, W) at `radii` (_DIRECTIONS, …) from a middle, kept in the picture."""
    turns = ((np.arange(_DIRECTIONS) + 0.5) / _DIRECTIONS - 0.5) * 2 * np.pi
    if radii.ndim == 2:
        turns = turns[:, None]
    y, x = np.rint(row + radii * np.sin(turns)), np.rint(column + radii * np.cos(turns))
    return np.clip(y, 0, len(inked) - 1).astype(np.int64), np.clip(x, 0, inked.shape[1] - 1).astype(np.int64)


def directions_of(down: _Floats, across: _Floats, count: int) -> NDArray[np.int64]:
    """Return which of `count` directions, 0 to count - 1, each of the places (n,) lies in."""
    return np.asarray((_turns(down, across) * count).astype(np.int64) % count)


def _turns(down: _Floats, across: _Floats) -> _Floats:
    """Return the angle of each of the places, as a share of a whole turn."""
    return np.asarray(np.arctan2(down, across) / (2 * np.pi) + 0.5)
