"""`read`: pictures -> JSON Lines or CSV, in this process, without a server.

The fields are those of the client's command (app/client.py), so that programs can read the output of either.
"""

import argparse
import contextlib
import csv
import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from app.calibrating.sources import Folder, Source
from app.commands.starting import loaded_service, refuse
from app.errors import UNFORESEEN, ServiceError, TooLargeError, UnreadableError
from app.service import Answer, Question, Service
from app.settings import Settings
from model.options import turned_by
from model.reader import Options

log = logging.getLogger(__name__)

COLUMNS = ("file", "text", "formatted", "confidence", "decision", "reason", "kind", "error")
SLOW = 2.0  # seconds: shorter runs need no progress bar
HERE = Folder(Path())

Row = dict[str, Any]


def run(given: argparse.Namespace) -> int:
    """Read the files named on the command line; return 0 where every picture was read, else 1."""
    service = loaded_service()
    options = options_of(given, service.settings, given.top)
    try:
        with threadpool_limits(service.settings.blas_threads, "blas"), _output(given.out) as out:
            failed = _write(_rows(service, given.files, options), out, given)
    except OSError as error:
        # Only writing raises it here: an unreadable file becomes a row.
        refuse(f"{given.out or 'standard output'} cannot be written: {error.strerror}")
    return 1 if failed else 0


def options_of(given: argparse.Namespace, settings: Settings, top: int = 3) -> Options:
    """Return what the command line asks of every picture; where that contradicts itself, exit with code 2."""
    try:
        return Options(
            kind=given.kind,
            digits=given.digits,
            country=given.country,
            top=top,
            max_error=settings.max_error if given.max_error is None else given.max_error,
            turned=None if given.turned is None else turned_by(given.turned),
            envelope_country=settings.country,
        )
    except ValueError as error:
        refuse(str(error))


def _rows(service: Service, files: list[str], options: Options) -> Iterator[Row]:
    """Yield one row per file, in order; an unreadable file's row holds only its name and its error."""
    for file in files:
        answer: Answer | Exception | bytes = content_of(file, service.settings.max_body_bytes)
        if isinstance(answer, bytes):
            (answer,) = service.answers([Question(answer, options, file)])
        if isinstance(answer, Exception):
            detail = answer.detail if isinstance(answer, ServiceError) else UNFORESEEN
            if detail == UNFORESEEN:
                log.error("%s: the picture failed", file, exc_info=answer)
            yield dict.fromkeys(COLUMNS) | {"file": file, "error": detail}
        else:
            del answer["request_id"]
            yield {"file": file, **answer, "error": None}


def content_of(file: str, most: int, source: Source = HERE) -> bytes | ServiceError:
    """Return the bytes of `file` in `source`, or why it cannot be read.

    It stops past `most` bytes: a device may have no end.
    """
    try:
        content = source.read(file, most + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        return UnreadableError(f"the file cannot be read: {getattr(error, 'strerror', None) or error}")
    if len(content) > most:
        return TooLargeError(f"the file has more than {most} bytes, the limit (DIGITS_MAX_BODY_BYTES)")
    return content


def _write(rows: Iterator[Row], out: TextIO, given: argparse.Namespace) -> int:
    """Write each row as soon as it is there, and return how many pictures were not read.

    Each line is written in one go, so that whatever stops the command leaves whole lines.
    """
    failed = 0
    if given.format == "csv":
        out.write(_csv_line(COLUMNS))
    lines_seen = given.out is None and sys.stdout.isatty()
    bar = tqdm(rows, total=len(given.files), unit="picture", delay=SLOW, disable=True if lines_seen else None)
    for row in bar:
        failed += row["error"] is not None
        line = _csv_line([_cell(name, row[name]) for name in COLUMNS]) if given.format == "csv" else _json_line(row)
        out.write(line)
        out.flush()
    return failed


def _json_line(row: Row) -> str:
    return json.dumps(row) + "\n"


def _csv_line(values: Any) -> str:
    line = io.StringIO()
    # Text is quoted, so that "01000" is not taken for a number.
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow(values)
    return line.getvalue()


def _cell(column: str, value: object) -> object:
    """Return `value` so that no spreadsheet takes it for a formula; a file's name stays the name of that file."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"./{value}" if column == "file" else f"'{value}"
    return value


@contextlib.contextmanager
def _output(name: str | None) -> Iterator[TextIO]:
    """Open the output file, or standard output. Bytes of a file name that are not UTF-8 are written unchanged."""
    if name is not None:
        with Path(name).open("w", encoding="utf-8", errors="surrogateescape", newline="") as opened:
            yield opened
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        yield sys.stdout
    except OSError as error:
        # What is still buffered can no longer be written, and Python must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read the lines has seen enough
            raise SystemExit(1) from None
        raise
