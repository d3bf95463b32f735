"""Picture -> Reading: the one path that service, evaluation and scripts all take.  (skeleton: see the brief)"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier

Picture = NDArray[np.uint8] | NDArray[np.float32]
"""(H, W) grey or (H, W, 3) RGB, 0 to 255, any polarity."""


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


class Reader:
    """Reads pictures with one classifier. Threads may share it."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

    def read(
        self,
        picture: Picture,
        *,
        kind: Literal["auto", "digit", "strip"] = "auto",
        digits: int | None = None,
        country: str | None = None,
        top: int = 3,
        max_error: float = 0.005,
    ) -> Reading:
        """Return what `picture` says."""
        raise NotImplementedError
