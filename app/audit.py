"""The audit: one line for each reading, in a file that several workers may share. Off unless DIGITS_AUDIT names it."""

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime

from app.service import Answer, Question, Service

log = logging.getLogger(__name__)

STANDARD_OUTPUT = "-"
_MODE = 0o640  # a hash beside a code is personal data: not for everyone on the machine


class Audit:
    """Writes lines of JSON, each with one call to the system, which keeps those of several processes and threads apart.

    A line that cannot be written is lost, and no reading with it: that is logged when it begins and when it ends.
    """

    def __init__(self, path: str, calibration_sha256: str, lost: Callable[[], None] = lambda: None) -> None:
        """Open the file at `path`, or standard output for `-`. Raises OSError where that fails.

        lost: is called for each line that could not be written.
        """
        self._path, self._calibration_sha256, self._lost = path, calibration_sha256, lost
        self._file = os.dup(1) if path == STANDARD_OUTPUT else _opened(path)
        self._failing = False
        self._cut = False  # whether the last line was cut off by a full disk

    def write(self, question: Question, answer: Answer) -> None:
        """Write the line of a reading."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": "reading",
            "request_id": question.request_id,
            "model_sha256": answer["model"]["sha256"],
            "calibration": answer["calibration"],
            "calibration_sha256": self._calibration_sha256,
            "max_error": question.options.max_error,
            "threshold": answer["threshold"],
            "picture_sha256": question.trace.sha256,
            **{name: answer[name] for name in ("kind", "text", "confidence", "decision", "reason")},
        }
        content = json.dumps(line).encode() + b"\n"
        content = b"\n" + content if self._cut else content
        try:
            written = os.write(self._file, content)
        except OSError as error:
            self._failed(error.strerror or str(error))
            return
        self._cut = written < len(content)
        if self._cut:
            self._failed("the line was cut off")
        elif self._failing:
            self._failing = False
            log.warning("The audit is written again.")

    def reopen(self) -> None:
        """Open the file again by its name, which logrotate may have given to another; where that fails, keep the old.

        At any moment, the number of the file is that of an open one: threads may be writing.
        """
        if self._path == STANDARD_OUTPUT:
            return
        try:
            opened = _opened(self._path)
        except OSError as error:
            log.error("The audit stays in the file that was open: %s: %s", self._path, error.strerror)  # noqa: TRY400  # the traceback says no more
            return
        os.dup2(opened, self._file, inheritable=False)
        os.close(opened)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _failed(self, why: str) -> None:
        self._lost()
        if not self._failing:
            log.error("Audit lines are lost until further notice: %s", why)
        self._failing = True


def _opened(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)


def opened_audit(service: Service, lost: Callable[[], None] = lambda: None) -> Audit | None:
    """Return the audit that the settings of `service` ask for. Raises OSError where its file does not open."""
    path = service.settings.audit
    return None if path is None else Audit(path, service.build["calibration_sha256"], lost)
