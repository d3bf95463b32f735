"""Picture of a mail piece -> the codes that stand on it: the stages of this folder in order, each result kept."""

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.confidence.features import log_odds
from model.envelopes.choice import Choice, Clues
from model.envelopes.cutting import Frame, cut_ink, marks_within
from model.envelopes.direction import angle_between
from model.envelopes.layout import upright_share
from model.envelopes.marks import Marks
from model.envelopes.spotting import Run, look_at, runs_of
from model.envelopes.survey import Survey, Written
from model.picture.ink import Ink
from model.strips.candidates import weighed
from model.strips.corners import corners_of
from model.strips.glance import Glance, glance_at
from model.strips.postal import TOWN_FIRST, has, listed_codes
from model.strips.sliding import SlidingNetwork
from model.types import Array

_MOST_RUNS = 250  # the surest, of which it is looked where they stand: time is bounded
_READ = 5  # runs that are read with all networks, at most
_BEHIND = 7.0  # log-odds at first sight: a run that is so far behind the best is not read
_SAME_INK = 2  # runs that share digits, of which so many are read
_SURE = 0.9  # the chance of a number by which another one is placed
_SAME_WAY = 45.0  # degrees
_HIGH = 40.0  # pixels of a digit when its code is read
_BESIDE = 0.75  # pitches around the middles of the outer digits: their ink ends there


@dataclass(frozen=True)
class Asked:
    """What a code is. lengths: its numbers of digits. codes: those in use, ascending; None where unknown.

    town_after: whether the town's name stands behind the code, as in most countries.
    """

    lengths: Collection[int]
    codes: Sequence[str] | None
    town_after: bool = True

    @classmethod
    def of(cls, country: str | None, lengths: Collection[int] | None) -> "Asked":
        """Return what a code of `country` is, with one of these `lengths`; None where unknown."""
        codes = listed_codes(country) if country else None
        return cls(lengths or frozenset(), codes, town_after=country not in TOWN_FIRST)

    def listed(self, text: str) -> bool:
        return len(text) in self.lengths and (self.codes is None or has(self.codes, text))


@dataclass(frozen=True)
class Placed:
    """A run of digits and what is seen of it at first sight. degrees: by how many it lies clockwise, 0 to 360."""

    written: Written
    degrees: float
    clues: Clues


@dataclass(frozen=True)
class Found:
    """A run of digits as it looks at first sight.

    degrees: by how many it lies clockwise, 0 to 360. text: its likeliest reading. chance: of that. corners: (4, 2), of
    its ink, in pixels of the picture.
    """

    degrees: float
    text: str
    chance: float
    marks: Marks
    frame: Frame
    ink: Ink
    glance: Glance
    corners: Array
    clues: Clues

    def begins(self, other: "Found") -> bool:
        """Return whether `other` is longer, and begins with the same digits in the same place."""
        run, longer = self.clues.run, other.clues.run
        return (
            run.looked.same_as(longer.looked)
            and len(other.text) > len(self.text)
            and other.text.startswith(self.text)
            and abs(run.columns[0] - longer.columns[0]) < run.pitch
        )

    def overlaps(self, other: "Found") -> bool:
        """Return whether both stand in the same place: the middle of one lies within the other, or nearly."""
        near = np.linalg.norm(self.corners.mean(axis=0) - other.corners.mean(axis=0))
        sizes = [np.linalg.norm(each.corners[1] - each.corners[0]) for each in (self, other)]
        return bool(near < max(sizes) / 2)


def runs_on(seen: Survey, network: SlidingNetwork, asked: Asked) -> list[Placed]:
    """Return the runs of digits on the piece that was `seen` that are as long as a code, as `network` sees them."""
    runs: dict[tuple[int, bool, tuple[float, ...]], tuple[Written, Run]] = {}
    for number, (written, segment) in enumerate(seen.lines):
        for looked in look_at(written.marks, segment, written.degrees, network):
            for run in runs_of(looked, asked.lengths):  # what was seen surely is seen once more with all the rest
                runs.setdefault((number, looked.turned, run.columns), (written, run))
    surest = heapq.nlargest(_MOST_RUNS, runs.values(), key=lambda pair: pair[1].score)
    return [_placed(seen, written, run, asked) for written, run in surest]


