"""What is noted of a question on its way from the event loop to a thread and back."""

from dataclasses import dataclass


@dataclass(slots=True)
class Trace:
    """When it was put into a queue, the seconds of each stage, and the picture's SHA-256, where the audit wants it.

    asked: a time of `time.perf_counter`, of which there are two where a picture turns out to be heavy; so `wait`,
    `decode` and `read` are sums.
    """

    asked: float = 0.0
    wait: float = 0.0
    decode: float = 0.0
    read: float = 0.0
    sha256: str = ""
