"""The folder in which several workers keep their metrics, so that whichever of them is asked answers for all.

prometheus-client writes files there, a few for each process. What it leaves open is done here: there is room in the
files from the start, and once a worker has ended, its gauges go and its counts are added to those of all that ended.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

if sys.platform != "win32":
    import fcntl

_GROWING = ("counter", "histogram")
_KINDS = (*_GROWING, "gauge_livesum", "gauge_livemax")
_FILE_BYTES = 1 << 18  # twice what all series take; files that grow on a full disk would end the process
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

    @contextmanager
    def together(self) -> Iterator[CollectorRegistry]:
        """Within the block, the registry has the values of all workers."""
        registry = CollectorRegistry()
        with self._alone():
            self._bury_the_dead()
            MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
            yield registry

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "lock").open("a") as lock:
            _lock(lock, wait=True)
            yield

    def _bury_the_dead(self) -> None:
        """Let the gauges of workers that ended go, and keep their counts: in one place, or each restart adds files."""
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


def _lock(file: IO[str], *, wait: bool) -> bool:
    """Lock `file` until it is closed; return whether that was possible."""
    if sys.platform == "win32":
        return wait
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _make_room(path: Path) -> None:
    if not path.exists():
        try:
            path.write_bytes(bytes(_FILE_BYTES))
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _add(path: Path, total: Path) -> None:
    """Add the counts in `path` to those in `total`, and remove it."""
    with suppress(FileNotFoundError):
        values = MmapedDict.read_all_values_from_file(path)  # type: ignore[no-untyped-call]
        ended = MmapedDict(str(total))  # type: ignore[no-untyped-call]
        for key, value, _, _ in values:
            ended.write_value(key, ended.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
        ended.close()  # type: ignore[no-untyped-call]
        path.unlink()
