"""Straight thin bars in a picture: printed lines, or the straight strokes of a pen; and how they lie to each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.types import InkMap

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]

WRITTEN = 0.06  # of the pen's full strength: forms are often printed fainter than the pen
REPEATED = 2  # others of the same length and strength: a form repeats its boxes
_ALONE = 1.4  # times the bar's own ink across it: more means that a stroke touches or crosses it
_STRONGER, _FAINTEST = 1.3, 0.15  # times a line's strength, and of the pen's: stronger ink is the pen's
_BLUR = 3  # pixels beyond a bar's thickness: blur, and rounded places
_AT_EDGE = 1  # pixels: a line that runs through the picture may fade at its edge


@dataclass(frozen=True)
class Bar:
    """A straight thin bar: in column c, from `first` to before `end`, its middle is at row start + slope * c.

    thickness: usual, in rows. level: its usual strength. ink: the usual sum of its strength across it. period: columns
    from one dash to the next; 0 where it is whole.
    """

    start: float
    slope: float
    first: int
    end: int
    thickness: int
    level: float
    ink: float
    period: float = 0.0

    @property
    def length(self) -> int:
        """Its length in columns."""
        return self.end - self.first

    @property
    def reach(self) -> int:
        """How many rows from its middle, at most, are erased with it."""
        return self.thickness + _BLUR

    def columns(self) -> Places:
        return np.arange(self.first, self.end)

    def rows(self) -> Places:
        """The row of its middle in each of its columns, rounded."""
        return np.asarray(np.rint(self.start + self.slope * self.columns()), np.int64)

    def row(self, column: float) -> float:
        """The row of its middle in `column`."""
        return self.start + self.slope * column


@dataclass(frozen=True)
class Along:
    """The ink along a bar, in each of its n columns.

    rows: (k, n) int64, the rows of the picture on both sides of the bar's middle, some outside. ink: (k, n) float32, 0
    outside. tops, ends: (n,) int64, where in `rows` the run of ink on the bar starts and ends; equal where it has none.
    """

    rows: Places
    ink: InkMap
    tops: Places
    ends: Places


def along(ink: InkMap, bar: Bar, reach: int) -> Along:
    """Return the ink (H, W) along `bar`, up to `reach` rows from its middle."""
    columns, middles = bar.columns(), bar.rows()
    rows = middles + np.arange(-reach, reach + 1)[:, None]
    # A bar is straight: no part of it lies higher or lower than both ends.
    if min(middles[0], middles[-1]) < reach or max(middles[0], middles[-1]) >= len(ink) - reach:
        inside = np.minimum(np.maximum(rows, 0), len(ink) - 1)
        band = np.where(rows == inside, ink[inside, columns], np.float32(0))
    else:
        band = ink[rows, columns]
    # With an empty row on either side, where every run ends.
    on = np.zeros((len(rows) + 2, bar.length), np.bool_)
    np.greater(band, WRITTEN, out=on[1:-1])
    # The run through the middle, or through the row above or below it, since places are rounded.
    above, middle, below = on[reach : reach + 3]
    at = reach + 1 + np.where(middle, 0, np.where(above, -1, below))
    k = np.arange(len(on))[:, None]
    tops = len(rows) + 1 - (on | (k > at))[::-1].argmin(axis=0)
    ends = (on | (k < at)).argmin(axis=0) - 1
    return Along(rows, band, np.minimum(tops, ends), ends)


def erase(ink: InkMap, bar: Bar) -> None:
    """Erase `bar` from `ink` (H, W), in place, except where it is thicker or stronger: there a stroke touches it.

    Source: Dalitz et al. 2008, "A comparative study of staff removal algorithms", the method of vertical runs.
    """
    strip = along(ink, bar, bar.reach)
    k = np.arange(len(strip.ink))[:, None]
    run = (k >= strip.tops) & (k < strip.ends)
    thin = (
        (strip.ends > strip.tops)
        & (strip.ends - strip.tops <= bar.thickness + 2)
        & ((strip.ink * run).sum(axis=0) <= _ALONE * bar.ink + WRITTEN)
    )
    # The faint edge that blur leaves on either side goes too.
    gone = (k >= strip.tops - 1) & (k <= strip.ends) & thin & (strip.rows >= 0) & (strip.rows < len(ink))
    at, columns = gone.nonzero()
    ink[strip.rows[at, columns], bar.first + columns] = 0


def beside(bar: Bar, writing: Mask, reach: int) -> Mask:
    """Return, for each of the bar's columns, whether there is `writing` (H, W) within `reach` rows of its middle."""
    rows = bar.rows()
    low = max(0, int(rows.min()) - reach)
    part = writing[low : int(rows.max()) + reach + 1, bar.first : bar.end]
    sums = np.zeros((len(part) + 1, bar.length), np.int32)
    np.cumsum(part, axis=0, out=sums[1:])
    at = np.arange(bar.length)
    above, below = (np.minimum(np.maximum(rows + edge - low, 0), len(part)) for edge in (-reach, reach + 1))
    return np.asarray(sums[below, at] > sums[above, at])


def whole(bar: Bar, side: int) -> bool:
    """Return whether `bar` runs from one side of the picture to the other, which are `side` pixels apart."""
    return bar.first <= _AT_EDGE and bar.end >= side - _AT_EDGE


def printed_like(bar: Bar, line: Bar) -> bool:
    """Return whether `bar` is no stronger and no thicker than `line`: stronger ink is the pen's."""
    return bar.level <= _STRONGER * line.level + _FAINTEST and bar.thickness <= line.thickness + 1


def alike(bar: Bar, other: Bar) -> bool:
    """Return whether two bars are as long and as thick, and of the same strength, as those of one printed form are."""
    return abs(bar.length - other.length) <= 2 and printed_like(bar, other) and printed_like(other, bar)


def repeated(bar: Bar, bars: list[Bar]) -> bool:
    """Return whether there are two others like `bar` among `bars`, which include it."""
    return sum(alike(bar, other) for other in bars) > REPEATED


def repeats(bar: Bar, other: Bar) -> bool:
    """Return whether `bar` is like `other`, and in the same row or starts where it does."""
    in_row = abs(bar.row(other.first) - other.row(other.first)) <= 2
    return alike(bar, other) and (in_row or abs(bar.first - other.first) <= 2)


def touch(bar: Bar, other: Bar) -> bool:
    """Return whether `bar` and `other`, at right angles to it, touch or cross."""
    reach = (bar.thickness + other.thickness) / 2 + 1
    column = other.row(bar.row((bar.first + bar.end) / 2))
    row = bar.row(column)
    return bool(bar.first - reach <= column <= bar.end + reach and other.first - reach <= row <= other.end + reach)


def corner(bar: Bar, end: int, other: Bar, near: float) -> bool:
    """Return whether the `end` of `bar` and an end of `other` make a corner, round or not, of at most `near` pixels."""
    at = bar.row(end)
    along, across = abs(other.row(at) - end), min(abs(other.first - at), abs(other.end - 1 - at))
    return bool(
        printed_like(bar, other)
        and max(along, across) <= near
        and abs(along - across) <= max(bar.thickness, other.thickness) / 2 + 2
    )


def abuts(bar: Bar, end: int, other: Bar) -> bool:
    """Return whether the `end` of `bar` lies on `other`."""
    at = bar.row(end)
    reach = other.thickness / 2 + 2
    return bool(
        printed_like(bar, other)
        and abs(other.row(at) - end) <= reach
        and other.first - reach <= at <= other.end + reach
    )
