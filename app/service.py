"""The loaded model and what it is used for: pictures as they were sent -> answers ready to become JSON."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from app import images
from app.base64_text import Base64Text
from app.errors import ServiceError
from app.explaining import explanation
from app.images import Decoded, Limits
from app.sent import Raw784, Sent, sent_bytes
from app.settings import Settings
from app.stopwatch import Stopwatch
from app.trace import Trace
from app.version import VERSION
from model import artifact
from model.arrays import ArtifactError
from model.artifact import Artifact
from model.confidence import calibration as calibrations
from model.places import Box, Corner
from model.reader import Options, PendingDigit, PendingEnvelope, Reader
from model.reading import Reading
from model.strips import sliding
from model.strips.postal import FORMATS, LISTS, listed_codes

LISTED = frozenset({
    "at", "au", "be", "ch", "cz", "de", "dk", "es", "fi", "fr", "hr",
    "hu", "in", "it", "li", "lu", "no", "nz", "se", "si", "sk", "us",
})  # fmt: skip
"""The countries whose lists of postal codes are shipped; of the others' codes, the number of digits is known."""

Answer = dict[str, Any]
"""An answer in the shape of `schemas.Answer`, ready to become JSON."""


@dataclass(frozen=True)
class Question:
    """A picture as it was sent, what is asked of it, the id of the request that asks, and what is noted on the way."""

    sent: Sent | Raw784
    options: Options
    request_id: str
    trace: Trace = field(default_factory=Trace, compare=False)


class HeavyError(Exception):
    """The picture takes long: it is large, or a mail piece. `question` holds its bytes, and what is asked of it."""

    def __init__(self, question: Question, pixels: int) -> None:
        super().__init__(f"{pixels} pixels")
        self.question, self.pixels = question, pixels


@dataclass(frozen=True)
class _Taken:
    """A question with its picture, and the bytes of the image that it came from, if any.

    since: when it was taken up.
    """

    question: Question
    decoded: Decoded
    content: bytes | None
    since: float


class Service:
    """Reads pictures. Threads may share it: nothing in it but `ready` changes after it is made."""

    def __init__(self, settings: Settings) -> None:
        """Load the settings' model and all that is shipped. Raises ArtifactError where a file is missing or broken."""
        self.settings = settings
        self.limits = Limits(settings.max_pixels, settings.max_jpeg_pixels)
        self.artifact: Artifact = artifact.load_digits(settings.model)
        self._stopwatch = Stopwatch()
        self.reader = _reader(self.artifact, settings, self._stopwatch)
        _check_lists()
        self.name = {"name": self.artifact.name, "version": self.artifact.version, "sha256": self.artifact.sha256}
        calibration = self.reader.calibration
        self.build = {
            "version": VERSION,
            "model": self.artifact.sha256,
            "calibration": calibration.name,
            "calibration_sha256": calibration.sha256,
        }
        # By their SHA-256, the files of the settings: another process must have loaded the same.
        self.loaded = f"{self.build['model']} {self.build['calibration_sha256']}"
        self.ready = False

    def drain(self) -> None:
        """Stop being ready, so that load balancers send new requests elsewhere; those that still come are answered."""
        self.ready = False

    def warm_up(self) -> None:
        """Read a drawn digit and a drawn strip, so that this thread has all the memory that reading takes."""
        digit = np.zeros((28, 28), np.uint8)
        digit[4:24, 13:16] = 255
        self.reader.read(digit)
        # Strokes that look like 5s, and like 7s: where a reading is in doubt, every network looks, at every size. They
        # fill a band of more columns than are ever looked at together.
        strip = np.zeros((60, 740), np.uint8)
        for left in range(20, 740, 40):
            strip[15:45, left : left + 4] = 255
            strip[15:19, left : left + 12] = 255
        self.reader.read(strip)

    def answers(self, questions: Sequence[Question], most_pixels: int | None = None) -> list[Answer | Exception]:
        """Return each question's answer, in order, or its error: a ServiceError for a client's mistake, or a fault.

        most_pixels: a larger picture is not decoded, and a mail piece is not read: its error is HeavyError; None reads
        them all. Digits share one forward pass.
        """
        answered: list[Answer | Exception] = [ServiceError("not answered")] * len(questions)
        pending: list[tuple[int, _Taken, PendingDigit]] = []
        for number, question in enumerate(questions):
            try:
                taken = self._taken(question, most_pixels)
                self._stopwatch.start()
                begun = self.reader.begin(taken.decoded.picture, question.options)
                if isinstance(begun, PendingEnvelope):
                    if most_pixels is not None and taken.content is not None:
                        raise HeavyError(
                            replace(question, sent=taken.content, options=begun.asked),
                            taken.decoded.width * taken.decoded.height,
                        )
                    begun = self.reader.finish_envelope(begun)
                if question.options.explain and not isinstance(begun, Reading):
                    (begun,) = self.reader.finish([begun])  # at once: what led to it takes memory
                self._stopwatch.note(question.trace)
                if isinstance(begun, Reading):
                    answered[number] = self._answer(begun, taken)
                else:
                    pending.append((number, taken, begun))
            except (ServiceError, HeavyError) as error:
                # Its traceback and causes would hold the picture, until the garbage is collected.
                error.__cause__ = error.__context__ = None
                answered[number] = error.with_traceback(None)
            except Exception as error:  # what nobody foresaw: the others must not fail with it
                answered[number] = error
        for number, taken, reading in self._finished(pending):
            answered[number] = self._answer(reading, taken)
        return answered

    def _finished(self, pending: Sequence[tuple[int, _Taken, PendingDigit]]) -> Iterator[tuple[int, _Taken, Reading]]:
        """Yield the digits' readings, classified together."""
        if pending:
            self._stopwatch.start()
            readings = self.reader.finish([begun for _, _, begun in pending])
            for _, taken, _ in pending:
                self._stopwatch.note(taken.question.trace, len(pending))
            for (number, taken, _), reading in zip(pending, readings, strict=True):
                yield number, taken, reading

    def _taken(self, question: Question, most_pixels: int | None) -> _Taken:
        """Return the question with its picture decoded. Raises ServiceError, or HeavyError."""
        since, sent = time.perf_counter(), question.sent
        question.trace.wait += since - question.trace.asked
        if isinstance(sent, Base64Text):
            sent = sent.content()
        if self.settings.audit is not None:
            question.trace.sha256 = hashlib.sha256(sent_bytes(sent)).hexdigest()
        if isinstance(sent, Raw784):
            sent = sent.decoded(self.limits)
        content = sent if isinstance(sent, bytes) else None
        if isinstance(sent, bytes):
            image = images.opened(sent, self.limits)
            if most_pixels is not None and (image.pixels > most_pixels or question.options.kind == "envelope"):
                raise HeavyError(replace(question, sent=sent), image.pixels)
            sent = image.decoded()
        question.trace.decode += time.perf_counter() - since
        return _Taken(question, sent, content, since)

    def _answer(self, reading: Reading, taken: _Taken) -> Answer:
        elapsed = time.perf_counter() - taken.since
        answer = {
            "kind": reading.kind,
            "text": reading.text,
            "formatted": reading.formatted,
            "confidence": reading.confidence,
            "decision": reading.decision,
            "reason": reading.reason,
            "digits": [
                {
                    "digit": digit.digit,
                    "confidence": digit.confidence,
                    "box": _box_in_sent_pixels(digit.box, taken.decoded),
                    "probabilities": digit.probabilities,
                }
                for digit in reading.digits
            ],
            "candidates": [{"text": each.text, "confidence": each.confidence} for each in reading.candidates],
            "corners": _corners_in_sent_pixels(reading.corners, taken.decoded),
            "turned": reading.turned,
            "others": [
                {
                    "text": each.text,
                    "confidence": each.confidence,
                    "corners": _corners_in_sent_pixels(each.corners, taken.decoded),
                }
                for each in reading.others
            ],
            "threshold": reading.threshold,
            "calibration": reading.calibration,
            "model": self.name,
            "request_id": taken.question.request_id,
            "elapsed_ms": round(elapsed * 1000, 3),
        }
        return {**answer, "explanation": explanation(reading.seen)} if taken.question.options.explain else answer


