"""The reading of a picture: its text, its digits with their places, and the other ways to read it."""

from dataclasses import dataclass
from typing import Literal

from model.confidence.evidence import Evidence


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the picture that was read; (x, y) is its top left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Digit:
    """One digit as it was read: the likeliest digit and its chance, where it is, and the chance of each of the ten."""

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
    """What a picture says, how sure that is, and whether to act on it.

    threshold: the confidence from which on it is accepted. calibration: the name of the one that says so. evidence:
    what the confidence comes from; None without ink.
    """

    kind: Literal["digit", "strip"]
    text: str
    formatted: str
    confidence: float
    decision: Literal["accept", "reject"]
    reason: str | None
    digits: tuple[Digit, ...]
    candidates: tuple[Candidate, ...]
    threshold: float
    calibration: str
    evidence: Evidence | None
