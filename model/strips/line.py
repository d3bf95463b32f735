"""Ink map -> one line of writing: level, upright, cropped, and scaled so that digits have about the same height."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Labels, Piece, connected_components, masses, piece_of
from model.picture.quantiles import median
from model.strips.level import REACH, Level, likely_levels
from model.types import InkMap

WRITTEN = 0.15
"""Of the pen's full strength: above what shading and blur leave beside a stroke."""
_LOWEST, _HIGHEST = 24, 48  # pixels of a digit's height, between which a line is worked on
_SPECK = 0.001  # of a digit's height squared: a dot made by a pen has more ink
_LEAST_SHARE = 0.25  # of the tallest component's height: lower ones say nothing about the digits' height
_STEEPEST = 0.6  # columns a row: handwriting leans less
_SHEARS = np.linspace(-_STEEPEST, _STEEPEST, 25)
_TALL_STROKE = 0.6  # of a digit's height: lower strokes are dots, dashes, specks and parts of digits
_TALL = 0.5  # of a digit's height: a stroke as high may be a digit's, and the line may stand where it does
_POINTS = 4_000  # ink pixels that slopes are estimated from

LONGEST = 100
"""Heights of a digit: a longer line is squeezed into as many, so that time is bounded, and is not read."""


class Boxes(NamedTuple):
    """Boxes, each (n,) in pixels; bottoms and rights are exclusive."""

    tops: NDArray[np.int64]
    bottoms: NDArray[np.int64]
    lefts: NDArray[np.int64]
    rights: NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    """A line of writing, and how its pixels lie in the ink map that it came from.

    strength: (H, W) float32. height: of a digit, in pixels of the line. middle: the row through the digits' middles.
    source: (h, w) float32, the unchanged part of the ink map that the line was made from. top, left: where it lies.
    strokes: (h, w) int32, a number above 0 for each connected piece of the source's ink. scale: pixels of the line per
    pixel of the source. column_shifts: (W',), how far each column of the scaled source was moved down. row_shifts:
    (H',), how far each row of the result was then moved right. squeezed: whether it is longer than LONGEST.
    """

    strength: InkMap
    height: float
    middle: float
    source: InkMap
    strokes: Labels
    top: int
    left: int
    scale: float
    row_shifts: NDArray[np.float64]
    column_shifts: NDArray[np.int64]
    squeezed: bool = False

    @cached_property
    def stroke_boxes(self) -> Boxes:
        """The boxes of the strokes in the source; those of a number without written ink are empty."""
        rows, columns = np.nonzero(self.source > WRITTEN)
        owners, n = self.strokes[rows, columns], int(self.strokes.max()) + 1
        height, width = self.source.shape
        boxes = Boxes(np.full(n, height), np.zeros(n, np.int64), np.full(n, width), np.zeros(n, np.int64))
        np.minimum.at(boxes.tops, owners, rows)
        np.maximum.at(boxes.bottoms, owners, rows + 1)
        np.minimum.at(boxes.lefts, owners, columns)
        np.maximum.at(boxes.rights, owners, columns + 1)
        return boxes

    @cached_property
    def tall_strokes(self) -> NDArray[np.int64]:
        """The numbers of the strokes that are as high as digits and letters: others are dots, dashes and specks."""
        boxes = self.stroke_boxes
        return np.flatnonzero(boxes.bottoms - boxes.tops >= _TALL_STROKE * self.height / self.scale)

    @property
    def beyond(self) -> float:
        """The share of the ink that lies too far from the line's middle to belong to a digit of its height."""
        middles = np.arange(len(self.strength)) + 0.5 - self.middle
        ink = self.strength.sum(axis=1)
        return float(ink[np.abs(middles) > REACH * self.height].sum() / ink.sum())

    def within(self, boxes: Iterable[tuple[int, int, int, int]]) -> NDArray[np.bool_]:
        """Return which pixels of the source, (h, w), lie in `boxes` of the ink map: top, left, bottom, right."""
        inside = np.zeros(self.source.shape, np.bool_)
        for top, left, bottom, right in boxes:
            inside[top - self.top : bottom - self.top, left - self.left : right - self.left] = True
        return inside

    def moved(self, down: int, right: int) -> "Line":
        """Return the line as it lies in an ink map with so many more rows above and columns to the left."""
        return replace(self, top=self.top + down, left=self.left + right)

    def on_source(self, owners: NDArray[np.int16]) -> NDArray[np.int16]:
        """Return, for each pixel of the source, (h, w), its entry in `owners` (H, W); -1 where it has none."""
        height, width = owners.shape
        n, m = self.source.shape
        down = ((np.arange(n) + 0.5) * self.scale).astype(np.int64)[:, None]
        across = np.minimum(((np.arange(m) + 0.5) * self.scale).astype(np.int64), len(self.column_shifts) - 1)
        rows = down + self.column_shifts[across]
        inside = (rows >= 0) & (rows < height)
        rows = np.clip(rows, 0, height - 1)
        columns = np.clip(np.round(across + self.row_shifts.take(rows)).astype(np.int64), 0, width - 1)
        return np.where(inside, owners.take(rows * width + columns), np.int16(-1))


