"""Blocks are read by processes on this machine, as many as it has cores."""

import queue
import threading
from collections.abc import Iterable, Sequence
from concurrent import futures
from typing import Any

from app.archives.engine import EngineError
from app.archives.entries import Block
from app.archives.reading import Task, rows_of
from app.archives.rows import Row
from app.errors import UnavailableError
from app.heavy import HeavyProcess


class Pool:
    """Processes on this machine. A thread beside each gives it pictures, one at a time."""

    def __init__(self, task: Task, workers: int) -> None:
        self._task, self.most = task, workers + 1  # one is ready when a worker is done
        self._processes: queue.SimpleQueue[HeavyProcess] = queue.SimpleQueue()
        self._all = [task.process() for _ in range(workers)]
        for process in self._all:
            self._processes.put(process)
        self._threads = futures.ThreadPoolExecutor(workers)
        self._closed = threading.Event()

    def start(self, block: Block) -> "futures.Future[list[Row]]":
        """Begin with `block` once a process is free."""
        return self._threads.submit(self._rows, block)

    def _rows(self, block: Block) -> list[Row]:
        process, rows = self._processes.get(), []
        try:
            for row in rows_of(block.pictures, self._task, process):
                if self._closed.is_set():
                    raise futures.CancelledError
                rows.append(row)
        finally:
            self._processes.put(process)
        return rows

    def finished(self, handles: Sequence[Any]) -> Iterable[Any]:
        """Wait for one of `handles`."""
        return futures.wait(handles, return_when=futures.FIRST_COMPLETED).done

    def rows(self, handle: Any) -> list[Row]:
        """Return what became of a block. Raises EngineError where its process does not start."""
        try:
            rows: list[Row] = handle.result()
        except UnavailableError as error:
            raise EngineError(error.detail) from error
        return rows

    def close(self) -> None:
        """End the processes, once each has read the picture that it has."""
        self._closed.set()
        self._threads.shutdown(cancel_futures=True)
        for process in self._all:
            process.end()
