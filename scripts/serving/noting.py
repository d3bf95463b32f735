"""What it costs to note a request for the metrics, in this process: prints the microseconds of CPU.

It is a program of its own, because prometheus-client decides when it is imported whether values are shared by workers:
PROMETHEUS_MULTIPROC_DIR=FOLDER python scripts/serving/noting.py
"""

import sys
import time

from app.metrics import Metrics
from app.trace import Trace

TIMES, ROUNDS = 2_000, 20
ANSWER = {"kind": "digit", "decision": "accept", "reason": None, "confidence": 0.9995}


def main() -> int:
    metrics = Metrics()
    note = metrics.pool("light", 1, 64)

    def one() -> None:
        trace = Trace()
        trace.asked()
        note(1, 0)  # it waits,
        note(0, 1)  # is read,
        trace.taken_up(time.perf_counter())
        trace.add("decode", 0.0003)
        trace.add("read", 0.001)
        note(0, 0)  # and the thread has nothing else to do
        metrics.reading(ANSWER, trace.seconds)
        metrics.request("/predict", 200, 0.002)

    seconds = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(TIMES):
            one()
        seconds.append((time.thread_time() - began) / TIMES)
    print(f"{min(seconds) * 1e6:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
