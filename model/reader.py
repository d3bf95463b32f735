"""Picture -> Reading: the one path that the service, evaluation and scripts all take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.classifiers.classifier import Classifier, judged
from model.found import Found, as_it_is, found_in
from model.picture.ink import Ink, checked, find_ink
from model.picture.inks import pen_alone
from model.picture.rings import without_ring
from model.reading import Box, Candidate, Digit, Reading
from model.strips import sliding
from model.strips.candidates import best_readings
from model.strips.postal import FORMATS, is_listed, listed_codes
from model.strips.reading import Glance, ReadDigit, StripReading, glance_at, read_strip
from model.types import SIDE, Image, Images, Picture, Probabilities

Kind = Literal["auto", "digit", "strip"]

# The chance of several digits: at the first look, beyond which the line is read; and then, beyond which it is a strip.
_PERHAPS_SEVERAL, _SEVERAL = 0.05, 0.5


@dataclass(frozen=True)
class Options:
    """What is asked of a picture. Raises ValueError where a value is out of its range.

    kind: one digit, a strip of digits, or (auto) whichever is found; with auto, an expected count of one means
        a digit; a greater count, or a country, means a strip.
    digits: how many are expected. country: whose codes, as an ISO 3166-1 code in either case; kept in lower case.
    top: how many candidates to give. max_error: the greatest chance of error to accept, 0 to 1.
    """

    kind: Kind = "auto"
    digits: int | None = None
    country: str | None = None
    top: int = 3
    max_error: float = 0.005

    def __post_init__(self) -> None:
        if self.kind not in {"auto", "digit", "strip"}:
            raise ValueError(f"`kind` must be auto, digit or strip; got {self.kind!r}")
        if self.digits is not None and self.digits < 1:
            raise ValueError(f"`digits` must be at least 1; got {self.digits}")
        if self.country is not None:
            object.__setattr__(self, "country", self.country.lower())  # the one way to settle a frozen field
        if self.country is not None and self.country not in FORMATS:
            raise ValueError(f"`country` must be one of {', '.join(sorted(FORMATS))}; got {self.country!r}")
        if self.top < 1:
            raise ValueError(f"`top` must be at least 1; got {self.top}")
        if not 0 <= self.max_error <= 1:
            raise ValueError(f"`max_error` must be between 0 and 1; got {self.max_error}")

    @property
    def lengths(self) -> set[int] | None:
        """The numbers of digits that are expected; None where any number is."""
        by_count = None if self.digits is None else {self.digits}
        by_country = None if self.country is None else set(FORMATS[self.country].lengths)
        if by_count is None or by_country is None:
            return by_count or by_country
        return by_count & by_country


@dataclass(frozen=True)
class PendingDigit:
    """A picture of one digit, ready to be classified."""

    found: Found
    asked: Options


class Reader:
    """Reads pictures with one classifier. Threads may share it: nothing in it changes after it is made."""

    def __init__(self, classifier: Classifier, sliding_networks: Sequence[sliding.SlidingNetwork] = ()) -> None:
        """Without `sliding_networks`, strips are read by those that the project ships."""
        self.classifier = classifier
        self.sliding_networks = sliding_networks or sliding.shipped()

    def read(
        self,
        picture: Picture,
        *,
        kind: Kind = "auto",
        digits: int | None = None,
        country: str | None = None,
        top: int = 3,
        max_error: float = 0.005,
    ) -> Reading:
        """Return what `picture` says, read as the options ask.

        picture: (H, W) grey or (H, W, 3) RGB, uint8 or float32, 0 to 255, any polarity.
        Raises ValueError where the picture is of another shape, type or range.
        """
        begun = self.begin(picture, Options(kind, digits, country, top, max_error))
        return begun if isinstance(begun, Reading) else self.finish([begun])[0]

    def begin(self, picture: Picture, asked: Options) -> Reading | PendingDigit:
        """Return what `read` returns, or a pending digit where it is one: `finish` classifies many of them at once."""
        kind = asked.kind
        if kind == "auto" and asked.lengths is not None:
            kind = "digit" if asked.lengths == {1} else "strip"
        picture = checked(picture)
        found = None if kind == "strip" else as_it_is(picture)
        if found is not None:
            return PendingDigit(found, asked)
        begun = self._begun(find_ink(picture), picture.shape, kind, asked)
        if isinstance(begun, PendingDigit) or begun.decision == "accept":
            return begun
        # A form may be printed in a colour of its own: what is read without it counts where it is surer.
        pen = pen_alone(picture)
        if pen is None:
            return begun
        ink = find_ink(pen[0])
        again = self._begun(Ink(ink.strength, ink.factor * pen[1]), picture.shape, kind, asked)
        return again if isinstance(again, Reading) and again.confidence > begun.confidence else begun

    def _begun(self, ink: Ink, shape: tuple[int, ...], kind: Kind, asked: Options) -> Reading | PendingDigit:
        """Return what `begin` does for the `ink` of a picture of this `shape`."""
        ink = _inside_ring(ink)
        if kind != "digit":
            glance = self.glance(ink)
            worth_it = glance is not None and (kind == "strip" or glance.several > _PERHAPS_SEVERAL)
            strip = self.strip(glance, asked.lengths, asked.country) if glance is not None and worth_it else None
            if kind == "strip" or (strip is not None and strip.several > _SEVERAL):
                return _strip_reading(strip, ink.factor, shape, asked)
        found = found_in(ink, shape)
        return _nothing("digit") if found is None else PendingDigit(found, asked)

    def finish(self, pending: Sequence[PendingDigit]) -> list[Reading]:
        """Return the readings of pending digits, at least one, all classified in one forward pass."""
        images = [each.found.images for each in pending]
        probabilities, chances = judged(self.classifier, np.stack([image for several in images for image in several]))
        ends = np.cumsum([len(several) for several in images])
        return [
            _digit_reading(each, probabilities[end - len(several) : end], chances[end - len(several) : end])
            for each, several, end in zip(pending, images, ends.tolist(), strict=True)
        ]

    def glance(self, ink: Ink) -> Glance | None:
        """Return the line of writing in `ink` with a first look at it; None where there is no ink."""
        return glance_at(ink.strength, self.sliding_networks[0])

    def strip(self, glance: Glance, lengths: set[int] | None, country: str | None) -> StripReading:
        """Return what the line of `glance` says as a strip, with what led there.

        lengths: the numbers of digits that are expected, None where any number is. country: in lower case.
        """
        codes = listed_codes(country) if country else None
        return read_strip(glance, self.sliding_networks, self.classifier, lengths=lengths, codes=codes)

    def prepare(self, picture: Picture) -> Image:
        """Return what the network sees of the one digit in `picture`: (28, 28) float32; zero without ink."""
        picture = checked(picture)
        found = as_it_is(picture) or found_in(_inside_ring(find_ink(picture)), picture.shape)
        return found.image if found else np.zeros((SIDE, SIDE), dtype=np.float32)

    def digits_probabilities(self, pictures: NDArray[np.uint8]) -> Probabilities:
        """Return the probabilities that `read` gives each of `pictures` of one digit: (N, 10) float32.

        pictures: (N, H, W) or (N, H, W, 3) uint8. This is how evaluation measures exactly what is served.
        """
        images: Images = np.stack([self.prepare(picture) for picture in pictures])
        return self.classifier.probabilities(images)


def _inside_ring(ink: Ink) -> Ink:
    """Return `ink` without a ring around what is written."""
    return Ink(without_ring(ink.strength), ink.factor)


def _digit_reading(pending: PendingDigit, probabilities: Probabilities, chances: NDArray[np.float32]) -> Reading:
    """Return a digit's reading from the `probabilities` (N, 10) of its images, and the `chances` that each is one."""
    found, asked = pending.found, pending.asked
    shown, chance = found.judged(probabilities, chances)
    readings = best_readings(shown[None], asked.top)
    readings = [(text, confidence * chance) for text, confidence in readings]
    text, confidence = readings[0]
    reason: str | None = None
    if not found.may_be(text):
        reason = "not_a_digit"
    elif asked.lengths is not None and len(text) not in asked.lengths:
        reason = "wrong_length"
    elif 1 - confidence > asked.max_error:
        reason = "not_a_digit" if chance * chance < confidence else "low_confidence"
    return _reading("digit", readings, reason, (_digit(int(text), found.box, shown),), asked)


