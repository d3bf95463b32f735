"""The files in which several workers keep their metrics, so that whichever of them is asked answers for all.

prometheus-client writes a few for each process. What it leaves open is done here. There is room in them from the start.
Once a worker has ended, its gauges go, and its counts are added to those of all that ended: else every restart would
leave files to read. And what is read is added up before it is looked at, which takes a fifth of the library's time.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import mark_process_dead
from prometheus_client.utils import floatToGoString

if sys.platform != "win32":
    import fcntl

_GROWING = ("counter", "histogram")
_LARGEST = "gauge_livemax"
_KINDS = (*_GROWING, "gauge_livesum", _LARGEST)
_FILE_BYTES = 1 << 18  # nearly twice what all series take; files that grow on a full disk would end the process
_ENDED = "ended"


class WorkerFiles:
    """The files of this worker, among those of the others. Only where files can be locked is it known who has ended."""

    def __init__(self, folder: Path) -> None:
        """Make room in `folder` for this process. Raises OSError where there is none."""
        self._folder, self._own = folder, str(os.getpid())
        with self._alone():
            for name in (*(f"{kind}_{self._own}" for kind in _KINDS), *(f"{kind}_{_ENDED}" for kind in _GROWING)):
                _make_room(folder / f"{name}.db")
            # Locked for as long as this process lives, however it ends: another may have its number later.
            self._living = (folder / f"{self._own}.living").open("a")
            _lock(self._living, wait=True)

    def text(self) -> bytes:
        """Return the values of all workers together, in Prometheus' text format."""
        values: dict[tuple[str, str], float] = {}
        with self._alone():
            self._bury_the_dead()
            for path in self._folder.glob("*.db"):
                kind = path.name.rpartition("_")[0]
                add = max if kind == _LARGEST else float.__add__
                for key, value in _read(path):
                    values[kind, key] = add(values.get((kind, key), 0.0), value)
        return _text(values.items())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "lock").open("a") as lock:
            _lock(lock, wait=True)
            yield

    def _bury_the_dead(self) -> None:
        """Let the gauges of workers that ended go, and add up their counts."""
        for living in self._folder.glob("*.living"):
            if living.stem == self._own:
                continue
            with living.open("a") as file:
                if not _lock(file, wait=False):
                    continue
            mark_process_dead(int(living.stem), str(self._folder))  # type: ignore[no-untyped-call]
            for kind in _GROWING:
                _add(self._folder / f"{kind}_{living.stem}.db", self._folder / f"{kind}_{_ENDED}.db")
            living.unlink()


@dataclass(frozen=True)
class _Series:
    """What a key in a file says. labels: as they are written, without that of a histogram's bucket, which is `le`."""

    head: str
    family: str
    name: str
    labels: str
    le: str | None


@cache
def _series(kind: str, key: str) -> _Series:
    family, name, labels, what = json.loads(key)
    le = labels.pop("le", None)
    written = ",".join(f"{label}={_quoted(value)}" for label, value in sorted(labels.items()))
    kind = kind.partition("_")[0]
    of = name if kind == "counter" else family  # a counter's family has no _total
    return _Series(f"# HELP {of} {what}\n# TYPE {of} {kind}\n", family, name, written, le)


def _text(values: Iterable[tuple[tuple[str, str], float]]) -> bytes:
    """Return the text of `values`. A file has a histogram's buckets in order, each without what is in those below."""
    lines: dict[str, list[str]] = {}
    below: dict[tuple[str, str], float] = {}
    for (kind, key), value in values:
        series = _series(kind, key)
        written = lines.setdefault(series.head, [])
        if series.le is None:
            written.append(_line(series.name, series.labels, value))
            continue
        child = series.family, series.labels
        below[child] = below.get(child, 0.0) + value
        labels = f'{series.labels},le="{series.le}"' if series.labels else f'le="{series.le}"'
        written.append(_line(series.name, labels, below[child]))
        if series.le == "+Inf":
            written.append(_line(f"{series.family}_count", series.labels, below[child]))
    return "".join(head + "".join(written) for head, written in lines.items()).encode()


def _line(name: str, labels: str, value: float) -> str:
    number: str = floatToGoString(value)  # type: ignore[no-untyped-call]
    return f"{name}{{{labels}}} {number}\n" if labels else f"{name} {number}\n"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'"{escaped}"'


def _read(path: Path) -> Iterator[tuple[str, float]]:
    values = MmapedDict.read_all_values_from_file(path)  # type: ignore[no-untyped-call]
    return ((key, value) for key, value, _, _ in values)


def _add(path: Path, total: Path) -> None:
    """Add the counts in `path` to those in `total`, and remove it."""
    with suppress(FileNotFoundError):
        values = _read(path)
        ended = MmapedDict(str(total))  # type: ignore[no-untyped-call]
        for key, value in values:
            ended.write_value(key, ended.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
        ended.close()  # type: ignore[no-untyped-call]
        path.unlink()


def _make_room(path: Path) -> None:
    if not path.exists():
        try:
            path.write_bytes(bytes(_FILE_BYTES))
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _lock(file: IO[str], *, wait: bool) -> bool:
    """Lock `file` until it is closed; return whether that was possible."""
    if sys.platform == "win32":
        return wait
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
