"""Picture -> Reading: the one path that service, evaluation and scripts all take."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier, Images, Probabilities
from model.geometry import SIZE, Image, already_mnist, to_mnist_geometry
from model.ink import Ink, Picture, checked, find_ink
from model.strips.candidates import best_readings
from model.strips.pieces import Piece, find_digit, find_digits
from model.strips.postal import FORMATS

__all__ = ["Box", "Candidate", "Digit", "Kind", "Picture", "Reader", "Reading"]

Kind = Literal["auto", "digit", "strip"]

_WIDEST_DIGIT = 3.0  # widths a height: no digit of MNIST's training images is wider
_FULLEST_DIGIT = 0.9  # of its box covered by ink; only a 1 is fuller, and that is at least
_UPRIGHT = 1.5  # heights a width


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the picture that was read; (x, y) is its top left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Digit:
    """One digit read: the likeliest, its chance, where it stands, and the chance of each of the ten."""

    digit: int
    confidence: float
    box: Box
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Candidate:
    """One way to read the whole picture, and its chance of being right."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Reading:
    """What a picture says, how sure that is, and whether to act on it."""

    kind: Literal["digit", "strip"]
    text: str
    formatted: str
    confidence: float
    decision: Literal["accept", "reject"]
    reason: str | None
    digits: tuple[Digit, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class _Found:
    """A digit found in a picture: where, its image for the network, and whether its outline can be a digit's."""

    box: Box
    image: Image
    plausible: bool


class Reader:
    """Reads pictures with one classifier. Threads may share it: nothing in it changes after it is made."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

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
        """Return what `picture` says.

        picture: (H, W) grey or (H, W, 3) RGB, uint8 or float32, 0 to 255, any polarity.
        kind: one digit, a strip of them, or whichever is found; an expected count above one, or a country, means strip.
        digits: how many are expected; country: ISO code, lower or upper case; top: how many candidates to give.
        max_error: the greatest chance of error with which a reading is accepted, 0 to 1.
        Raises ValueError where the picture or an option is out of its range.
        """
        lengths = _expected_lengths(digits, country)
        _check_options(kind, top, max_error)
        if kind == "auto" and (country is not None or (digits or 1) > 1):
            kind = "strip"
        found, kind_found = _find(checked(picture), kind)
        if not found:
            return Reading(kind_found, "", "", 0.0, "reject", "no_ink", (), ())

        probabilities = self.classifier.probabilities(np.stack([each.image for each in found]))
        readings = best_readings(probabilities, top)
        text, confidence = readings[0]
        reason: str | None = None
        if not all(each.plausible for each in found):
            reason = "not_a_digit"
        elif lengths is not None and len(text) not in lengths:
            reason = "wrong_length"
        elif 1 - confidence > max_error:
            reason = "low_confidence"
        return Reading(
            kind=kind_found,
            text=text,
            formatted=FORMATS[country.lower()].written(text) if country else text,
            confidence=confidence,
            decision="accept" if reason is None else "reject",
            reason=reason,
            digits=tuple(_digit(each.box, row) for each, row in zip(found, probabilities, strict=True)),
            candidates=tuple(Candidate(*reading) for reading in readings),
        )

    def prepare(self, picture: Picture) -> Image:
        """Return what the network is shown of the one digit in `picture`: (28, 28) float32; zero without ink."""
        found, _ = _find(checked(picture), "digit")
        return found[0].image if found else np.zeros((SIZE, SIZE), dtype=np.float32)

    def digits_probabilities(self, pictures: NDArray[np.uint8]) -> Probabilities:
        """Return the probabilities that `read` gives each of `pictures` of one digit: (N, 10) float32.

        pictures: (N, H, W) or (N, H, W, 3) uint8. This is how evaluation measures exactly what is served.
        """
        images: Images = np.stack([self.prepare(picture) for picture in pictures])
        return self.classifier.probabilities(images)


def _expected_lengths(digits: int | None, country: str | None) -> set[int] | None:
    """Return the numbers of digits that the caller expects; None where any will do."""
    if digits is not None and digits < 1:
        raise ValueError(f"`digits` must be at least 1; got {digits}")
    if country is not None and country.lower() not in FORMATS:
        raise ValueError(f"`country` must be one of {', '.join(sorted(FORMATS))}; got {country!r}")
    by_count = None if digits is None else {digits}
    by_country = None if country is None else set(FORMATS[country.lower()].lengths)
    if by_count is None or by_country is None:
        return by_count or by_country
    return by_count & by_country


def _check_options(kind: str, top: int, max_error: float) -> None:
    if kind not in {"auto", "digit", "strip"}:
        raise ValueError(f"`kind` must be auto, digit or strip; got {kind!r}")
    if top < 1:
        raise ValueError(f"`top` must be at least 1; got {top}")
    if not 0 <= max_error <= 1:
        raise ValueError(f"`max_error` must be between 0 and 1; got {max_error}")


def _find(picture: Picture, kind: Kind) -> tuple[list[_Found], Literal["digit", "strip"]]:
    """Return the digits found in `picture`, left to right, and whether they are a strip."""
    if kind != "strip":
        image = already_mnist(picture)
        if image is not None:
            return [_Found(_box_of(image > 0, 0, 0, Ink(image, 1), picture.shape), image, plausible=True)], "digit"
    ink = find_ink(picture)
    pieces = [] if kind == "digit" else find_digits(ink.strength)
    found_kind: Literal["digit", "strip"] = "strip" if kind == "strip" or len(pieces) > 1 else "digit"
    if found_kind == "digit":
        digit = find_digit(ink.strength)
        pieces = [] if digit is None else [digit]
    return [_found(piece, ink, picture.shape) for piece in pieces], found_kind


def _found(piece: Piece, ink: Ink, shape: tuple[int, ...]) -> _Found:
    height, width = piece.ink.shape
    covered = float(piece.ink.mean())
    plausible = width <= _WIDEST_DIGIT * height and (covered <= _FULLEST_DIGIT or height >= _UPRIGHT * width)
    return _Found(_box_of(piece.ink > 0, piece.top, piece.left, ink, shape), to_mnist_geometry(piece.ink), plausible)


def _box_of(mask: NDArray[np.bool_], top: int, left: int, ink: Ink, shape: tuple[int, ...]) -> Box:
    """Return the box round `mask`, which starts at (top, left) of the ink map, in pixels of a picture of `shape`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    y, bottom = (top + rows[0]) * ink.factor, min((top + rows[-1] + 1) * ink.factor, shape[0])
    x, right = (left + columns[0]) * ink.factor, min((left + columns[-1] + 1) * ink.factor, shape[1])
    return Box(int(x), int(y), int(right - x), int(bottom - y))


def _digit(box: Box, probabilities: NDArray[np.float32]) -> Digit:
    best = int(probabilities.argmax())
    return Digit(best, float(probabilities[best]), box, tuple(float(chance) for chance in probabilities))
