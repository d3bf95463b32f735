"""Codes found on a mail piece -> the addressee's, read with all networks, and whether to act on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from model.classifiers.classifier import Classifier
from model.confidence.calibration import Calibration
from model.confidence.features import log_odds
from model.decision import digit_of, nothing, reading_of
from model.envelopes.choice import Choice
from model.envelopes.direction import angle_between
from model.envelopes.reading import Asked, Found, look_closely, runs_on
from model.envelopes.survey import Survey
from model.options import Options
from model.places import Box, Corner
from model.reading import Other, Reading
from model.seen import Seen
from model.strips.corners import corners_of
from model.strips.glance import glance_again
from model.strips.postal import is_listed
from model.strips.reading import StripReading, read_strip
from model.strips.sliding import SlidingNetwork
from model.types import Array

_DOUBT = 1.0  # log-odds: of two codes that differ by less, there is no telling which is the addressee's
_UNLIKELY = -3.0  # log-odds: what is less likely to be the addressee's code is none
_NO_RIVAL = -4.0  # log-odds: as unlikely as what was not found
_MENTIONED = 0.9  # the chance from which on a number found elsewhere is mentioned
_AS_A_WHOLE = 0.5  # the chance from which on a longer code is read
_OTHERS = 4  # codes found elsewhere that are told, at most
_QUARTER = 45  # degrees: writing that lies further from the way up that was asked for is not read


@dataclass(frozen=True)
class Envelope:
    """What was seen of a mail piece in a picture of this `shape`, with what is asked of it and what reads it."""

    seen: Survey
    shape: tuple[int, ...]
    asked: Options
    networks: Sequence[SlidingNetwork]
    classifier: Classifier
    choice: Choice
    calibration: Calibration

    def reading(self) -> Reading:
        """Return the reading of the addressee's code."""
        code = self._code
        network = self.networks[-1]  # fewer words look like numbers to it than to the first
        seen = look_closely(runs_on(self.seen, network, code), self.choice, network, code)
        every = sorted(((self.choice.odds(each.clues), each) for each in seen), key=lambda pair: -pair[0])
        found = [pair for pair in every if self._may_lie(pair[1].degrees)]
        if not found:
            reason = "turned" if every else "no_code" if self.seen.written else "no_ink"
            return nothing("envelope", self.asked, self.calibration, reason)
        best = _whole([each for _, each in found])
        glance = glance_again(best.glance, self.networks[0])
        strip = read_strip(glance, self.networks, self.classifier, lengths=code.lengths, codes=code.codes)
        text, chance = strip.readings[0]
        clues = replace(best.clues, certainty=log_odds(chance), listed=code.listed(text))
        odds = self.choice.odds(clues)
        reading = self._decided(best, strip, odds, [pair for pair in found if pair[1] is not best])
        return reading if found[0] is every[0] else replace(reading, decision="reject", reason="turned")

    def _decided(
        self,
        best: Found,
        strip: StripReading,
        odds: float,
        others: Sequence[tuple[float, Found]],
    ) -> Reading:
        """Return the reading of `best` by its `strip`, with its log-odds of being the addressee's, and the others'."""
        asked, (text, _) = self.asked, strip.readings[0]
        rivals = [pair for pair in others if not text.startswith(pair[1].text)]
        rival = max((other for other, _ in rivals), default=_NO_RIVAL)
        second = max((other for other, each in rivals if not each.overlaps(best)), default=_NO_RIVAL)
        evidence = replace(
            strip.evidence,
            way="envelope",
            height=strip.evidence.height * best.frame.step * best.marks.factor,
            choice=odds,
            lead=odds - rival,
        )
        reason: str | None = None
        if odds < _UNLIKELY:
            reason = "no_code"
        elif odds - second < _DOUBT:
            reason = "two_codes"
        elif asked.lengths is not None and len(text) not in asked.lengths:
            reason = "wrong_length"
        elif asked.country is not None and not is_listed(asked.country, text):
            reason = "unlisted_code"  # of another country's mail, nothing else may tell
        corners = corners_of(strip.line, [digit.box for digit in strip.digits])
        reading = reading_of(
            "envelope",
            strip.readings,
            reason,
            "low_confidence",
            tuple(digit_of(read.digit, self._box(best, read.box), read.probabilities) for read in strip.digits),
            self._within(best.marks.to_picture(best.frame.to_marks(corners))),
            evidence,
            asked,
            self.calibration,
        )
        return replace(
            reading,
            turned=round(best.degrees) % 360,
            seen=Seen(best.ink, best.ink, strip, strip.images) if asked.explain else None,
            others=tuple(
                Other(each.text, each.chance, self._within(each.corners))
                for each in _elsewhere(best, [each for _, each in others])
                if len(each.text) in self._code.lengths
            ),
        )

    @cached_property
    def _code(self) -> Asked:
        return Asked.of(self.asked.country, self.asked.lengths)

    def _may_lie(self, degrees: float) -> bool:
        return self.asked.any_way or angle_between(degrees, self.asked.degrees, 360) <= _QUARTER

    def _within(self, corners: Array) -> tuple[Corner, ...]:
        inside = np.clip(corners, 0, self.shape[1::-1])
        return tuple((float(x), float(y)) for x, y in inside)

    def _box(self, found: Found, box: tuple[int, int, int, int]) -> Box:
        """Return the upright rectangle in the picture around a digit's `box` in the frame: top, left, bottom, right."""
        top, left, bottom, right = box
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        x, y = np.array(self._within(found.marks.to_picture(found.frame.to_marks(corners)))).T
        low_x, low_y = int(x.min()), int(y.min())
        return Box(low_x, low_y, max(1, round(x.max()) - low_x), max(1, round(y.max()) - low_y))


def _elsewhere(best: Found, others: Sequence[Found]) -> list[Found]:
    """Return those of the `others` that surely are numbers, one for each place other than that of the `best`."""
    places = [best]
    for each in others:
        if each.chance >= _MENTIONED and not any(each.overlaps(place) for place in places):
            places.append(each)
    return places[1 : 1 + _OTHERS]


def _whole(found: Sequence[Found]) -> Found:
    """Return the first of those `found`, or the longer code that begins with it: a ZIP code with four more digits."""
    first = found[0]
    longer = [each for each in found if first.begins(each) and each.chance >= _AS_A_WHOLE]
    return max(longer, key=lambda each: len(each.text), default=first)
