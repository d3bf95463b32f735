"""Picture of a mail piece -> what is written on it, and in which directions, before anything is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.envelopes.direction import angle_between, directions_of
from model.envelopes.finding import find_marks
from model.envelopes.layout import Layout, quarter_of, upright
from model.envelopes.lines import Segment, closeness, find_segments, typical_slope
from model.envelopes.marks import Marks
from model.envelopes.piece import Piece, find_piece
from model.types import Picture

_SHORTEST, _LONGEST = 1.2, 60.0  # heights of a line that a code may stand in
_MOST_LINES, _MOST_WIDTH = 70, 600.0  # lines, and heights of them all together: time is bounded
_LEAST_PIXELS = 80_000  # a smaller picture was cut out around a code
_MARKS = 4  # of a line of writing, at least: a code has as many, and so has a name
_LINE = 3.0  # heights: a line of writing is longer
_APART = 0.8  # heights between the middles of two lines
_ALIKE = 2.2  # times: between the heights of lines that one hand wrote
_AS_MANY = 0.85  # of the marks that stand in lines of the likeliest direction
_AS_MANY_OF_TABLE = 0.25  # the same where a table may be in the picture, with marks in lines of its own
_FEWEST = 1.0  # of them: fewer are no line of writing
_SAME = 10.0  # degrees: lines of nearer directions are the same
_INK = 4_000  # pixels of ink by which it is told where the stamp is
_CORNER, _BARS = 0.38, 0.92  # shares of the piece: a corner, and below it the bars that sorting machines print
_SOME = 40.0  # pixels of ink: fewer say nothing
_EVERY, _DARKEST = 3, 0.999  # rows and columns, and the share of the piece that is less dark than its strongest ink
_FAINT = 0.25  # of the strongest ink: nearly all writing on a piece is darker than that
_SHARE = 0.1  # of all ink: the lines of writing on a mail piece hold more, but for the grain beside one large number
_SPREAD, _VARIED = (0.2, 0.8), 1.25  # between these shares of a line's marks, widths of most letters differ by more
_SOLID = 0.7  # of its box: a letter has less ink, a dot or a dash more
_TALL = 0.6  # of the line's height: most letters are higher
_LONG = 3.0  # times: most letters are no more than so many times longer than wide
_LINES = 2  # a picture with as many lines is no strip


@dataclass(frozen=True)
class Written:
    """Pieces of lines among `marks`, that lie by `degrees` clockwise, or upside down."""

    marks: Marks
    degrees: float
    segments: tuple[Segment, ...]

    @cached_property
    def layout(self) -> Layout:
        return Layout.of(self.segments)


@dataclass(frozen=True)
class Survey:
    """What a picture shows: the piece, and what is written on it, in the likeliest directions first."""

    piece: Piece
    written: tuple[Written, ...]

    @property
    def lines(self) -> list[tuple[Written, Segment]]:
        """Those in which a code may stand; where there are very many, the ones in which most marks stand close."""
        chosen = [
            (written, each)
            for written in self.written
            for each in written.segments
            if _SHORTEST <= each.width <= _LONGEST
        ]
        chosen.sort(key=lambda pair: -pair[1].close)
        widths = np.cumsum([each.width for _, each in chosen[:_MOST_LINES]])
        return chosen[: int(np.searchsorted(widths, _MOST_WIDTH))]

    def postage(self, degrees: float) -> float:
        """Return how much likelier the stamp is in place, upper right, where writing at `degrees` is upright: a log.

        That is how much more ink lies there than in the opposite corner.
        """
        return self._postage[quarter_of(self.piece, degrees)]

    @cached_property
    def _postage(self) -> tuple[float, ...]:
        """By the number of quarter turns: what `postage` returns."""
        places = [each.marks.to_picture(each.marks.some(_INK)) for each in self.written]
        shares = self.piece.to_piece(np.concatenate(places)) if places else np.zeros((0, 2))
        found = []
        for quarter in range(4):
            x, y = upright(shares, quarter).T
            there = np.count_nonzero((x > 1 - _CORNER) & (y < _CORNER))
            opposite = np.count_nonzero((x < _CORNER) & (y > 1 - _CORNER) & (y < _BARS))
            found.append(float(np.log((there + _SOME) / (opposite + _SOME))))
        return tuple(found)

    @property
    def is_mail(self) -> bool:
        """Whether there is more than one line of writing."""
        return any(_lines(each) >= _LINES for each in self.written[:1])


def survey(picture: Picture) -> Survey:
    """Return what is written in `picture`, (H, W) or (H, W, 3), 0 to 255."""
    piece = find_piece(picture)
    written = [each for marks in find_marks(picture, piece) for each in _likeliest(marks, piece)]
    return Survey(piece, tuple(written))


def _likeliest(marks: Marks, piece: Piece) -> list[Written]:
    """Return what is written in those directions in which most marks stand close together, most first."""
    written = [_along(marks, each) for each in directions_of(marks, piece)]
    written.sort(key=lambda each: -closeness(each.segments))
    share = _AS_MANY_OF_TABLE if piece.whole else _AS_MANY
    least = max(share * closeness(written[0].segments), _FEWEST)
    chosen = written[:1]
    for each in written[1:]:
        apart = all(angle_between(each.degrees, other.degrees, 180) > _SAME for other in chosen)
        if apart and closeness(each.segments) >= least:
            chosen.append(each)
    return chosen


def _along(marks: Marks, degrees: float) -> Written:
    """Return what is written along `degrees`, or along the direction that its lines then show."""
    segments = find_segments(marks, marks.boxes(degrees))
    slope = typical_slope(segments)
    if slope:
        degrees = (degrees + float(np.degrees(np.arctan(slope)))) % 180
        segments = find_segments(marks, marks.boxes(degrees))
    return Written(marks, degrees, tuple(segments))


def may_be_mail(picture: Picture) -> bool:
    """Return whether `picture` is large enough to show a whole mail piece."""
    return bool(picture.shape[0] * picture.shape[1] >= _LEAST_PIXELS)


def _lines(written: Written) -> int:
    """Return how many lines of writing there are, one below the other and about as high, among the most alike.

    Lines that hold next to nothing of all the ink are a paper's grain.
    """
    ink = written.marks.ink
    long = [each for each in _writing(written) if len(each.members) >= _MARKS and each.width >= _LINE]
    most = 0
    for first in long:
        alike = [each for each in long if max(first.height, each.height) < _ALIKE * min(first.height, each.height)]
        if sum(ink[each.members].sum() for each in alike) < _SHARE * ink.sum():
            continue
        middles = np.sort([(each.box[2] + each.box[3]) / 2 for each in alike])
        most = max(most, 1 + sum(1 for gap in np.diff(middles).tolist() if gap > _APART * first.height))
    return most


def _writing(written: Written) -> Iterator[Segment]:
    """Yield the segments that look like letters.

    They are not much fainter than other ink, as a paper's grain is, and neither rows of dots nor pieces of rules.
    """
    marks = written.marks
    away = marks.paper - marks.grey
    strengths = marks.ink / marks.areas
    full = float(np.quantile(away[::_EVERY, ::_EVERY], _DARKEST))
    left, right, top, bottom = marks.boxes(written.degrees).T
    widths, heights = right - left, bottom - top
    filled = marks.areas / (widths * heights)
    for each in written.segments:
        chosen = each.members
        low, high = np.quantile(widths[chosen], _SPREAD)
        dots = high < _VARIED * low and np.median(filled[chosen]) > _SOLID
        rules = np.median(heights[chosen]) < _TALL * each.height or np.median(marks.elongations[chosen]) > _LONG
        if not dots and not rules and np.median(strengths[chosen]) > _FAINT * full:
            yield each
