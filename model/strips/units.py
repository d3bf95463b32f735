"""Pieces -> units: neighbouring pieces taken together, each with what tells a digit from half a digit and from two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.strips.line import Line
from model.strips.seams import Pieces

Features = NDArray[np.float32]

_MOST_PIECES = 8  # in one unit
_WIDEST = 1.6  # heights of a digit
_WRITTEN = 0.15  # of the pen's full strength
_SEEN_HEIGHT = 14  # pixels of a digit's height in a unit's view
VIEW = 22
"""The rows and the columns of a unit's view."""
SHAPE_FEATURES = 12
"""Numbers that describe a unit beside its two views."""
FEATURES = 2 * VIEW * VIEW + SHAPE_FEATURES


@dataclass(frozen=True)
class Units:
    """The units of a line: unit k is made of the pieces firsts[k] to ends[k] - 1.

    features: (N, FEATURES) float32, about 0 to 1: what is seen of the unit, of what stands round it, and its shape.
    """

    firsts: NDArray[np.int64]
    ends: NDArray[np.int64]
    features: Features

    def __len__(self) -> int:
        return len(self.firsts)


@dataclass(frozen=True)
class _Extents:
    """The boxes of the ink of pieces, or of units, (N,) each, in pixels, ends exclusive; an empty one has no width."""

    tops: NDArray[np.int64]
    bottoms: NDArray[np.int64]
    lefts: NDArray[np.int64]
    rights: NDArray[np.int64]
    masses: NDArray[np.float64]


def units_of(line: Line, pieces: Pieces) -> Units:
    """Return every row of neighbouring pieces that may be one digit or one mark."""
    extents = _extents(line, pieces)
    firsts, ends = _pairs(len(pieces))
    united = _united(extents, firsts, ends)
    inked = extents.masses > 0
    narrow = (united.rights - united.lefts <= _WIDEST * line.height) | (ends - firsts == 1)
    fits = narrow & inked[firsts] & inked[ends - 1]
    firsts, ends = firsts[fits], ends[fits]
    united = _united(extents, firsts, ends)
    shape = _shape(line, pieces, extents, united, firsts, ends)
    own, all_ink = _views(line, pieces, united, firsts, ends)
    n = len(firsts)
    features = np.concatenate([own.reshape(n, -1), (all_ink - own).reshape(n, -1), shape], axis=1)
    return Units(firsts, ends, features)


def _pairs(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every first piece and end (exclusive) of 1 to _MOST_PIECES among `n`, by first piece."""
    firsts = np.repeat(np.arange(n), _MOST_PIECES)
    ends = firsts + np.tile(np.arange(1, _MOST_PIECES + 1), n)
    inside = ends <= n
    return firsts[inside], ends[inside]


def _extents(line: Line, pieces: Pieces) -> _Extents:
    n = len(pieces)
    height, width = line.strength.shape
    rows, columns = np.nonzero(line.strength > _WRITTEN)
    owners = pieces.owners[rows, columns]
    tops, lefts = np.full(n, height), np.full(n, width)
    bottoms, rights = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.minimum.at(tops, owners, rows)
    np.maximum.at(bottoms, owners, rows + 1)
    np.minimum.at(lefts, owners, columns)
    np.maximum.at(rights, owners, columns + 1)
    mass = np.bincount(owners, weights=line.strength[rows, columns], minlength=n)
    return _Extents(tops, bottoms, lefts, rights, np.asarray(mass, np.float64))


def _united(extents: _Extents, firsts: NDArray[np.int64], ends: NDArray[np.int64]) -> _Extents:
    """Return the boxes of the rows of pieces from `firsts` to `ends` (exclusive)."""
    steps = np.minimum(firsts[:, None] + np.arange(_MOST_PIECES), ends[:, None] - 1)
    totals = np.concatenate([[0], np.cumsum(extents.masses)])
    return _Extents(
        extents.tops[steps].min(axis=1),
        extents.bottoms[steps].max(axis=1),
        extents.lefts[steps].min(axis=1),
        extents.rights[steps].max(axis=1),
        totals[ends] - totals[firsts],
    )


def _shape(
    line: Line,
    pieces: Pieces,
    extents: _Extents,
    united: _Extents,
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> Features:
    """Return what the views do not show well, (N, SHAPE_FEATURES): lengths as shares of a digit's height."""
    h = line.height
    before = np.maximum.accumulate(np.concatenate([[-2 * h], extents.rights]))[firsts]
    following = np.concatenate([extents.lefts, [line.strength.shape[1] + 2 * h]])
    after = np.minimum.accumulate(following[::-1])[::-1][ends]
    inner = _least_inside(pieces.prices, firsts, ends)
    columns = [
        (united.rights - united.lefts) / h,
        (united.bottoms - united.tops) / h,
        (united.tops - line.middle) / h,
        (united.bottoms - line.middle) / h,
        2 * united.masses / (h * h),
        2 * pieces.prices[firsts],
        2 * pieces.prices[ends],
        2 * inner,
        np.clip((united.lefts - before) / h, -0.5, 1),
        np.clip((after - united.rights) / h, -0.5, 1),
        (ends - firsts) / _MOST_PIECES,
        np.full(len(firsts), line.strength.shape[1] / (10 * h)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _least_inside(
    prices: NDArray[np.float32], firsts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the least price of a cut inside each unit, (N,); 0.5, more than any, where there is none."""
    inside = firsts[:, None] + np.arange(1, _MOST_PIECES)
    least = np.where(inside < ends[:, None], prices[np.minimum(inside, len(prices) - 1)], np.float32(0.5)).min(axis=1)
    return np.asarray(least, np.float32)


def _views(
    line: Line, pieces: Pieces, united: _Extents, firsts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[Features, Features]:
    """Return what is seen round each unit, each (N, VIEW, VIEW): its own ink, and all ink.

    A view is upright on the line's middle, not on the unit's, so that it shows how high and how low the unit stands.
    """
    n, width = line.strength.shape
    scale = _SEEN_HEIGHT / line.height
    seen = max(1, int(np.ceil(width * scale)))
    down = _averaging(VIEW, n, scale, line.middle - VIEW / 2 / scale)
    across = _averaging(seen, width, scale, 0.0)
    each = pieces.owners[None] == np.arange(len(pieces), dtype=np.int16)[:, None, None]
    small = down @ (each * line.strength) @ across.T
    totals = np.zeros((len(pieces) + 1, VIEW, seen + 2 * VIEW), np.float32)
    np.cumsum(small, axis=0, out=totals[1:, :, VIEW : VIEW + seen])
    centres = np.round((united.lefts + united.rights) / 2 * scale - VIEW / 2).astype(np.int64) + VIEW
    centres = np.clip(centres, 0, seen + VIEW)
    windows = np.lib.stride_tricks.sliding_window_view(totals, VIEW, axis=2)
    own = windows[ends, :, centres] - windows[firsts, :, centres]
    return own, windows[len(pieces)][:, centres].transpose(1, 0, 2)


def _averaging(n_new: int, n: int, scale: float, start: float) -> Features:
    """Return the matrix (n_new, n) that averages `n` pixels, from pixel `start` on, into new ones 1 / `scale` as large.

    Where the new ones are smaller, it interpolates.
    """
    places = (np.arange(n_new) + 0.5) / scale + start - 0.5
    spread = max(1.0, 1 / scale)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(n)) / spread) / spread
    averaging: Features = weights.astype(np.float32)
    return averaging
