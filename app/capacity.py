"""Limits on work under way: the compute threads, the short queue in front of them, and the refusal once it is full."""

import asyncio
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.errors import BusyError

Item = TypeVar("Item")
Result = TypeVar("Result")

log = logging.getLogger(__name__)

_NICE = 10
"""Of compute threads. The event loop's work is short, and everybody waits for it: on a CPU of both, it goes first."""


class Budget:
    """A limit on what all requests hold together, such as bytes. Used only by the event loop."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def fits(self, amount: int) -> bool:
        """Return whether `amount` more is within the budget; if nothing else is held, any amount is."""
        return not self.held or self.held + amount <= self.most

    def take(self, amount: int) -> None:
        """Hold `amount` until it is given back. Raises BusyError where it does not fit."""
        if not self.fits(amount):
            raise BusyError
        self.held += amount

    def give(self, amount: int) -> None:
        """Give back what was taken."""
        self.held -= amount

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Hold `amount` for as long as the block runs. Raises BusyError where it does not fit."""
        self.take(amount)
        try:
            yield
        finally:
            self.give(amount)


@dataclass(frozen=True, eq=False)
class _Job(Generic[Item, Result]):
    item: Item
    future: "asyncio.Future[Result]"


class ComputeThreads(Generic[Item, Result]):
    """Threads that work off a queue, a few items at once; a caller that finds it full is refused at once.

    Each thread has its own working memory, so memory is bounded by the number of threads, not of requests. An item
    whose caller has left is dropped before it is computed.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        *,
        name: str,
        threads: int,
        most_waiting: int,
        at_once: int = 1,
        first: Callable[[], None] = lambda: None,
        rest: Callable[[], None] = lambda: None,
        rest_seconds: float | None = None,
    ) -> None:
        """Start the threads; each calls `first` before anything else, and `rest` where nothing came for `rest_seconds`.

        work: items -> a result or an error for each. at_once: the most items that one call of `work` is given.
        rest is also called at the end.
        """
        self._work, self._at_once, self._first, self._rest = work, at_once, first, rest
        self._rest_seconds = rest_seconds
        self._begun = threading.Semaphore(0)
        self.most_waiting = most_waiting
        self._waiting: deque[_Job[Item, Result]] = deque()
        self._busy = 0
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, item: Item) -> Result:
        """Return what `work` makes of `item`. Raises its error, or BusyError where too many wait already."""
        job: _Job[Item, Result] = _Job(item, asyncio.get_running_loop().create_future())
        with self._changed:
            if self.full:
                raise BusyError
            self._waiting.append(job)
            self._changed.notify()
        try:
            return await job.future
        except asyncio.CancelledError:  # its caller has left: somebody else may have its place
            with self._changed, suppress(ValueError):
                self._waiting.remove(job)
            raise

    async def ready(self) -> None:
        """Return once every thread has done what comes first."""
        for _ in self._threads:
            await asyncio.to_thread(self._begun.acquire)

    @property
    def waiting(self) -> int:
        """How many items wait for a thread."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """How many threads work."""
        return self._busy

    @property
    def threads(self) -> int:
        """How many threads there are."""
        return len(self._threads)

    @property
    def full(self) -> bool:
        """Whether the next item would be refused."""
        return self._closed or len(self._waiting) >= self.most_waiting

    def close(self) -> None:
        """Take no more items, and end the threads once what waits is done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        _go_after_the_event_loop()
        self._first()
        self._begun.release()
        worked = False
        while (jobs := self._next(worked=worked)) is not None:
            worked = bool(jobs)
            if not jobs:
                self._rest()
                continue
            try:
                results: Sequence[Result | Exception] = self._work([job.item for job in jobs])
            except Exception as error:  # `work` returns the errors of single items; this one was not foreseen
                log.exception("%d items failed together", len(jobs))
                results = [error] * len(jobs)
            jobs[0].future.get_loop().call_soon_threadsafe(_deliver, jobs, results)
        self._rest()

    def _next(self, *, worked: bool) -> list[_Job[Item, Result]] | None:
        """Return some of what waits, oldest first; nothing if nothing came for long; None once closed and done.

        worked: whether this thread has worked until now.
        """
        with self._changed:
            self._busy -= worked
            while True:
                jobs: list[_Job[Item, Result]] = []
                while self._waiting and len(jobs) < self._at_once:
                    job = self._waiting.popleft()
                    if not job.future.cancelled():
                        jobs.append(job)
                if jobs or self._closed:
                    self._busy += bool(jobs)
                    return jobs or None
                if not self._changed.wait(self._rest_seconds):
                    return []


def _go_after_the_event_loop() -> None:
    """Make this thread nicer. Only Linux knows how nice each thread is."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(_NICE, os.getpriority(os.PRIO_PROCESS, thread)))


def _deliver(jobs: Sequence[_Job[Item, Result]], results: Sequence[Result | Exception]) -> None:
    for job, result in zip(jobs, results, strict=True):
        if job.future.done():  # its caller has left meanwhile
            continue
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)
