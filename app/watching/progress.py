"""What the watcher shows while it runs: a bar on a terminal, and sentences anywhere."""

import sys
import time
from collections import deque

BAR = 20  # characters
RATED = 100  # pictures over which the rate is measured
CLEAR = "\r\033[K"  # back to the start of the line, and nothing on it


class Progress:
    """A line on a terminal: a bar, counts and the rate. Elsewhere, such as in a log, it shows only what is said."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._times: deque[float] = deque(maxlen=RATED)
        self._read = self._failed = 0

    def say(self, sentence: str) -> None:
        """Print a sentence on a line of its own."""
        print(f"{CLEAR}{sentence}" if self._shown else sentence, file=sys.stderr, flush=True)

    def count(self, *, read: bool, left: int) -> None:
        """Count a picture; `left` wait to be read."""
        self._times.append(time.monotonic())
        self._read, self._failed = self._read + read, self._failed + (not read)
        if self._shown:
            done = self._read + self._failed
            bar = "#" * (BAR * done // (done + left))
            spent = self._times[-1] - self._times[0]
            rate = (len(self._times) - 1) / spent if spent else 0.0
            line = f"[{bar:{BAR}}] {self._read} read, {self._failed} unreadable, {left} waiting, {rate:.1f}/s"
            print(f"{CLEAR}{line}", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the line."""
        if self._shown and self._times:
            print(file=sys.stderr)
