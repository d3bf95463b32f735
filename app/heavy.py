"""Large pictures and mail pieces are read in a process of their own, which is there only while they come.

Pillow's decoders let no other thread run while they unpack a WebP or convert colours, which for 25 megapixels takes up
to a tenth of a second, and a mail piece takes as long as fifty strips: in the service's own process, every other client
would wait. What they take in memory goes back to the system when the process ends, and a decoder that crashes costs one
picture.

`python -m app.heavy` is that process. It gets the settings as a line of JSON, and answers which files it has loaded;
then, for each picture, it gets a line about it and its bytes, and answers a line. It ends with its input.
"""

import json
import logging
import logging.config
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from app import logs
from app.errors import UNFORESEEN, ServiceError, UnavailableError, UnreadableError
from app.memory import give_back_large_blocks
from app.service import Answer, Question, Service
from app.settings import Settings
from app.trace import STAGE_NAMES
from model.reader import Options

log = logging.getLogger(__name__)

MOST_SECONDS = 60.0
"""What takes longer is given up: the largest pictures take two."""
IDLE_SECONDS = 60.0
"""How long the process waits for another picture before it is ended."""
_BUSY = "--busy"
_STAGES = STAGE_NAMES[1:]  # for a thread, a picture waits in the service
_NICE = 5  # small pictures come first, where the two processes share a CPU


class HeavyProcess:
    """The process that reads large pictures, started at the first one. One thread uses it."""

    def __init__(self, settings: Settings, loaded: str, *, busy: bool = False) -> None:
        """Start nothing yet. loaded: which files the service has loaded, `Service.loaded`.

        busy: whether one picture follows another, so that memory is kept for the next: mail pieces take a quarter less.
        """
        self._settings, self._loaded, self._busy = settings, loaded, busy
        self._process: subprocess.Popen[bytes] | None = None

    def answers(self, questions: Sequence[Question]) -> list[Answer | Exception]:
        """Return each question's answer, in order, or its error. What is sent must be the bytes of an image."""
        return [self._answer(question) for question in questions]

    def end(self) -> None:
        """End the process, if there is one; the next picture starts another."""
        process, self._process = self._process, None
        if process is not None:
            _close(process)

    def _answer(self, question: Question) -> Answer | ServiceError:
        question.trace.wait += time.perf_counter() - question.trace.asked
        try:
            if self._process is None or self._process.poll() is not None:
                self.end()
                self._process = self._started()
            return _told(_exchanged(self._process, question), question)
        except ServiceError as error:
            return error
        except (OSError, ValueError) as error:  # it has ended, or what it answered is cut short
            log.error(  # noqa: TRY400  # the traceback says no more
                "%s: the process that reads large pictures failed: %s",
                question.request_id,
                error,
                extra={"request_id": question.request_id},
            )
            self.end()
            return UnreadableError(
                f"the picture could not be read: its decoder failed, or was not done within {MOST_SECONDS:g} seconds"
            )

    def _started(self) -> "subprocess.Popen[bytes]":
        """Return the process, ready to read. Raises UnavailableError where it does not start as it should."""
        paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        process = subprocess.Popen(  # noqa: S603  # nothing in it comes from outside
            [sys.executable, "-m", "app.heavy", *([_BUSY] if self._busy else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**_without_keys(os.environ), "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        try:
            loaded = json.loads(_asked(process, self._settings.model_dump_json().encode(), b""))["loaded"]
        except (OSError, ValueError) as error:
            _close(process)
            raise UnavailableError("the process that reads large pictures does not start; try again later") from error
        if loaded != self._loaded:
            _close(process)
            raise UnavailableError(
                "the model's or the calibration's file has changed since it was loaded: large pictures need a restart"
            )
        return process


def _without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` without what a decoder that a picture has taken over must not find there."""
    return {name: value for name, value in environment.items() if name != "DIGITS_API_KEYS"}


def _exchanged(process: "subprocess.Popen[bytes]", question: Question) -> bytes:
    """Return the line that answers `question`."""
    content = question.sent
    if not isinstance(content, bytes):
        raise TypeError(f"`sent` must be bytes; got {type(content).__name__}")
    about = {"size": len(content), "options": asdict(question.options), "request_id": question.request_id}
    return _asked(process, json.dumps(about).encode(), content)


def _asked(process: "subprocess.Popen[bytes]", line: bytes, content: bytes) -> bytes:
    """Send `line` and `content`, and return the line that comes back; one that takes too long is killed."""
    sent, received = process.stdin, process.stdout
    if sent is None or received is None:
        raise ValueError("`process` must have pipes")
    timer = threading.Timer(MOST_SECONDS, process.kill)
    timer.start()
    try:
        sent.write(line + b"\n")
        sent.write(content)
        sent.flush()
        return received.readline()
    finally:
        timer.cancel()


def _told(line: bytes, question: Question) -> Answer:
    """Return the answer in `line`. Raises the ServiceError that stands there, ValueError where nothing does."""
    told: dict[str, Any] = json.loads(line)
    if "answer" in told:
        for stage, seconds in told["stages"].items():
            setattr(question.trace, stage, getattr(question.trace, stage) + seconds)
        answer: Answer = told["answer"]
        return answer
    error = ServiceError(told["detail"])
    error.status = told["status"]
    raise error


def _close(process: "subprocess.Popen[bytes]") -> None:
    """End `process` by the end of its input, and wait for it."""
    timer = threading.Timer(MOST_SECONDS, process.kill)
    timer.start()
    try:
        process.communicate()  # closes the pipes
    finally:
        timer.cancel()


def serve(received: IO[bytes], sent: IO[bytes]) -> None:
    """Answer what is received until it ends: see the module's docstring."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  # needed in that process alone

    settings = Settings.model_validate_json(received.readline()).model_copy(update={"audit": None})  # the parent's
    if settings.log_format == "json":  # as text, errors are printed without being told how
        logging.config.dictConfig(logs.config(settings))
    service = Service(settings)
    with threadpool_limits(settings.blas_threads, "blas"):
        _send(sent, {"loaded": service.loaded})
        while line := received.readline():
            about = json.loads(line)
            question = Question(received.read(about["size"]), Options(**about["options"]), about["request_id"])
            (answer,) = service.answers([question])
            if isinstance(answer, ServiceError):
                _send(sent, {"status": answer.status, "detail": answer.detail})
            elif isinstance(answer, Exception):
                about_it = {"request_id": question.request_id}
                log.error("%s: a picture failed", question.request_id, exc_info=answer, extra=about_it)
                _send(sent, {"status": 500, "detail": UNFORESEEN})
            else:
                stages = {stage: getattr(question.trace, stage) for stage in _STAGES}
                _send(sent, {"answer": answer, "stages": stages})


def _send(sent: IO[bytes], value: dict[str, Any]) -> None:
    sent.write(json.dumps(value).encode() + b"\n")
    sent.flush()


def main() -> None:
    if _BUSY not in sys.argv:
        give_back_large_blocks()
    # The parent decides when it ends: a terminal's Ctrl-C, or a system that stops the whole group, reaches it too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
