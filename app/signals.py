"""What the service does when it is told to stop, or to start again."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

log = logging.getLogger("uvicorn.error")


@contextmanager
def drained_on_terminate(
    seconds: float, begin: Callable[[], None], reopen: Callable[[], None] | None = None
) -> Iterator[None]:
    """Within the block, SIGTERM calls `begin`, and stops the server `seconds` later; a second SIGTERM stops it at once.

    SIGHUP restarts the workers where there are several. A single worker, or one to which it is sent by mistake, is not
    ended by it: it only calls `reopen`, if that is given.
    """
    if threading.current_thread() is not threading.main_thread():  # a server in a thread gets no signals
        yield
        return
    loop, stop = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
    begun = False

    def terminate(number: int, frame: FrameType | None) -> None:
        nonlocal begun
        if begun or not callable(stop):
            _call(stop, number, frame)
            return
        begun = True
        begin()
        log.info("Draining: no longer ready, and stopping in %g seconds.", seconds)
        loop.call_soon_threadsafe(loop.call_later, seconds, _call, stop, number, frame)

    def hung_up(_: int, __: FrameType | None) -> None:
        if reopen is not None:
            loop.call_soon_threadsafe(reopen)
        log.warning(
            "SIGHUP restarts workers where DIGITS_WORKERS is 2 or more, and is for their parent process; %s.",
            "ignored" if reopen is None else "only the audit's file was opened again",
        )

    signal.signal(signal.SIGTERM, terminate)
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    before = signal.signal(hang_up, hung_up) if hang_up is not None else None
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, stop)
        if hang_up is not None:
            signal.signal(hang_up, before)


def _call(handler: Any, number: int, frame: FrameType | None) -> None:
    if callable(handler):
        handler(number, frame)
    else:
        raise SystemExit(128 + number)
