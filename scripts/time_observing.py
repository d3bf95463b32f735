"""Measure what it costs to be observed: to note each request, and to be scraped every second.

Prints the microseconds of CPU that noting a request takes, with one worker and with several; and for one worker and
three, each after a mixed load, the share of a core that scrapes take. With --tree, a checkout without metrics, it also
prints the requests a second and the CPU of that one, of this one, and of this one with an audit, in turns under the
same load. Needs the `bench` extra.
Example: python scripts/time_observing.py --seconds 20 --tree ../without
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.benchmark import Kind, Server

NOTING = Path(__file__).resolve().parent / "serving" / "noting.py"
MIXED = 200  # requests before the scrapes, so that all that can be counted is
CONNECTIONS = 16


def noting(folder: str | None) -> str:
    """Return how many microseconds it takes to note a request; in files in `folder`, if it is given."""
    from app.worker_folder import VARIABLE

    environment = {**os.environ, "PYTHONPATH": str(NOTING.parents[2]), **({VARIABLE: folder} if folder else {})}
    done = subprocess.run([sys.executable, str(NOTING)], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def several(kind: "Kind", workers: int, folder: str) -> "Kind":
    """Return the service with so many workers, as on a machine with as many CPUs; its files go to `folder`."""
    code = (
        f"import sys; from app import cpus; cpus.available = lambda: {workers}; from app.__main__ import main; main([])"
    )
    environment = {**kind.environment, "DIGITS_WORKERS": str(workers), "DIGITS_QUEUE": "16", "TMPDIR": folder}
    return replace(kind, command=(sys.executable, "-c", code), environment=environment)


def scraping(server: "Server", seconds: float) -> tuple[float, int]:
    """Return the share of a core that scrapes take, one a second, and the bytes of one."""
    import httpx

    def spent(url: str | None) -> float:
        before, began = server.cpu_seconds(), time.perf_counter()
        for second in range(1, round(seconds) + 1):
            if url is not None:
                client.get(url)
            time.sleep(max(0.0, began + second - time.perf_counter()))
        return (server.cpu_seconds() - before) / (time.perf_counter() - began)

    with httpx.Client(timeout=30) as client:  # on one connection, as Prometheus does
        url = f"http://127.0.0.1:{server.port}/metrics"
        size = len(client.get(url).content)
        idle = spent(None)
        return spent(url) - idle, size


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="for how long it is scraped (%(default)g)")
    parser.add_argument("--tree", type=Path, help="a checkout to compare the throughput with")
    parser.add_argument("--rounds", type=int, default=10, help="how often each has its turn under load (%(default)s)")
    parser.add_argument("--data", type=Path, help="MNIST's folder (else $DIGITS_DATA, else data/mnist)")
    options = parser.parse_args()
    # These import what takes long, and --help must not wait for it.
    import numpy as np
    from PIL import Image

    from serving import mixed
    from serving.benchmark import ROOT, Server, apart, inputs, measured, ours, running, table
    from serving.load import request

    with tempfile.TemporaryDirectory() as folder:
        print(f"to note a request: {noting(None)} µs of CPU with one worker, {noting(folder)} with several")
        digits, codes = inputs(Path(folder), options.data)
        crowd = request(codes.path, codes.files[0].read_bytes())
        some, strips = ([np.asarray(Image.open(file)) for file in sent.files] for sent in (digits, codes))
        for workers in (1, 3):
            server = Server(several(ours("service", ROOT), workers, folder), None, digits)
            try:
                _, differences = mixed.check(server.port, mixed.requests(some, strips, MIXED), crowd)
                share, size = scraping(server, options.seconds)
            finally:
                server.stop()
            told = "; ".join(differences) or "the metrics are right"
            print(f"{workers} workers: a scrape a second takes {share:.2%} of a core, {size} bytes each; {told}")
        if options.tree is not None:
            servers, load_cores = apart()
            without, now = ours("without", options.tree), ours("with metrics", ROOT)
            audit = replace(
                now, name="and an audit", environment={**now.environment, "DIGITS_AUDIT": f"{folder}/audit"}
            )
            with running([without, now, audit], servers, digits) as started:
                rows = measured(started, digits, CONNECTIONS, rounds=options.rounds, seconds=2, load_cores=load_cores)
            print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
