"""How long networks look at a picture, what comes before them, and what comes after: the time of a reading by stage."""

import copy
import functools
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from app.trace import Trace

Looks = TypeVar("Looks")
"""What looks at pictures: a classifier, or a network."""

_LOOKING = ("judged", "probabilities", "logits", "log_chances")
"""The methods that look, whatever has them."""


class Stopwatch(threading.local):
    """Measures readings. Threads may share it: each has values of its own."""

    def __init__(self) -> None:
        self._began = 0.0
        self._first_look: float | None = None
        self._looked = 0.0

    def start(self) -> None:
        """Begin to measure in this thread."""
        self._first_look, self._looked = None, 0.0
        self._began = time.perf_counter()

    def note(self, trace: Trace, pictures: int = 1) -> None:
        """Add to `trace` what it took since the start, which was for so many `pictures` together."""
        now = time.perf_counter()
        first_look = self._first_look or now
        trace.ink += (first_look - self._began) / pictures
        trace.network += self._looked / pictures
        trace.decide += (now - first_look - self._looked) / pictures

    def timed(self, looks: Looks) -> Looks:
        """Return a copy of `looks` that is measured in whichever thread it looks. It shares all parameters."""
        copied = copy.copy(looks)
        for name in _LOOKING:
            if hasattr(looks, name):
                # Bound to the original: where one method calls another, that look is measured once.
                setattr(copied, name, self._measured(getattr(looks, name)))
        return copied

    def _measured(self, look: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(look)
        def measured(*given: Any) -> Any:
            began = time.perf_counter()
            if self._first_look is None:
                self._first_look = began
            seen = look(*given)
            self._looked += time.perf_counter() - began
            return seen

        return measured
