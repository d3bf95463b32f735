"""Pictures -> rows, each the reading of a picture or why there is none: the same in the pool and on Ray."""

import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.archives import tiff_pages
from app.archives.entries import Picture
from app.archives.rows import COLUMNS, TOLD, Row
from app.errors import ServiceError, UnavailableError
from app.heavy import HeavyProcess
from app.service import Question
from app.settings import Settings
from app.version import VERSION
from model.options import Options


@dataclass(frozen=True)
class Task:
    """What is asked of every picture, and what it must be read with.

    settings: those that were given, as JSON. loaded: which files the model and the calibration are, `Service.loaded`.
    """

    options: Options
    settings: str
    loaded: str
    version: str = VERSION

    @classmethod
    def of(cls, options: Options, settings: Settings, loaded: str) -> "Task":
        """Return the task of reading with these settings, which another machine adds its own paths to."""
        return cls(options, settings.model_dump_json(exclude_unset=True), loaded)

    def process(self) -> HeavyProcess:
        """Return a process that reads: what crashes or hangs a decoder costs one picture."""
        if self.version != VERSION:
            raise UnavailableError(f"this machine has version {VERSION} of postal-digits; expected {self.version}")
        return HeavyProcess(Settings.model_validate_json(self.settings), self.loaded, busy=True)


def rows_of(pictures: Sequence[Picture], task: Task, process: HeavyProcess) -> Iterator[Row]:
    """Yield the rows of `pictures`, in order. Raises UnavailableError where the process cannot be had."""
    for picture in pictures:
        content = picture.content
        if isinstance(content, str):
            yield _row(picture.name, picture.page or 1, None) | {"error": content}
            continue
        pages = [] if picture.page else list(tiff_pages.several(content, len(content)))
        if len(pages) < 2:
            yield _read(picture.name, picture.page or 1, content, task, process)
            continue
        for number, page in enumerate(pages, start=1):
            if isinstance(page, Exception):
                yield _row(picture.name, number, None) | {"error": f"the file is broken: {page}"}
            else:
                yield _read(picture.name, number, page, task, process)


def _row(name: str, page: int, sha256: str | None) -> Row:
    # A file's name may hold bytes that are no text.
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return dict.fromkeys(COLUMNS) | {"name": text, "page": page, "sha256": sha256}


def _read(name: str, page: int, content: bytes, task: Task, process: HeavyProcess) -> Row:
    row = _row(name, page, hashlib.sha256(content).hexdigest())
    (answer,) = process.answers([Question(content, task.options, row["name"])])
    if isinstance(answer, dict):
        return row | {column: answer[column] for column in TOLD} | {"model": answer["model"]["sha256"]}
    if isinstance(answer, ServiceError) and not isinstance(answer, UnavailableError):
        return row | {"error": answer.detail}
    raise answer


@functools.cache
def kept_process(task: Task) -> HeavyProcess:
    """Return a process that reads for `task`, the same at each call: a worker of Ray does many tasks, one by one."""
    return task.process()
