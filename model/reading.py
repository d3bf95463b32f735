"""The reading of a picture: its text, its digits with their places, and the other ways to read it."""

from dataclasses import dataclass, field
from typing import Literal

from model.confidence.evidence import Evidence
from model.places import Box, Corner
from model.seen import Seen


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
class Other:
    """A code found elsewhere on a mail piece, such as the sender's; corners: like those of a Reading."""

    text: str
    confidence: float
    corners: tuple[Corner, ...]


@dataclass(frozen=True)
class Reading:
    """What a picture says, how sure that is, and whether to act on it.

    corners: of the tight rectangle round what was read, clockwise from the upper left of its first digit as one reads
    it; None without ink. turned: by how many degrees clockwise the writing lies, 0 to 359; of a digit or a strip,
    to the nearest quarter turn. threshold: the confidence from which on it is accepted. calibration: the name of the
    one that says so. evidence: what the confidence comes from; None without ink. others: the codes found elsewhere on a
    mail piece. seen: what it was made from; None without ink, and unless that was asked.
    """

    kind: Literal["digit", "strip", "envelope"]
    text: str
    formatted: str
    confidence: float
    decision: Literal["accept", "reject"]
    reason: str | None
    digits: tuple[Digit, ...]
    candidates: tuple[Candidate, ...]
    corners: tuple[Corner, ...] | None
    turned: int
    threshold: float
    calibration: str
    evidence: Evidence | None
    others: tuple[Other, ...] = ()
    seen: Seen | None = field(default=None, compare=False, repr=False)
