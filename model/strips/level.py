"""Ink -> how its line of writing may lie: its slope, and where it stands among marks above and below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.quantiles import median

REACH = 0.7
"""Heights of a digit: what lies further from the line's middle is not in the band that is read."""
_LEVEL_FROM = 2.0  # heights of a digit: the slope of a shorter line comes from its digits' shapes
_MOST_SLOPE = 0.12  # rows a column: 7 degrees
_SLOPES = np.linspace(-_MOST_SLOPE, _MOST_SLOPE, 13)
_MOST_BEYOND = 0.1  # of the ink's pixels: where more lies beyond the band, its middle is sought by trial
_OTHERS = 3  # places that are tried beside the fullest
_APART = 0.3  # heights of a digit: places that are nearer to each other are one

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """How a line lies. slope: rows a column. middle: the row of its middle in column 0; None where all ink tells it."""

    slope: float
    middle: float | None = None

    def shifts(self, columns: Whole) -> Whole:
        """Return how many rows each of `columns` must be moved down so that the line is level."""
        return np.round(-self.slope * columns).astype(np.int64)

    def near(self, rows: Whole, columns: Whole, height: float) -> NDArray[np.bool_]:
        """Return which of the pixels at `rows` and `columns`, (N,), lie in the line, its digits being `height` high."""
        if self.middle is None:
            return np.ones(len(rows), np.bool_)
        return np.asarray(np.abs(rows + self.shifts(columns) - self.middle) <= REACH * height)


def likely_levels(rows: Whole, columns: Whole, height: float, strokes: Sequence[float]) -> Iterator[Level]:
    """Yield how a line of digits `height` pixels high may lie, the likeliest first.

    rows, columns: (N,), the ink's pixels. strokes: the middle rows of strokes as high as digits, those with most ink
    first. Where much ink lies above or below, the line is the fullest band, or a band that a high stroke stands in.
    """
    whole = Level(_slope(rows, columns, height))
    levelled = rows + whole.shifts(columns)
    if np.mean(np.abs(levelled - median(levelled)) > REACH * height) <= _MOST_BEYOND:
        yield whole
        return
    fullest, at_column_0 = _fullest(rows, columns, 2 * REACH * height)
    yield Level(fullest, at_column_0)
    tried = [at_column_0 + fullest * float(columns.mean())]
    for middle in strokes:
        level = Level(0.0, middle)
        # Averaging may have removed all of a thin faint stroke.
        inked = level.near(rows, columns, height).any()
        if inked and min(abs(middle - each) for each in tried) > _APART * height:
            yield level
            tried.append(middle)
        if len(tried) > _OTHERS:
            return


def _slope(rows: Whole, columns: Whole, height: float) -> float:
    """Return how far a line of digits of `height` falls, rows a column, by its ink's pixels."""
    across = columns - columns.mean()
    spread = float(across @ across) / len(across)
    # Long enough that the slope is the line's and not that of its digits.
    trust = spread / (spread + (_LEVEL_FROM * height) ** 2 / 12)
    slope = float(across @ rows) / (len(across) - 1) / spread * trust if spread else 0.0
    return float(np.clip(slope, -_MOST_SLOPE, _MOST_SLOPE))


def _fullest(rows: Whole, columns: Whole, room: float) -> tuple[float, float]:
    """Return the slope of the straight band, `room` rows high, that holds most of the ink's pixels, and its middle.

    The middle is that in column 0.
    """
    best, most, high = (0.0, 0.0), -1, int(room)
    for slope in sorted(_SLOPES.tolist(), key=abs):  # as level as possible
        level = np.floor(rows - slope * columns).astype(np.int64)
        first = int(level.min())
        held = np.cumsum(np.bincount(level - first, minlength=high + 1))
        held[high:] -= held[:-high].copy()
        last = int(held.argmax())
        if held[last] > most:
            best, most = (slope, first + last + 1 - room / 2), int(held[last])
    return best
