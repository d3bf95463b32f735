"""Restart two services in turn behind the proxy of deploy/haproxy, under load: is a request lost?

Starts both, the proxy (haproxy must be installed), and a load of digits; while it lasts, one service after the other is
ended and started again: first with SIGTERM, as an update does, then with SIGKILL, as a crash does. Prints for each way
how often, what was answered, and the times. The exit code is 1 where SIGTERM cost a request.
Example: python scripts/rolling_restart.py --seconds 30 --connections 8
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from shared import ROOT

if TYPE_CHECKING:
    from serving.benchmark import Server

CONFIGURATION = ROOT / "deploy" / "haproxy" / "haproxy.cfg"
PICTURE = ROOT / "app" / "static" / "examples" / "digit.webp"
NOTICED_SECONDS = 1.0  # the proxy looks at each service every half second
COLUMNS = ("ended with", "times", "answers", "requests/s", "p50 ms", "p99 ms", "longest ms")


@contextlib.contextmanager
def proxy(haproxy: str, services: Sequence[int]) -> Iterator[int]:
    """Run the proxy before the services on these two ports; its own port."""
    import httpx

    from serving.benchmark import free_port

    port = free_port()
    environment = {f"READER_{number}": f"127.0.0.1:{each}" for number, each in enumerate(services, start=1)}
    environment |= {"PROXY_LISTEN": f"127.0.0.1:{port}", "PROXY_METRICS": f"127.0.0.1:{free_port()}"}
    command = [haproxy, "-q", "-db", "-f", str(CONFIGURATION)]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/health/ready").is_success:
                    break
            if process.poll() is not None:
                raise RuntimeError(f"{haproxy} did not start with {CONFIGURATION}")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def restarted_in_turn(servers: "Sequence[Server]", number: int, loading: Any) -> int:
    """End one server after the other with this signal, and start it again, for as long as the load lasts; how often."""
    times = 0
    while not loading.done():
        server = servers[times % len(servers)]
        server.process.send_signal(number)
        server.process.wait()
        server.start()
        time.sleep(NOTICED_SECONDS)
        times += 1
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="for how long each way (30)")
    parser.add_argument("--connections", type=int, default=8, help="how many send at once (8)")
    options = parser.parse_args()
    haproxy = shutil.which("haproxy")
    if haproxy is None:
        print("haproxy is not installed; on Debian and Ubuntu: apt install haproxy", file=sys.stderr)
        return 2
    from serving.benchmark import Input, load, ours, running

    sent = Input("digit", "/predict?kind=digit", [PICTURE])
    lost = False
    print("| " + " | ".join(COLUMNS) + " |\n|" + " --- |" * len(COLUMNS))
    with (
        running([ours("first", ROOT), ours("second", ROOT)], None, sent) as servers,
        proxy(haproxy, [server.port for server in servers]) as port,
        ThreadPoolExecutor(1) as pool,
    ):
        for number in (signal.SIGTERM, signal.SIGKILL):
            loading = pool.submit(load, port, sent, options.connections, options.seconds, None)
            times = restarted_in_turn(servers, number, loading)
            found = loading.result()
            statuses = found["statuses"]
            lost |= number == signal.SIGTERM and set(statuses) != {"200"}
            answers = ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items()))
            rate, *milliseconds = (found[name] for name in ("requests_per_second", "p50_ms", "p99_ms", "longest_ms"))
            figures = " | ".join(f"{each:.1f}" for each in milliseconds)
            print(f"| {number.name} | {times} | {answers} | {rate:.0f} | {figures} |", flush=True)
    return int(lost)


if __name__ == "__main__":
    sys.exit(main())
