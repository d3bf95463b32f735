"""What is noted of a question on its way from the event loop to a thread and back."""

from dataclasses import dataclass

STAGE_NAMES = ("wait", "decode", "ink", "network", "decide")
"""What a picture goes through: a queue, to its pixels, to what the networks look at, their looks, and the rest."""


@dataclass(slots=True)
class Trace:
    """When it was put into a queue, the seconds of each stage, and the picture's SHA-256, where the audit wants it.

    asked: a time of `time.perf_counter`, of which there are two where a picture turns out to be heavy; so the
    seconds of STAGE_NAMES are sums.
    """

    asked: float = 0.0
    wait: float = 0.0
    decode: float = 0.0
    ink: float = 0.0
    network: float = 0.0
    decide: float = 0.0
    sha256: str = ""
