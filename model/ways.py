"""Which way up a strip is read: as it is said to lie, or another way up where it reads better."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.classifiers.classifier import Classifier
from model.confidence.calibration import Calibration
from model.confidence.features import log_odds
from model.decision import strip_reading
from model.engine.network import Network
from model.options import Options
from model.picture.ink import Ink
from model.reading import Reading
from model.seen import Seen
from model.strips.candidates import weighed, weight_of
from model.strips.glance import Glance, Look, surest_glance, upside_down_look
from model.strips.line import Line
from model.strips.postal import listed_codes
from model.strips.reading import StripReading, read_strip
from model.strips.sliding import SlidingNetwork
from model.strips.two_lines import holds_two
from model.strips.upright import odds
from model.turning import Turn

# What tells one way up from another: a logistic regression of the differences between codes read upright and upside
# down, drawn with MNIST's validation digits. Shapes count twice: the other way up has the same with the other sign.
_SHAPES, _CHANCE, _LEAST_LOOK, _LEAST_DIGIT, _DIGIT_CHANCE = 0.42, 0.18, 0.38, 0.42, 0.14
_LEFT_OUT, _UNFIT = 6.0, 7.0  # log-odds: against a reading of a part of the ink, and of what was not asked for
_DIGIT = 3.0  # log-odds: no digit alone says more of which way up it is
_LEAST = 1e-4  # of a chance: smaller ones are alike
_FIRST_LOOK = 0.4  # the weight of the first looks' log-odds, before a line is read upside down
_CONTENDS = 3.5  # log-odds by shapes and first looks, below which an accepted line is read upside down too
_AS_LIKELY = 1.0  # log-odds: of two ways up that differ by less, none is better
_CODE = 4  # digits: a shorter number tells little of the way up, and is taken as it is said to lie
_AS_LIKELY_DIGIT = 3.0  # the same of a single digit: its confidence is all that tells
_BETTER = 0.5  # of another way's confidence: a strip is refused for it even if it would be refused as it lies
_TALL, _VERY_TALL = 1.2, 1.5  # times a line's width: a higher line may lie sideways
_BEYOND = 0.1  # of the ink: less lies beside a single digit that is higher than wide


@dataclass(frozen=True)
class Way:
    """A strip read one way up.

    upright: the log-odds, by their shapes, that digits of it are not upside down. expected: the log of how much
    likelier mail makes its text than if all codes were alike.
    """

    strip: StripReading | None
    reading: Reading
    upright: tuple[float, ...] = ()
    expected: float = 0.0

    @property
    def shapes(self) -> float:
        """The log-odds, by all digits' shapes, that it is not upside down."""
        return float(np.clip(self.upright, -_DIGIT, _DIGIT).sum())

    @property
    def score(self) -> float:
        """How surely it reads this way up: the difference of two scores is the log-odds of one against the other."""
        if self.strip is None:
            return -math.inf
        seen = self.strip.evidence
        return (
            _SHAPES * self.shapes
            + _CHANCE * log_odds(seen.chance)
            + _LEAST_LOOK * math.log(seen.least_look + _LEAST)
            + _LEAST_DIGIT * log_odds(seen.least_digit)
            - _DIGIT_CHANCE * math.log(1 - seen.digit_chance + _LEAST)
            - _LEFT_OUT * self.strip.line.beyond
            - _UNFIT * (self.reading.reason in {"no_code", "wrong_length"})
            + self.expected
        )


