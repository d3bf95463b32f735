"""Pieces of lines -> runs of digits that may be a code: a light look by one network that slides over each piece."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from model.envelopes.cutting import Frame, cut_ink
from model.envelopes.lines import Segment
from model.envelopes.marks import Marks
from model.picture.ink import Ink
from model.strips.band import MARGIN, Band, band_of
from model.strips.line import Line, find_line
from model.strips.sliding import BLANK, STRIDE, SlidingNetwork
from model.types import SIDE, Array

_HIGH = 32.0  # pixels of a segment's height when it is looked at
_MARGIN = 0.35  # heights
_SEEN, _PERHAPS = 0.45, 0.12  # the least chance of a digit that is seen surely, and perhaps
_LEAST = 1e-4  # of a chance


@dataclass(frozen=True)
class Peak:
    """A digit that the network sees: which, how sure, and where its middle is, in columns of the looked-at frame."""

    digit: int
    chance: float
    column: float


@dataclass(frozen=True)
class Looked:
    """A segment as the network sees it one way up: the frame that was cut out, and the digits from left to right.

    height: of a digit, in columns of the frame.
    """

    segment: Segment
    frame: Frame
    height: float
    peaks: tuple[Peak, ...]
    turned: bool

    def same_as(self, other: "Looked") -> bool:
        """Return whether `other` shows the same segment, the same way up."""
        return self.segment is other.segment and self.turned == other.turned


def look_at(marks: Marks, segment: Segment, degrees: float, network: SlidingNetwork) -> Iterator[Looked]:
    """Yield what `network` sees of `segment`, which lies by `degrees`, and what it sees upside down.

    Each way up, what it sees surely comes first, and then with all that it may see, where that is more.
    """
    step = max(segment.height / _HIGH, 0.5)
    frame = Frame.around(segment.box, degrees, segment.slope, step, _MARGIN * segment.height)
    ink = cut_ink(marks, frame, segment.members)
    line = find_line(Ink(ink, 1).unlined if segment.ruled else ink)
    if line is None or line.squeezed:
        return
    band = band_of(line)
    height = line.height / line.scale
    width = band.image.shape[1]
    for turned in (False, True):
        image = np.ascontiguousarray(band.image[::-1, ::-1]) if turned else band.image
        log_chances = network.log_chances(replace(band, image=image))
        before = -1
        for least in (_SEEN, _PERHAPS):
            peaks = []
            for digit, chance, seen in _peaks(log_chances, least):
                column = _source_column(width - 1 - seen if turned else seen, line, band)
                peaks.append(Peak(digit, chance, frame.columns - column if turned else column))
            if len(peaks) != before:
                before = len(peaks)
                yield Looked(segment, frame.upside_down() if turned else frame, height, tuple(peaks), turned)


def _peaks(log_chances: NDArray[np.float64], least: float) -> Iterator[tuple[int, float, float]]:
    """Yield the digits whose chance is `least` or more: which, its chance, and the column of the band in its middle."""
    best = log_chances[:, :BLANK].argmax(axis=1)
    best[log_chances[:, :BLANK].max(axis=1) < np.log(least)] = BLANK
    changes = np.flatnonzero(np.diff(best, prepend=-1, append=-1))
    for start, end in zip(changes[:-1].tolist(), changes[1:].tolist(), strict=True):
        digit = int(best[start])
        if digit != BLANK:
            own = log_chances[start:end, digit]
            yield digit, float(np.exp(own.max())), (start + int(own.argmax())) * STRIDE + (SIDE - 1) / 2


def _source_column(column: float, line: Line, band: Band) -> float:
    """Return where a `column` of `band` lies, at digits' middles, in columns of the ink that `line` was found in."""
    middle = min(int(line.middle), len(line.row_shifts) - 1)
    return float(((column - MARGIN) / band.scale - line.row_shifts[middle]) / line.scale + line.left)


@dataclass(frozen=True)
class Run:
    """Consecutive digits that may be a code.

    text: as first seen. score: the mean log of the digits' chances. least: the least of these chances. pitch: columns
    from one digit to the next, the median. uneven: how much that varies, in pitches. before, after: the distances to
    the digits beside it, in pitches; infinite where there is none.
    """

    looked: Looked
    text: str
    columns: tuple[float, ...]
    score: float
    least: float
    pitch: float
    uneven: float
    before: float
    after: float

    @property
    def middle(self) -> Array:
        """The place of its middle, x and y in pixels of the marks."""
        frame = self.looked.frame
        place = ((self.columns[0] + self.columns[-1]) / 2, frame.rows / 2)
        return np.asarray(frame.to_marks(np.array([place]))[0])

    def overlaps(self, other: "Run") -> bool:
        """Return whether it shares ink with `other`, in the same way up."""
        return (
            self.looked.same_as(other.looked)
            and self.columns[0] <= other.columns[-1]
            and other.columns[0] <= self.columns[-1]
        )


def runs_of(looked: Looked, lengths: Collection[int]) -> Iterator[Run]:
    """Yield the runs of as many digits as a code may have."""
    peaks = looked.peaks
    columns = np.array([peak.column for peak in peaks])
    chances = np.maximum([peak.chance for peak in peaks], _LEAST)
    gaps = np.concatenate([[np.inf], np.diff(columns), [np.inf]])
    for length in lengths:
        if length > len(peaks):
            continue
        shown = sliding_window_view(chances, length)
        scores, least = np.log(shown).mean(axis=1), shown.min(axis=1)
        if length > 1:
            steps = sliding_window_view(gaps[1:-1], length - 1)
            pitches = np.maximum(1.0, np.median(steps, axis=1))
            uneven = np.abs(steps / pitches[:, None] - 1).max(axis=1)
        else:
            pitches, uneven = np.full(len(peaks), looked.height), np.zeros(len(peaks))
        before, after = gaps[: len(scores)] / pitches, gaps[length:] / pitches
        for first in range(len(scores)):
            yield Run(
                looked,
                "".join(str(peak.digit) for peak in peaks[first : first + length]),
                tuple(columns[first : first + length].tolist()),
                *(float(each[first]) for each in (scores, least, pitches, uneven, before, after)),
            )
