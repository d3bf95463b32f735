"""What the service measures of itself, for Prometheus. Names are in MEASURES; GET /metrics answers with the values."""

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, values
from prometheus_client.exposition import choose_encoder

from app.route_paths import OTHER
from app.trace import STAGE_NAMES, Trace
from app.worker_files import WorkerFiles
from app.worker_folder import VARIABLE

log = logging.getLogger(__name__)

LEFT = 499
"""The status counted where the client left before it was answered, as nginx has it."""

SETTLE_SECONDS = 0.1
"""How long what is noted of a request waits until it is counted. Then many are, at once, in half of the time."""

Limit = Literal["queue", "heavy", "bodies", "digits"]
"""What was full: the queue; that of large pictures and mail pieces; what all bodies may take together; or the digits of
tensors that may be under way."""


@dataclass(frozen=True)
class Measure:
    """A metric: its name, what it means, and its labels."""

    type: ClassVar[str]
    name: str
    what: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted(Measure):
    """It only grows, until the service is started anew."""

    type: ClassVar[str] = "counter"

    def made(self, registry: CollectorRegistry) -> Counter:
        return Counter(self.name, self.what, self.labels, registry=registry)


@dataclass(frozen=True)
class Held(Measure):
    """It is as it is now, of all living workers together: their `livesum`, or their `livemax`."""

    type: ClassVar[str] = "gauge"
    mode: Literal["livesum", "livemax"] = "livesum"

    def made(self, registry: CollectorRegistry) -> Gauge:
        return Gauge(self.name, self.what, self.labels, registry=registry, multiprocess_mode=self.mode)


@dataclass(frozen=True)
class Spread(Measure):
    """How many values were at most as large as each bucket."""

    type: ClassVar[str] = "histogram"
    buckets: tuple[float, ...] = ()

    def made(self, registry: CollectorRegistry) -> Histogram:
        return Histogram(self.name, self.what, self.labels, registry=registry, buckets=self.buckets)


_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_STAGE_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
_CONFIDENCES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 1)  # fine near 1, where the thresholds are

REQUESTS = Counted(
    "digits_requests_total",
    f"Requests by path and by the status of the answer; {LEFT} where the client left before it.",
    ("path", "status"),
)
DURATION = Spread(
    "digits_request_duration_seconds",
    "Seconds from a request's head to the end of its answer, without those refused before any route.",
    ("path",),
    _SECONDS,
)
STAGES = Spread(
    "digits_stage_duration_seconds",
    "Seconds of a picture in each stage: wait (for a thread), decode (to pixels), ink (until a network looks), "
    "network (all looks), decide (the rest).",
    ("stage", "kind"),
    _STAGE_SECONDS,
)
READINGS = Counted(
    "digits_readings_total",
    "Readings answered, those of batches too; the reason is none where they are accepted.",
    ("kind", "decision", "reason"),
)
CONFIDENCE = Spread("digits_reading_confidence", "Confidences of the readings.", ("kind",), _CONFIDENCES)
BATCH_PROBLEMS = Counted(
    "digits_batch_problems_total", "Pictures of batches that were answered with a problem.", ("status",)
)
REFUSALS = Counted(
    "digits_refusals_total",
    "Requests refused with 503 because too much was under way, by what was full: queue, heavy, bodies or digits.",
    ("limit",),
)
QUEUE = Held("digits_queue_length", "Pictures that wait for a thread.", ("pool",))
QUEUE_LIMIT = Held("digits_queue_limit", "Pictures that may wait.", ("pool",))
BUSY = Held("digits_threads_busy", "Threads that read pictures at the moment.", ("pool",))
THREADS = Held("digits_threads", "Threads that read pictures.", ("pool",))
WORKERS = Held("digits_workers", "Processes that answer requests.")
AUDIT_LOST = Counted("digits_audit_lost_total", "Audit lines that could not be written.")
BUILD = Held(
    "digits_build_info",
    "Always 1: the version, and the SHA-256 of the model and of the calibration.",
    ("version", "model", "calibration", "calibration_sha256"),
    "livemax",
)
MEASURES = (
    REQUESTS,
    DURATION,
    STAGES,
    READINGS,
    CONFIDENCE,
    BATCH_PROBLEMS,
    REFUSALS,
    QUEUE,
    QUEUE_LIMIT,
    BUSY,
    THREADS,
    WORKERS,
    AUDIT_LOST,
    BUILD,
)
"""All that is measured, in the order of docs/observing.md. `pool` is light, or heavy: large pictures, mail pieces."""


class Pool(Protocol):
    """Threads with a queue before them: see `ComputeThreads`."""

    most_waiting: int

    @property
    def waiting(self) -> int: ...
    @property
    def busy(self) -> int: ...
    @property
    def threads(self) -> int: ...


