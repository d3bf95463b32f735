"""The shapes of what the service sends: answers and problems."""

from typing import Literal

from pydantic import BaseModel, Field


class Box(BaseModel):
    """A rectangle in pixels of the image that was sent, after its EXIF orientation."""

    x: int
    y: int
    width: int
    height: int


class Digit(BaseModel):
    """One digit of the reading."""

    digit: int = Field(ge=0, le=9)
    confidence: float
    box: Box
    probabilities: list[float] = Field(description="The chance of each digit, 0 to 9.")


class Candidate(BaseModel):
    """One possible reading of the picture, with its chance."""

    text: str
    confidence: float


class ModelName(BaseModel):
    """Which model read the picture."""

    name: str
    version: str
    sha256: str


class Answer(BaseModel):
    """A reading."""

    kind: Literal["digit", "strip"]
    text: str = Field(description="The best reading, accepted or not; empty only if there is no ink.")
    formatted: str = Field(description="`text` as the country writes it.")
    confidence: float = Field(description="The calibrated chance that the whole of `text` is right.")
    decision: Literal["accept", "reject"]
    reason: str | None
    digits: list[Digit]
    candidates: list[Candidate]
    corners: list[tuple[int, int]] | None = Field(
        description="The corners (x, y) of a tight, possibly tilted rectangle round what was read, clockwise from the "
        "upper left of its first digit as one reads it, in pixels of the image that was sent; null where nothing is."
    )
    turned: int = Field(ge=0, lt=360, description="By how many degrees clockwise the writing lies.")
    threshold: float = Field(description="The confidence from which on readings are accepted, at this `max_error`.")
    calibration: str = Field(
        description="The calibration that sets the threshold; with `none`, each reading must reach 1 - `max_error`."
    )
    model: ModelName
    request_id: str
    elapsed_ms: float


class Problem(BaseModel):
    """An error (RFC 9457); `detail` says what was sent and what is expected."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
