"""What was seen of a picture -> its reading: the evidence, the confidence, and whether to accept it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.confidence.calibration import Calibration, shared_out
from model.confidence.evidence import Evidence, Way
from model.envelopes.survey import Survey
from model.found import Found
from model.options import Options
from model.picture.ink import Ink
from model.places import Box, Corner
from model.reading import Candidate, Digit, Reading
from model.seen import Seen
from model.strips.blots import has_blot
from model.strips.candidates import best_readings
from model.strips.corners import corners_of
from model.strips.postal import FORMATS, is_listed
from model.strips.reading import ReadDigit, StripReading
from model.strips.signs import may_be_cut, may_have_sign
from model.strips.unwritten import may_be_postmark, may_be_unwritten
from model.turning import Turn
from model.types import InkMap, Picture, Probabilities


@dataclass(frozen=True)
class PendingDigit:
    """A picture of one digit, ready to be classified.

    found: the digit in the picture once that is upright. turn: which way up it lies. unread: the share of its ink that
    is not the digit's. ringed: whether a ring around it was taken away. inks: the upright ink with and without a ring,
    that the digit was found in, if there was any.
    """

    found: Found
    asked: Options
    turn: Turn
    unread: float = 0.0
    ringed: bool = False
    inks: tuple[Ink | None, Ink | None] = None, None


@dataclass(frozen=True)
class PendingEnvelope:
    """The picture of a mail piece, with what is asked of it: the costly part of reading it is still to be done.

    seen: what is written on it, where that was looked at.
    """

    picture: Picture
    asked: Options
    seen: Survey | None = None


def beside(found: Found, ink: Ink) -> float:
    """Return the share of the `ink` that lies outside the box of the digit `found` in it."""
    box, factor = found.box, ink.factor
    rows = slice(box.y // factor, -(-(box.y + box.height) // factor))
    columns = slice(box.x // factor, -(-(box.x + box.width) // factor))
    return _lost(ink.strength, ink.strength[rows, columns])


def _lost(before: InkMap, after: InkMap) -> float:
    """Return the share of the ink `before` that is not there `after`."""
    return max(0.0, 1 - float(after.sum()) / float(before.sum()))


def digit_reading(
    pending: PendingDigit, probabilities: Probabilities, chances: NDArray[np.float32], calibration: Calibration
) -> Reading:
    """Return a digit's reading from the `probabilities` (N, 10) of its images, and the `chances` that each is one."""
    found, asked = pending.found, pending.asked
    shown, chance = found.judged(probabilities, chances)
    readings = [(text, confidence * chance) for text, confidence in best_readings(shown[None], asked.top)]
    text = readings[0][0]
    digit, box = int(text), found.box
    sure = float(shown[digit])
    reason: str | None = None
    if may_be_postmark(text, ringed=pending.ringed, more=pending.unread) or not found.may_be(text):
        reason = "not_a_digit"
    elif asked.lengths is not None and len(text) not in asked.lengths:
        reason = "wrong_length"
    evidence = Evidence(
        text=text,
        way="digit",
        chance=readings[0][1],
        nothing=1 - chance,
        least_digit=sure,
        agreeing=float(np.mean(probabilities.argmax(axis=1) == digit)),
        least_look=float(probabilities[:, digit].min()),
        digit_chance=float(chances.max()),
        height=float(box.height),
        widest=box.width / box.height,
        unread=pending.unread,
    )
    digits = (digit_of(digit, box, shown),)
    unsure = "not_a_digit" if chance < sure else "low_confidence"
    corners = _corners_of_box(box)
    reading = reading_of("digit", readings, reason, unsure, digits, corners, evidence, asked, calibration)
    if not asked.explain:
        return reading
    return replace(reading, seen=Seen(*pending.inks, found, (found.images[found.shown(chances)],)))