class Metrics:
    """The values of one worker. Where PROMETHEUS_MULTIPROC_DIR names a folder, they are in files there, for all to add.

    prometheus-client looks at that variable once, when it is imported: `serve` sets it before workers start.
    """

    def __init__(self, build: Mapping[str, str] | None = None) -> None:
        """Begin at zero. build: the labels of BUILD."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # several workers have none either
        self._files = _worker_files()
        registry = self._registry = CollectorRegistry()
        # Kept once made: to look one up by its labels takes longer than to count.
        self._request = cache(REQUESTS.made(registry).labels)
        self._duration = cache(DURATION.made(registry).labels)
        self._stage = cache(STAGES.made(registry).labels)
        self._reading = cache(READINGS.made(registry).labels)
        self._confidence = cache(CONFIDENCE.made(registry).labels)
        self._batch_problem = cache(BATCH_PROBLEMS.made(registry).labels)
        refusals = REFUSALS.made(registry)
        limits: tuple[Limit, ...] = ("queue", "heavy", "bodies", "digits")
        self._refusals = {limit: refusals.labels(limit) for limit in limits}  # there from the start, at zero
        self._pools = {each: each.made(registry) for each in (QUEUE, QUEUE_LIMIT, BUSY, THREADS)}
        self._audit_lost = AUDIT_LOST.made(registry)
        self._requests_noted: list[tuple[str, int, float]] = []
        self._readings_noted: list[tuple[str, str, str | None, float, Trace]] = []
        self._watched: list[tuple[Pool, Gauge, Gauge]] = []
        WORKERS.made(registry).set(1)
        if build is not None:
            BUILD.made(registry).labels(**build).set(1)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Note an answered request. path: of its route, or OTHER."""
        self._requests_noted.append((path, status, seconds))

    def reading(self, answer: Mapping[str, Any], trace: Trace) -> None:
        """Note a reading, and how long its stages took."""
        self._readings_noted.append((answer["kind"], answer["decision"], answer["reason"], answer["confidence"], trace))

    def watch(self, name: str, pool: Pool) -> None:
        """Ask `pool` from now on how many pictures wait for its threads, and how many of these are busy."""
        self._pools[THREADS].labels(name).set(pool.threads)
        self._pools[QUEUE_LIMIT].labels(name).set(pool.most_waiting)
        self._watched.append((pool, self._pools[QUEUE].labels(name), self._pools[BUSY].labels(name)))
        self.settle()

    def settle(self) -> None:
        """Count what was noted. Only the event loop does so."""
        requests, self._requests_noted = self._requests_noted, []
        for path, status, seconds in requests:
            self._request(path, status).inc()
            self._duration(path).observe(seconds)
        readings, self._readings_noted = self._readings_noted, []
        for kind, decision, reason, confidence, trace in readings:
            self._reading(kind, decision, reason or "none").inc()
            self._confidence(kind).observe(confidence)
            for stage in STAGE_NAMES:
                self._stage(stage, kind).observe(getattr(trace, stage))
        for pool, queue, busy in self._watched:
            queue.set(pool.waiting)
            busy.set(pool.busy)

    async def settle_for_ever(self) -> None:
        """Count every SETTLE_SECONDS what was noted, for other workers may be asked."""
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            self.settle()

    def before_the_app(self, status: int) -> None:
        """Count a request that was answered without asking the app: 503 where the queue is full, or it is broken."""
        if status == 503:
            self.refused("queue")
        self._request("/predict" if status == 503 else OTHER, status).inc()

    def refused(self, limit: Limit) -> None:
        """Count a request that was refused because `limit` was reached."""
        self._refusals[limit].inc()

    def batch_problem(self, status: int) -> None:
        """Count a picture of a batch that was answered with a problem."""
        self._batch_problem(status).inc()

    def audit_lost(self) -> None:
        """Count a line that is missing in the audit."""
        self._audit_lost.inc()

    def text(self) -> tuple[bytes, str]:
        """Return the values of all workers in Prometheus' text format, and its media type."""
        encode, media_type = choose_encoder("")
        return (encode(self._registry) if self._files is None else self._files.text()), media_type


def _worker_files() -> WorkerFiles | None:
    """Return the files of this worker; None where one alone answers, or where there is no room for them."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return None
    try:
        return WorkerFiles(Path(folder))
    except OSError as error:
        log.error("This worker's metrics are missing: there is no room for them in %s: %s", folder, error.strerror)  # noqa: TRY400  # the traceback says no more
        values.ValueClass = values.MutexValue  # in memory: to write where there is no room would end the process
        return None