def find_line(strength: InkMap) -> Line | None:
    """Return the line of writing in `strength` (H, W); None where there is no ink. See `find_lines`."""
    return next(find_lines(strength), None)


def find_lines(strength: InkMap) -> Iterator[Line]:
    """Yield what may be the line of writing in `strength` (H, W), specks left out, the likeliest first.

    There is one, but where much stands above or below it. A stroke may be faint in part: connected ink is kept or left
    out as a whole. Only the digits' height is measured on what is clearly written.
    """
    written = connected_components(strength > WRITTEN)
    if len(written) == 0:
        return
    mass, heights = masses(written, strength), written.bottoms - written.tops
    height = _digit_height(heights, mass)
    components = connected_components(strength > 0)
    kept = masses(components, strength) >= _SPECK * height * height
    if not kept.any():
        return
    piece = piece_of(strength, components, np.flatnonzero(kept))
    n, width = piece.ink.shape
    strokes = components.labels[piece.top : piece.top + n, piece.left : piece.left + width]
    squeezed = width > LONGEST * height
    tall = np.flatnonzero(heights >= _TALL * height)
    tall = tall[np.argsort(-mass[tall], kind="stable")]
    middles = (written.tops + written.bottoms)[tall] / 2 - piece.top
    height = max(height, width / LONGEST)
    scaled, scale = _scaled(piece.ink, height)
    if not (scaled > WRITTEN).any():  # dust, which averaging removes
        return
    for level in likely_levels(*_points(scaled), height * scale, (scale * middles).tolist()):
        yield _line(scaled, height * scale, level, piece, strokes, scale, squeezed=squeezed)


def _digit_height(heights: NDArray[np.int64], mass: NDArray[np.float64]) -> float:
    """Return the height in pixels that components with a third of the ink reach or exceed, low marks left out.

    It is better too high than too low: whatever is higher than the band that is read is cut off.
    """
    counted = np.flatnonzero(heights >= _LEAST_SHARE * heights.max())
    order = counted[np.argsort(-heights[counted], kind="stable")]
    covered = np.cumsum(mass[order])
    return float(heights[order[int(np.searchsorted(covered, covered[-1] / 3))]])