def strip_reading(
    strip: StripReading | None,
    whole: Ink,
    ink: Ink,
    shape: tuple[int, ...],
    asked: Options,
    calibration: Calibration,
    *,
    two_lines: bool = False,
) -> Reading:
    """Return the reading of `strip`, None if there is no ink, found in the `ink` of a picture of this `shape`.

    whole: its ink before a ring was taken away. two_lines: whether it holds two lines of digits.
    """
    if strip is None:
        return nothing("strip", asked, calibration)
    text, chance = strip.readings[0]
    evidence = replace(
        strip.evidence,
        height=strip.evidence.height * ink.factor,
        taken=_lost(ink.strength, strip.line.source),
        ringed=_lost(whole.strength, ink.strength),
    )
    boxes = [read.box for read in strip.digits]
    reason: str | None = None
    if two_lines:
        reason = "two_lines"
    elif strip.nothing > chance or may_be_unwritten(evidence):
        reason = "no_code"
    elif asked.lengths is not None and len(text) not in asked.lengths:
        reason = "wrong_length"
    elif has_blot(strip.line):
        reason = "not_a_digit"
    elif (asked.lengths is None and may_have_sign(strip.line, text, boxes)) or may_be_cut(
        boxes, ink.strength.shape, counted=asked.lengths is not None
    ):
        reason = "unclear_end"
    unlisted = asked.country is not None and not is_listed(asked.country, text)
    digits = tuple(
        digit_of(read.digit, _strip_box(read, ink.factor, shape), read.probabilities) for read in strip.digits
    )
    unsure = "unlisted_code" if unlisted else "low_confidence"
    found = ink.factor * corners_of(strip.line, boxes)
    corners = tuple((float(x), float(y)) for x, y in np.clip(found, 0, shape[1::-1]))
    return reading_of("strip", strip.readings, reason, unsure, digits, corners, evidence, asked, calibration)


def reading_of(
    kind: Literal["digit", "strip", "envelope"],
    readings: list[tuple[str, float]],
    reason: str | None,
    unsure: str,
    digits: tuple[Digit, ...],
    corners: tuple[Corner, ...],
    evidence: Evidence,
    asked: Options,
    calibration: Calibration,
) -> Reading:
    """Return the reading made of `readings`, texts with their chances, best first.

    It is rejected if there is a `reason`, or for the reason `unsure` if its confidence is below the threshold.
    """
    text = readings[0][0]
    confidence = calibration.confidence(evidence)
    threshold = calibration.threshold(evidence.way, asked.max_error)
    if reason is None and confidence < threshold:
        reason = unsure
    return Reading(
        kind=kind,
        text=text,
        formatted=FORMATS[asked.country].written(text) if asked.country else text,
        confidence=confidence,
        decision="accept" if reason is None else "reject",
        reason=reason,
        digits=digits,
        candidates=tuple(Candidate(*each) for each in shared_out(readings, confidence)[: asked.top]),
        corners=corners,
        turned=0,
        threshold=threshold,
        calibration=calibration.name,
        evidence=evidence,
    )


def nothing(
    kind: Literal["digit", "strip", "envelope"], asked: Options, calibration: Calibration, reason: str = "no_ink"
) -> Reading:
    """Return the reading of a picture in which nothing was read, for `reason`: by default, it is without ink."""
    way: Way = "uncounted" if asked.lengths is None else "counted"
    if kind != "strip":
        way = kind
    threshold = calibration.threshold(way, asked.max_error)
    return Reading(kind, "", "", 0.0, "reject", reason, (), (), None, 0, threshold, calibration.name, None)


def _strip_box(read: ReadDigit, factor: int, shape: tuple[int, ...]) -> Box:
    """Return the box of a strip's digit in pixels of a picture of `shape` that was reduced by `factor`."""
    top, left, bottom, right = (at * factor for at in read.box)
    x, y = min(max(left, 0), shape[1] - 1), min(max(top, 0), shape[0] - 1)
    return Box(x, y, max(1, min(right, shape[1]) - x), max(1, min(bottom, shape[0]) - y))


def _corners_of_box(box: Box) -> tuple[Corner, ...]:
    right, bottom = box.x + box.width, box.y + box.height
    return (box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)


def digit_of(digit: int, box: Box, probabilities: NDArray[np.float32]) -> Digit:
    """Return a digit of a reading, in `box`, with the chances of the ten (10,)."""
    return Digit(digit, float(probabilities[digit]), box, tuple(probabilities.tolist()))