def look_closely(runs: Sequence[Placed], choice: Choice, network: SlidingNetwork, asked: Asked) -> list[Found]:
    """Return what `network` sees of those of the `runs` that are promising by the `choice`, in no order."""
    closely = [_found(each, network, asked) for each in _promising(runs, choice)]
    found = [each for each in closely if each is not None]
    return [replace(each, clues=replace(each.clues, lower=_lower(each, found))) for each in found]


def _placed(seen: Survey, written: Written, run: Run, asked: Asked) -> Placed:
    looked, frame = run.looked, run.looked.frame
    degrees = float(np.degrees(np.arctan2(frame.along[1], frame.along[0]))) % 360
    height = looked.height * frame.step
    middle = frame.rows / 2
    left, right = run.columns[0] - looked.height / 2, run.columns[-1] + looked.height / 2
    corners = frame.to_marks(np.array([(left, middle), (right, middle)]))
    share = upright_share(seen.piece, written.marks.to_picture(corners).mean(axis=0), degrees)
    box = _box(corners, written.degrees, height)
    place = written.layout.place(box, height, share, seen.postage(degrees), turned=looked.turned)
    return Placed(written, degrees, Clues(run, place, asked.listed(run.text), asked.town_after))


def _promising(runs: Sequence[Placed], choice: Choice) -> list[Placed]:
    """Return the runs that are worth a closer look: the best of those that share digits, and the best of these."""
    odds = [choice.first_odds(each.clues) for each in runs]
    chosen: list[Placed] = []
    for number in sorted(range(len(runs)), key=lambda number: -odds[number]):
        each = runs[number]
        if chosen and (len(chosen) == _READ or odds[number] < max(odds) - _BEHIND):
            break
        if sum(other.clues.run.overlaps(each.clues.run) for other in chosen) < _SAME_INK:
            chosen.append(each)
    return chosen


def _found(placed: Placed, network: SlidingNetwork, asked: Asked) -> Found | None:
    """Return the run as it looks cut out of the picture's own pixels; None where nothing is left of it."""
    run, looked, marks = placed.clues.run, placed.clues.run.looked, placed.written.marks
    frame, columns = looked.frame, run.columns
    pitch = max(run.pitch, 0.5 * looked.height)
    left = columns[0] - min(_BESIDE, max(0.5, run.before / 2)) * pitch
    right = columns[-1] + min(_BESIDE, max(0.5, run.after / 2)) * pitch
    chosen = marks_within(marks, frame, left, right, columns)
    if len(chosen) == 0:
        return None
    cut = frame.part(left, right, max(looked.height * frame.step / _HIGH, 1 / marks.factor))
    ink = Ink(cut_ink(marks, cut, chosen), 1)
    glance = glance_at(ink.unlined, network)
    if glance is None:
        return None
    text, chance = next(each for each in weighed(glance.look.strings, asked.lengths, asked.codes) if each[0])
    line = glance.line
    height, width = line.source.shape
    corners = cut.to_marks(corners_of(line, [(line.top, line.left, line.top + height, line.left + width)]))
    clues = replace(
        placed.clues,
        listed=asked.listed(text),
        certainty=log_odds(chance),
        unasked=log_odds(glance.look.strings.get(text, 0.0)),
    )
    return Found(placed.degrees, text, chance, marks, cut, ink, glance, marks.to_picture(corners), clues)


def _lower(found: Found, every: Sequence[Found]) -> int:
    """Return 1 where a sure number stands above what is `found`, less 1 where one stands below it, as one reads it."""
    across = np.radians(found.degrees)
    down = np.array([-np.sin(across), np.cos(across)])
    lower = 0
    for other in every:
        alike = angle_between(other.degrees, found.degrees, 360) < _SAME_WAY
        if alike and other.chance >= _SURE and not other.overlaps(found):
            lower += 1 if float((found.corners - other.corners).mean(axis=0) @ down) > 0 else -1
    return int(np.sign(lower))


def _box(points: Array, degrees: float, height: float) -> tuple[float, float, float, float]:
    """Return u0, u1, v0, v1 in axes turned by `degrees` around a line between two `points` (2, 2), `height` high."""
    angle = np.radians(degrees)
    u = points @ np.array([np.cos(angle), np.sin(angle)])
    v = points @ np.array([-np.sin(angle), np.cos(angle)])
    return float(u.min()), float(u.max()), float(v.mean() - height / 2), float(v.mean() + height / 2)
