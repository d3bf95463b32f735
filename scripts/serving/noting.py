"""What it costs to note a request for the metrics, in this process: prints the microseconds of CPU.

It is a program of its own, because prometheus-client decides when it is imported whether values are shared by workers:
PROMETHEUS_MULTIPROC_DIR=FOLDER python scripts/serving/noting.py
"""

import sys
import time

from app.metrics import Metrics
from app.trace import Trace

TIMES, ROUNDS = 50, 20
AT_ONCE = 40  # requests that are counted together, of 400 a second
ANSWER = {"kind": "digit", "decision": "accept", "reason": None, "confidence": 0.9995}


def main() -> int:
    metrics = Metrics()

    def several() -> None:
        for _ in range(AT_ONCE):
            metrics.reading(ANSWER, Trace(wait=0.001, decode=0.0003, ink=0.0003, network=0.0003, decide=0.0001))
            metrics.request("/predict", 200, 0.002)
        metrics.settle()

    seconds = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(TIMES):
            several()
        seconds.append((time.thread_time() - began) / TIMES / AT_ONCE)
    print(f"{min(seconds) * 1e6:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
