"""The loaded model and what is done with it: all the state that requests share."""

import logging
import time
from dataclasses import dataclass

import numpy as np

from app import images, schemas
from app.errors import UNFORESEEN, ServiceError, problem
from app.images import Decoded, Limits
from app.settings import Settings
from model import artifact
from model.arrays import ArtifactError
from model.artifact import Artifact
from model.reader import Kind, Reader
from model.reading import Box, Reading
from model.strips import sliding
from model.strips.postal import FORMATS, LISTS, listed_codes

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What a request asks of the reader."""

    kind: Kind
    digits: int | None
    country: str | None
    top: int
    max_error: float


class Service:
    """Reads pictures for requests. It is made at the start, once; `ready` alone changes afterwards."""

    def __init__(self, settings: Settings) -> None:
        """Load the settings' model and all that is shipped. Raises ArtifactError where a file is missing or broken."""
        self.settings = settings
        self.limits = Limits(settings.max_pixels, settings.max_jpeg_pixels)
        self.artifact: Artifact = artifact.load_digits(settings.model)
        self.reader = Reader(self.artifact.classifier, sliding.shipped())
        _check_lists()
        self.name = schemas.ModelName(
            name=self.artifact.name, version=self.artifact.version, sha256=self.artifact.sha256
        )
        self.ready = False

    def warm_up(self) -> None:
        """Read a drawn digit and a drawn strip, so that the first request finds memory taken, and be ready."""
        digit = np.zeros((28, 28), np.uint8)
        digit[4:24, 13:16] = 255
        self.reader.read(digit)
        # Strokes that look like 5s, and like 7s: where a reading is in doubt, every network looks, at every size.
        strip = np.zeros((60, 220), np.uint8)
        for left in range(20, 220, 40):
            strip[15:45, left : left + 4] = 255
            strip[15:19, left : left + 12] = 255
        self.reader.read(strip)
        self.ready = True

    def answer(self, sent: bytes | Decoded, options: Options, request_id: str) -> schemas.Answer:
        """Return the reading of what was sent. Raises ServiceError where it is not a picture that can be read."""
        started = time.perf_counter()
        decoded = images.decode(sent, self.limits) if isinstance(sent, bytes) else sent
        reading = self.reader.read(
            decoded.picture,
            kind=options.kind,
            digits=options.digits,
            country=options.country,
            top=options.top,
            max_error=options.max_error,
        )
        elapsed = round((time.perf_counter() - started) * 1000, 3)
        return self._travelling(reading, decoded, request_id, elapsed)

    def answers(
        self, items: list[bytes | Decoded | ServiceError], options: Options, request_id: str
    ) -> list[schemas.Answer | schemas.Problem]:
        """Return each item's answer, in order; that of a bad item, or one at which the service fails, is a problem."""
        answered: list[schemas.Answer | schemas.Problem] = []
        for item in items:
            try:
                if isinstance(item, ServiceError):
                    raise item
                answered.append(self.answer(item, options, request_id))
            except ServiceError as error:
                answered.append(problem(error.status, error.detail, request_id))
            except Exception:
                log.exception("%s: picture %d failed", request_id, len(answered) + 1)
                answered.append(problem(500, UNFORESEEN, request_id))
        return answered

    def _travelling(self, reading: Reading, decoded: Decoded, request_id: str, elapsed: float) -> schemas.Answer:
        digits = [
            schemas.Digit(
                digit=digit.digit,
                confidence=digit.confidence,
                box=_box_in_sent_pixels(digit.box, decoded),
                probabilities=list(digit.probabilities),
            )
            for digit in reading.digits
        ]
        return schemas.Answer(
            kind=reading.kind,
            text=reading.text,
            formatted=reading.formatted,
            confidence=reading.confidence,
            decision=reading.decision,
            reason=reading.reason,
            digits=digits,
            candidates=[schemas.Candidate(text=each.text, confidence=each.confidence) for each in reading.candidates],
            model=self.name,
            request_id=request_id,
            elapsed_ms=elapsed,
        )


def _check_lists() -> None:
    """Read the lists of postal codes, so that a broken one is noticed at the start."""
    for country in FORMATS:
        try:
            listed_codes(country)
        except ValueError as error:
            raise ArtifactError(f"{LISTS / country}.txt is not a list of postal codes: {error}") from error


def _box_in_sent_pixels(box: Box, decoded: Decoded) -> schemas.Box:
    """Return `box`, in pixels of the decoded picture, in pixels of the image that was sent."""
    height, width = decoded.picture.shape[:2]
    across, down = decoded.width / width, decoded.height / height
    left, top = round(box.x * across), round(box.y * down)
    return schemas.Box(
        x=left,
        y=top,
        width=min(round((box.x + box.width) * across), decoded.width) - left,
        height=min(round((box.y + box.height) * down), decoded.height) - top,
    )
