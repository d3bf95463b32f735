"""Restart two services in turn behind the proxy of deploy/haproxy, under load: is a request lost?

Starts both, the proxy (haproxy must be installed), and a load of digits; while it lasts, one service after the other is
ended and started again: first with SIGTERM, as an update does, then with SIGKILL, as a crash does. Prints for each way
how often, what was answered, and the times. The exit code is 1 where SIGTERM cost a request.
Example: python scripts/rolling_restart.py --seconds 30 --connections 8
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from shared import ROOT

if TYPE_CHECKING:
    from serving.benchmark import Server

CONFIGURATION = ROOT / "deploy" / "haproxy" / "haproxy.cfg"
PICTURE = ROOT / "app" / "static" / "examples" / "digit.webp"
IN_USE = re.compile(r'^haproxy_server_status\{proxy="services",.*state="UP"\} 1$', re.MULTILINE)
COLUMNS = ("ended with", "times", "answers", "requests/s", "p50 ms", "p99 ms", "longest ms")


class Proxy:
    """The proxy before the services on these two ports, on a free port of its own."""

    def __init__(self, haproxy: str, services: Sequence[int]) -> None:
        from serving.benchmark import free_port

        self.port, self._metrics = free_port(), free_port()
        environment = {f"READER_{number}": f"127.0.0.1:{each}" for number, each in enumerate(services, start=1)}
        environment |= {
            "PROXY_LISTEN": f"127.0.0.1:{self.port}",
            "PROXY_METRICS": f"127.0.0.1:{self._metrics}",
        }
        command = [haproxy, "-q", "-db", "-f", str(CONFIGURATION)]
        self._process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)

    def wait_until_both_are_in_use(self) -> None:
        """Return once it sends requests to both."""
        import httpx

        while self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if len(IN_USE.findall(httpx.get(f"http://127.0.0.1:{self._metrics}/metrics").text)) == 2:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"haproxy ended with {self._process.returncode}: see {CONFIGURATION}")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


def restarted_in_turn(servers: "Sequence[Server]", proxy: Proxy, number: int, loading: "Future[Any]") -> int:
    """End one server after the other with this signal, and start it again, for as long as the load lasts; how often."""
    times = 0
    while not loading.done():
        server = servers[times % len(servers)]
        server.process.send_signal(number)
        server.process.wait()
        server.start()
        proxy.wait_until_both_are_in_use()
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
    with running([ours("first", ROOT), ours("second", ROOT)], None, sent) as servers, contextlib.ExitStack() as ending:
        proxy = Proxy(haproxy, [server.port for server in servers])
        ending.callback(proxy.stop)
        proxy.wait_until_both_are_in_use()
        pool = ending.enter_context(ThreadPoolExecutor(1))
        for number in (signal.SIGTERM, signal.SIGKILL):
            loading = pool.submit(load, proxy.port, sent, options.connections, options.seconds, None)
            times = restarted_in_turn(servers, proxy, number, loading)
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