def _reader(digits: Artifact, settings: Settings, stopwatch: Stopwatch) -> Reader:
    """Return what reads with the settings' calibration, whose networks `stopwatch` measures.

    Raises ArtifactError where the calibration was made for other weights.
    """
    own = None if settings.calibration is None else calibrations.load(settings.calibration)
    reader = Reader(stopwatch.timed(digits.classifier), [stopwatch.timed(each) for each in sliding.shipped()], own)
    reader.upright = stopwatch.timed(reader.upright)
    if own is not None and not own.fits(reader.weights):
        raise ArtifactError(
            f"{settings.calibration} was made for other weights than those of {settings.model} and the shipped strips: "
            "make it again with `calibrate`, or leave DIGITS_CALIBRATION out"
        )
    return reader


def _check_lists() -> None:
    """Read the lists of postal codes, so that one that is missing or broken is noticed at the start."""
    for country in FORMATS:
        try:
            codes = listed_codes(country)
        except ValueError as error:
            raise ArtifactError(f"{LISTS / country}.txt is not a list of postal codes: {error}") from error
        if codes is None and country in LISTED:
            raise ArtifactError(f"{LISTS / country}.txt is missing; expected a list of the postal codes in use there")


def _box_in_sent_pixels(box: Box, decoded: Decoded) -> dict[str, int]:
    """Return `box`, in pixels of the decoded picture, in pixels of the image that was sent."""
    across, down = _scales(decoded)
    left, top = round(box.x * across), round(box.y * down)
    return {
        "x": left,
        "y": top,
        "width": min(round((box.x + box.width) * across), decoded.width) - left,
        "height": min(round((box.y + box.height) * down), decoded.height) - top,
    }


def _corners_in_sent_pixels(corners: Sequence[Corner] | None, decoded: Decoded) -> list[tuple[int, int]] | None:
    """Return `corners`, in pixels of the decoded picture, in pixels of the image that was sent."""
    across, down = _scales(decoded)
    return None if corners is None else [(round(x * across), round(y * down)) for x, y in corners]


def _scales(decoded: Decoded) -> tuple[float, float]:
    """Return how many columns and rows of the image that was sent are one of the decoded picture."""
    height, width = decoded.picture.shape[:2]
    return decoded.width / width, decoded.height / height