def _strip_reading(strip: StripReading | None, factor: int, shape: tuple[int, ...], asked: Options) -> Reading:
    """Return the reading of `strip`, None if there is no ink, found in a picture of `shape` reduced by `factor`."""
    if strip is None:
        return _nothing("strip")
    text, confidence = strip.readings[0]
    reason: str | None = None
    if strip.nothing > confidence:
        reason = "not_a_digit"
    elif asked.lengths is not None and len(text) not in asked.lengths:
        reason = "wrong_length"
    elif 1 - confidence > asked.max_error:
        unlisted = asked.country is not None and not is_listed(asked.country, text)
        reason = "unlisted_code" if unlisted else "low_confidence"
    digits = tuple(_digit(read.digit, _strip_box(read, factor, shape), read.probabilities) for read in strip.digits)
    return _reading("strip", strip.readings, reason, digits, asked)


def _reading(
    kind: Literal["digit", "strip"],
    readings: list[tuple[str, float]],
    reason: str | None,
    digits: tuple[Digit, ...],
    asked: Options,
) -> Reading:
    """Return the reading made of `readings`, texts with their chances, best first; rejected if there is a `reason`."""
    text, confidence = readings[0]
    return Reading(
        kind=kind,
        text=text,
        formatted=FORMATS[asked.country].written(text) if asked.country else text,
        confidence=confidence,
        decision="accept" if reason is None else "reject",
        reason=reason,
        digits=digits,
        candidates=tuple(Candidate(*reading) for reading in readings[: asked.top]),
    )


def _nothing(kind: Literal["digit", "strip"]) -> Reading:
    """Return the reading of a picture without ink."""
    return Reading(kind, "", "", 0.0, "reject", "no_ink", (), ())


def _strip_box(read: ReadDigit, factor: int, shape: tuple[int, ...]) -> Box:
    """Return the box of a strip's digit in pixels of a picture of `shape` that was reduced by `factor`."""
    top, left, bottom, right = (at * factor for at in read.box)
    x, y = min(max(left, 0), shape[1] - 1), min(max(top, 0), shape[0] - 1)
    return Box(x, y, max(1, min(right, shape[1]) - x), max(1, min(bottom, shape[0]) - y))


def _digit(digit: int, box: Box, probabilities: NDArray[np.float32]) -> Digit:
    return Digit(digit, float(probabilities[digit]), box, tuple(float(chance) for chance in probabilities))
