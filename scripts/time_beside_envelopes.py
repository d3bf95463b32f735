"""Time strips alone, and beside mail pieces, in turns: mail pieces take long, and strips should notice little of them.

Starts a service of its own on the first core; the load has the second. Prints for each the median and the 99th
percentile of strips, the median and the longest health check, how many mail pieces were answered a second, and the
memory of all processes.
Example: python scripts/time_beside_envelopes.py --envelopes pieces/*.png --country fr
"""

import argparse
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crowd import Watch

if TYPE_CHECKING:
    from serving.benchmark import Input, Server

EXAMPLE = Path(__file__).resolve().parents[1] / "app" / "static" / "examples" / "envelope.webp"
STRIPS_AT_ONCE, ENVELOPES_AT_ONCE = 8, 4
LONGER = 1.0  # seconds that mail pieces begin before the strips: their process starts at the first of them
COLUMNS = ("strips", "ms, median", "99 %", "health ms, median", "longest", "mail pieces a second", "MB at most")


@contextmanager
def beside(server: "Server", sent: "Input", seconds: float, cores: list[int] | None) -> Iterator[dict[str, Any]]:
    """Send mail pieces for as long as the block takes; what `load.Outcome.summary` says is there afterwards."""
    from serving.benchmark import load

    found: dict[str, Any] = {}
    thread = threading.Thread(
        target=lambda: found.update(load(server.port, sent, ENVELOPES_AT_ONCE, seconds + LONGER, cores))
    )
    thread.start()
    threading.Event().wait(LONGER)
    try:
        yield found
    finally:
        thread.join()


def row(name: str, strips: list[dict[str, Any]], watch: Watch, pieces: float) -> str:
    """Return a row of the table: medians over the rounds."""
    middle, late = (statistics.median(each[quantile] for each in strips) for quantile in ("p50_ms", "p99_ms"))
    checks = sorted(1000 * seconds for seconds in watch.seconds)
    return (
        f"| {name} | {middle:.0f} | {late:.0f} | {statistics.median(checks):.0f} | {checks[-1]:.0f} "
        f"| {pieces:.1f} | {max(watch.megabytes):.0f} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--envelopes", type=Path, nargs="+", default=[EXAMPLE], help="pictures (the page's example)")
    parser.add_argument("--country", default="fr", help="their country (%(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0, help="for how long strips come each time (5)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each has its turn (3)")
    parser.add_argument("--data", type=Path, help="MNIST's folder (else $DIGITS_DATA, else data/mnist)")
    options = parser.parse_args()
    # These import what takes long, and --help must not wait for it.
    from serving.benchmark import ROOT, Input, Server, apart, inputs, load, ours

    server_cores, load_cores = apart()
    pieces = Input("envelope", f"/predict?kind=envelope&country={options.country}", options.envelopes)
    alone, together, rates = list[dict[str, Any]](), list[dict[str, Any]](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        _, strips = inputs(Path(folder), options.data)
        server = Server(ours("service", ROOT), server_cores, strips)
        watches = Watch(server), Watch(server)
        try:
            for _ in range(options.rounds):
                with watches[0].looking():
                    alone.append(load(server.port, strips, STRIPS_AT_ONCE, options.seconds, load_cores))
                with watches[1].looking(), beside(server, pieces, options.seconds, load_cores) as found:
                    together.append(load(server.port, strips, STRIPS_AT_ONCE, options.seconds, load_cores))
                rates.append(found["requests_per_second"])
        finally:
            server.stop()
    print(f"| {' | '.join(COLUMNS)} |", "| --- " * len(COLUMNS) + "|", sep="\n")
    print(row(f"{STRIPS_AT_ONCE} connections", alone, watches[0], 0.0))
    print(row(f"the same beside {ENVELOPES_AT_ONCE} of mail pieces", together, watches[1], statistics.median(rates)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