@dataclass(frozen=True)
class Strip:
    """The ink of a strip, which may be read any way up, with what is asked of it and what reads it.

    ink: with a ring around it, if there is one. shape: of the picture that was sent. upright: tells digits from those
    upside down.
    """

    ink: Ink
    shape: tuple[int, ...]
    asked: Options
    networks: Sequence[SlidingNetwork]
    classifier: Classifier
    upright: Network
    calibration: Calibration

    def glance(self, further: int = 0) -> Glance | None:
        """Return a first look at the line, turned by `further` degrees from how it is said to lie; None without ink."""
        return surest_glance(self._turn(further).ink(self.ink.inside_ring), self.networks[0])

    def read(self, glance: Glance | None, further: int = 0) -> Way:
        """Return what the line says, turned by `further` degrees, of which `glance` is the first look."""
        turn, strip, shapes, two = self._turn(further), None, (), False
        if glance is not None:
            lengths, codes = self.asked.lengths, self._codes()
            strip = read_strip(glance, self.networks, self.classifier, lengths=lengths, codes=codes)
            two = holds_two(strip.line, self.networks[0])
            images = [each.image for each in strip.apart]
            shapes = tuple(odds(np.stack(images), self.upright).tolist()) if images else ()
        ink, shape = turn.ink(self.ink.inside_ring), turn.upright_shape
        reading = strip_reading(strip, self.ink, ink, shape, self.asked, self.calibration, two_lines=two)
        if strip is not None and self.asked.explain:
            reading = replace(reading, seen=Seen(turn.ink(self.ink), ink, strip, strip.images))
        return Way(strip, turn.as_sent(reading), shapes, self._expected(reading.text))

    def settled(self, glance: Glance | None, first: Way) -> Reading:
        """Return the reading of the strip, `first` as it is said to lie, refused where it may lie another way up."""
        if glance is None:
            return first.reading
        ways = [first]
        if len(first.reading.text) > 1 or self.asked.turned == "auto":  # a 6 alone is no 9 unless somebody says so
            ways += self._upside_down(glance, first, 180)
        sideways = self.glance(90) if _may_lie_sideways(glance.line) else None
        if sideways is not None:
            ways.append(self.read(sideways, 90))
            ways += self._upside_down(sideways, ways[-1], 270)
        best = max(ways, key=lambda way: way.score)
        chosen = best if self.asked.turned == "auto" else first
        others = [way.score for way in ways if way.reading.text != chosen.reading.text]
        lead = chosen.score - max(others, default=-math.inf)
        better = lead <= -_AS_LIKELY and best.reading.confidence >= _BETTER
        doubted = self.asked.turned == "auto" or len(chosen.reading.text) >= _CODE
        if lead >= (_AS_LIKELY if doubted else -_AS_LIKELY) or not (better or chosen.reading.decision == "accept"):
            return chosen.reading
        found = best.reading if better else chosen.reading
        if found.reason == "two_lines":  # whichever way they lie
            return replace(chosen.reading, decision="reject", reason="two_lines")
        return replace(found, decision="reject", reason="turned")

    def _upside_down(self, glance: Glance, way: Way, further: int) -> list[Way]:
        """Return the strip of `way`, of which `glance` is the first look, read upside down, unless that is hopeless.

        further: how many degrees it is then turned from how it is said to lie. A look costs less than a reading, and
        the digits' shapes cost next to nothing.
        """
        sure = way.reading.decision == "accept" or self.asked.turned == "auto"
        needed = (_CONTENDS if sure else 0.0) - 2 * _SHAPES * way.shapes
        if needed <= 0 <= way.expected:
            return []
        (_, chance), (text, other) = map(self._likeliest, (glance.look, upside_down_look(glance, self.networks[0])))
        lead = _FIRST_LOOK * (log_odds(chance) - log_odds(other)) + way.expected - self._expected(text)
        return [self.read(self.glance(further), further)] if lead < needed else []

    def _likeliest(self, look: Look) -> tuple[str, float]:
        """Return what `look` finds likeliest, and its chance, given what is asked."""
        readings = weighed(look.strings, self.asked.lengths, self._codes())
        return next((text, chance) for text, chance in readings if text)

    def _expected(self, text: str) -> float:
        return math.log(weight_of(text, self._codes()))

    def _codes(self) -> Sequence[str] | None:
        return listed_codes(self.asked.country) if self.asked.country else None

    def _turn(self, further: int) -> Turn:
        return Turn((self.asked.degrees + further) % 360, self.shape)


def _may_lie_sideways(line: Line) -> bool:
    """Return whether `line` is higher than a code is, and more than a single digit."""
    height, width = line.source.shape
    return bool(height > (_TALL if line.beyond > _BEYOND else _VERY_TALL) * width)


def surest(readings: Sequence[Reading]) -> Reading:
    """Return the surest of the `readings` of one digit, each another way up; refused where another one is as likely."""
    best = max(readings, key=lambda reading: reading.confidence)
    others = [each.confidence for each in readings if each.text != best.text]
    lead = log_odds(best.confidence) - log_odds(max(others, default=0.0))
    if best.decision == "accept" and lead < _AS_LIKELY_DIGIT:
        return replace(best, decision="reject", reason="turned")
    return best
