"""The shapes of what the service sends: answers and problems."""

from typing import Literal

from pydantic import BaseModel, Field

from app.explaining import MOST_FRAMES, STAGE_SIDE


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


class Other(BaseModel):
    """A code found elsewhere on a mail piece, such as the sender's."""

    text: str = Field(examples=["51100"])
    confidence: float
    corners: list[tuple[int, int]] = Field(description="Its corners (x, y), like those of the answer.")


class Candidate(BaseModel):
    """One possible reading of the picture, with its chance."""

    text: str
    confidence: float


class ModelName(BaseModel):
    """Which model read the picture."""

    name: str
    version: str
    sha256: str


class Stage(BaseModel):
    """A stage by which the picture was read, turned upright."""

    name: Literal["ink", "unringed", "unlined", "line", "band"] = Field(
        description="`ink` is what was found to be written, `unringed` the same without a ring around it, and "
        "`unlined` without printed lines; each of these two only where something was taken away. A strip also has a "
        "`line`, level and upright, and a `band`, over which the network slides."
    )
    image: str = Field(description="A PNG as a data URL: dark ink on light paper, 8 bits a pixel.")
    width: int = Field(ge=1, le=STAGE_SIDE)
    height: int = Field(ge=1, le=STAGE_SIDE)


class Explanation(BaseModel):
    """What led to the reading, as it was when the picture was read; empty where there is no ink."""

    stages: list[Stage] = Field(
        max_length=5, description=f"In order. One whose longer side has more than {STAGE_SIDE} pixels is reduced."
    )
    digits: list[str | None] = Field(
        description="For each of the answer's `digits`, the 28 × 28 image that the network was asked about, bright on "
        "dark, as a PNG in a data URL; null where the digit was not cut out of its strip: because it touches another, "
        "or because only a later look found it there."
    )
    frames: list[list[float]] | None = Field(
        description="For each frame of the network that slides over the band, the chances of the digits 0 to 9 and of "
        f"no digit, to 4 places; null for a single digit, and where there are more than {MOST_FRAMES} frames."
    )


class Answer(BaseModel):
    """A reading."""

    kind: Literal["digit", "strip", "envelope"]
    text: str = Field(
        description="The best reading, accepted or not; empty only if there is no ink, or no code on an envelope.",
        examples=["75011"],
    )
    formatted: str = Field(description="`text` as the country writes it.")
    confidence: float = Field(description="The calibrated chance that the whole of `text` is right.")
    decision: Literal["accept", "reject"]
    reason: str | None = Field(
        description="Why it is refused, such as `low_confidence`, `no_code`, `two_codes` or `country_needed`; null "
        "where it is accepted. Others may be added.",
        examples=["low_confidence"],
    )
    digits: list[Digit]
    candidates: list[Candidate]
    corners: list[tuple[int, int]] | None = Field(
        description="The corners (x, y) of a tight, possibly tilted rectangle round what was read, clockwise from the "
        "upper left of its first digit as one reads it, in pixels of the image that was sent; null where nothing is."
    )
    turned: int = Field(
        ge=0,
        lt=360,
        description="By how many degrees clockwise the writing lies: 90 where it runs downwards.",
        examples=[0],
    )
    others: list[Other] = Field(
        description="The codes found elsewhere on an envelope, such as the sender's; empty for other pictures."
    )
    threshold: float = Field(description="The confidence from which on readings are accepted, at this `max_error`.")
    calibration: str = Field(
        description="The calibration that sets the threshold; with `none`, each reading must reach 1 - `max_error`."
    )
    model: ModelName
    request_id: str
    elapsed_ms: float
    explanation: Explanation | None = Field(default=None, description="Only where `explain=true` asks for it.")


class Problem(BaseModel):
    """An error (RFC 9457); `detail` says what was sent and what is expected."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