def _scaled(strength: InkMap, height: float) -> tuple[InkMap, float]:
    """Return `strength` so that digits of `height` pixels are neither too high nor too low, and the scale."""
    if height > _HIGHEST:
        factor = int(np.ceil(height / _HIGHEST))
        rows, columns = (-(-n // factor) for n in strength.shape)
        padded = np.zeros((rows * factor, columns * factor), np.float32)
        padded[: strength.shape[0], : strength.shape[1]] = strength
        smaller: InkMap = padded.reshape(rows, factor, columns, factor).mean(axis=(1, 3), dtype=np.float32)
        return smaller, 1 / factor
    if height < _LOWEST:
        factor = min(4, int(np.ceil(_LOWEST / height)))
        return _enlarged(_enlarged(strength, factor).T, factor).T, factor
    return strength, 1


def _enlarged(strength: InkMap, factor: int) -> InkMap:
    """Return `strength` (n, m) with `factor` times as many rows, (n * factor, m), by linear interpolation."""
    places = np.clip((np.arange(len(strength) * factor) + 0.5) / factor - 0.5, 0, len(strength) - 1)
    above = places.astype(np.int64)
    below = np.minimum(above + 1, len(strength) - 1)
    share = (places - above).astype(np.float32)[:, None]
    return np.asarray((1 - share) * strength[above] + share * strength[below], np.float32)


def _line(
    strength: InkMap, height: float, level: Level, piece: Piece, strokes: Labels, scale: float, *, squeezed: bool
) -> Line:
    """Return `strength`, which is `piece` at `scale`, as a line that lies at `level`, made level and upright."""
    levelled, column_shifts = _moved(strength, level)
    rows, columns = _points(levelled)
    near = level.near(rows - column_shifts[columns], columns, height)
    rows, columns = rows[near], columns[near]
    slant = slant_of(rows, columns)
    n = len(levelled)
    row_shifts: NDArray[np.float64] = slant * (np.arange(n, dtype=np.float64) - (n - 1))
    row_shifts -= row_shifts.min()
    upright = _shift_rows(levelled, row_shifts)
    inked = np.flatnonzero(upright.any(axis=1))
    first, last = int(inked[0]), int(inked[-1]) + 1
    middle = median(rows) - first
    # The columns' shifts are counted from the row that is now the first.
    return Line(
        upright[first:last],
        height,
        middle,
        piece.ink,
        strokes,
        piece.top,
        piece.left,
        scale,
        row_shifts[first:last],
        column_shifts - first,
        squeezed,
    )


def _points(strength: InkMap) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns of ink pixels, evenly thinned out."""
    rows, columns = np.nonzero(strength > WRITTEN)
    step = max(1, len(rows) // _POINTS)
    return rows[::step], columns[::step]


def _moved(strength: InkMap, level: Level) -> tuple[InkMap, NDArray[np.int64]]:
    """Return `strength` (n, m) with columns moved down by whole pixels so that it is level, and the shifts."""
    n, width = strength.shape
    shifts = level.shifts(np.arange(width))
    shifts -= shifts.min()
    if not shifts.any():
        return strength, shifts
    levelled = np.zeros((n + int(shifts.max()), width), np.float32)
    places = np.arange(n)[:, None] + shifts
    levelled[places, np.arange(width)] = strength
    return levelled, shifts


def slant_of(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float:
    """Return the columns per row by which the writing must be moved to stand upright, negative to the left.

    The best shear makes the ink's columns most unlike: it has the greatest sum of squares of the vertical projection.
    Source: Bozinovic and Srihari 1989, "Off-line cursive script word recognition"; projections after Côté et al. 1998.
    """
    bottom = int(rows.max())
    shifts = np.round(_SHEARS[:, None] * np.arange(-bottom, 1)).astype(np.int64)  # of each row
    low = int(columns.min()) + int(shifts.min())
    width = int(columns.max()) + int(shifts.max()) - low + 1
    shifts += np.arange(len(_SHEARS))[:, None] * width - low
    moved = shifts.take(rows, axis=1)
    moved += columns
    projections = np.bincount(moved.ravel(), minlength=len(_SHEARS) * width).reshape(len(_SHEARS), width)
    return float(_SHEARS[int((projections**2).sum(axis=1).argmax())])


def _shift_rows(strength: InkMap, shifts: NDArray[np.float64]) -> InkMap:
    """Return `strength` with each row moved right by its shift, at least 0, interpolating between pixels."""
    whole = np.floor(shifts).astype(np.int64)
    share = (shifts - whole).astype(np.float32)[:, None]
    n, width = strength.shape
    room = int(whole.max()) + 1
    padded = np.zeros((n, width + 2 * room), np.float32)
    padded[:, room : room + width] = strength
    flat, starts = padded.ravel(), np.arange(n) * padded.shape[1]
    places = np.arange(width + room) + (starts + room - whole)[:, None]
    return np.asarray(flat.take(places) * (1 - share) + flat.take(places - 1) * share, np.float32)
