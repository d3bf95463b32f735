"""Crowd the service: 256 connections for a minute, then sixteen pictures of 25 megapixels at once; does it stay well?

Starts a service of its own on the first core; the load has the second. All the while a health check is asked for, on a
connection of its own, and the memory of the service's processes is looked at. Prints for each crowd the statuses, the
longest and the 99th percentile of the health checks, the most memory, and how long an ordinary digit takes in the two
seconds after. The exit code is 1 where a status was neither 200 nor 503.
Example: python scripts/crowd.py --seconds 60 --connections 256
"""

import argparse
import http.client
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fuzz import saved

if TYPE_CHECKING:
    from serving.benchmark import Input, Server

LARGE_SIDE = 5000
LARGE_AT_ONCE = 16
CHECK_EVERY = 0.05  # seconds
AFTER_SECONDS = 2.0
MOST_CHECK_MS = 100.0
COLUMNS = (
    "crowd", "answers", "health ms, median", "99 %", "longest", f"over {MOST_CHECK_MS:g} ms", "MB at most",
    f"a digit in the {AFTER_SECONDS:g} s after, longest ms",
)  # fmt: skip


class Watch:
    """What is seen of a server from outside while a crowd is there: health checks in seconds, and megabytes."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.seconds: list[float] = []
        self.megabytes: list[float] = []

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look for as long as the block runs."""
        done = threading.Event()
        thread = threading.Thread(target=self._look, args=(done,))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _look(self, done: threading.Event) -> None:
        while not done.wait(CHECK_EVERY):
            self.seconds.append(timed(self._server.port, "GET", "/health/ready")[0])
            self.megabytes.append(self._server.megabytes())


def timed(port: int, method: str, path: str, body: bytes | None = None) -> tuple[float, int]:
    """Return the seconds that a request on a new connection takes, and its status."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, body)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return time.perf_counter() - began, answer.status


def large(server: "Server", random: np.random.Generator) -> Counter[str]:
    """Send large pictures of several types, all at once; return how many answers had each status."""
    tile = Image.fromarray(random.integers(0, 256, (50, 50), np.uint8)).resize((LARGE_SIDE, LARGE_SIDE), 0)
    kinds = [("L", "PNG"), ("P", "PNG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("RGB", "WEBP"), ("L", "GIF")]
    files = [saved(tile.convert(mode), kind) for mode, kind in kinds]
    statuses = Counter[str]()
    threads = [
        threading.Thread(
            target=lambda file: statuses.update([str(timed(server.port, "POST", "/predict", file)[1])]),
            args=(files[number % len(files)],),
        )
        for number in range(LARGE_AT_ONCE)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return statuses


def told(name: str, statuses: Counter[str], watch: Watch, after: list[float]) -> str:
    """Return a row of the table."""
    counts = ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items()))
    checks = sorted(1000 * seconds for seconds in watch.seconds)
    late = sum(check > MOST_CHECK_MS for check in checks)
    return (
        f"| {name} | {counts} | {checks[len(checks) // 2]:.0f} | {checks[int(0.99 * len(checks))]:.0f} "
        f"| {checks[-1]:.0f} | {late} of {len(checks)} | {max(watch.megabytes):.0f} | {1000 * max(after):.0f} |"
    )


def ordinary(server: "Server", sent: "Input") -> list[float]:
    """Return the seconds that single digits take in the time after a crowd."""
    picture, ends = sent.files[0].read_bytes(), time.perf_counter() + AFTER_SECONDS
    found: list[float] = []
    while time.perf_counter() < ends:
        found.append(timed(server.port, "POST", sent.path, picture)[0])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long the small pictures come (60)")
    parser.add_argument("--connections", type=int, default=256, help="how many send them (256)")
    parser.add_argument("--data", type=Path, help="MNIST's folder (else $DIGITS_DATA, else data/mnist)")
    options = parser.parse_args()
    # These import what takes long, and --help must not wait for it.
    from serving.benchmark import ROOT, Server, apart, inputs, load, ours

    server_cores, load_cores = apart()
    rows, seen = list[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        digits, codes = inputs(Path(folder), options.data)
        server = Server(ours("service", ROOT), server_cores, digits)
        try:
            for sent in (digits, codes):
                watch = Watch(server)
                with watch.looking():
                    outcome = load(server.port, sent, options.connections, options.seconds, load_cores)
                rows.append(
                    told(
                        f"{options.connections} × {sent.name}",
                        Counter(outcome["statuses"]),
                        watch,
                        ordinary(server, digits),
                    )
                )
                seen.update(outcome["statuses"])
            watch = Watch(server)
            with watch.looking():
                statuses = large(server, np.random.default_rng(0))
            rows.append(told(f"{LARGE_AT_ONCE} × 25 megapixels", statuses, watch, ordinary(server, digits)))
            seen.update(statuses)
        finally:
            server.stop()
    print(f"| {' | '.join(COLUMNS)} |", "| --- " * len(COLUMNS) + "|", *rows, sep="\n")
    return 0 if set(seen) <= {"200", "503"} else 1


if __name__ == "__main__":
    sys.exit(main())
