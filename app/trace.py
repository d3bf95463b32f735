"""What is noted of a question on its way from the event loop to a thread and back."""

import time
from dataclasses import dataclass, field


@dataclass
class Trace:
    """The seconds of each stage, for the metrics; and the picture's SHA-256, where the audit wants it."""

    seconds: dict[str, float] = field(default_factory=dict)
    sha256: str = ""
    _asked: float = 0.0

    def asked(self) -> None:
        """Note that it is put into a queue now."""
        self._asked = time.perf_counter()

    def taken_up(self, now: float) -> None:
        """Note that a thread took it up at `now`, a time of `time.perf_counter`."""
        self.add("wait", now - self._asked)

    def add(self, stage: str, seconds: float) -> None:
        """Add `seconds` to those of `stage`."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
