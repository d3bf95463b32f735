"""Load: connections that each send one request after another for some seconds, and what came back.

It is a program of its own, so that it can run on another core than the server:
python scripts/serving/load.py PORT PATH FILE… --connections 16 --seconds 3   prints one JSON object.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Outcome:
    """What came back: the seconds that each answer with status 200 took, and how many answers had each status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)

    def summary(self, elapsed: float) -> dict[str, object]:
        """Return rates and quantiles; times are in milliseconds."""
        ordered = sorted(self.seconds) or [float("nan")]
        return {
            "requests_per_second": len(self.seconds) / elapsed,
            "p50_ms": 1000 * ordered[len(ordered) // 2],
            "p99_ms": 1000 * ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
            "longest_ms": 1000 * ordered[-1],
            "statuses": dict(self.statuses),
        }


async def connection(port: int, requests: list[bytes], start: int, ends: float, outcome: Outcome) -> None:
    """Send `requests` in turn on one connection, beginning with number `start`, until the time `ends`."""
    reader = writer = None
    number = start
    while time.perf_counter() < ends:
        try:
            if writer is None or reader is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            began = time.perf_counter()
            writer.write(requests[number % len(requests)])
            number += 1
            head = await reader.readuntil(b"\r\n\r\n")
            lowered = head.lower()
            length = int(lowered.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            status = head[9:12].decode()
            outcome.statuses[status] += 1
            if status == "200":
                outcome.seconds.append(time.perf_counter() - began)
            else:
                await asyncio.sleep(0.05)  # a client that is told to try again later does not try at once
            if b"connection: close" in lowered:
                writer.close()
                writer = None
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            outcome.statuses[type(error).__name__] += 1
            if writer is not None:
                writer.close()
            writer = None
            await asyncio.sleep(0.05)
    if writer is not None:
        writer.close()


async def load(port: int, requests: list[bytes], connections: int, seconds: float) -> dict[str, object]:
    """Return what came back on `connections` at once in that time."""
    outcome, began = Outcome(), time.perf_counter()
    await asyncio.gather(
        *(connection(port, requests, number, began + seconds, outcome) for number in range(connections))
    )
    return outcome.summary(time.perf_counter() - began)


def request(path: str, body: bytes, media_type: str = "image/png") -> bytes:
    """Return a POST of `body` as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("path", help="such as /predict?digits=5")
    parser.add_argument("files", type=Path, nargs="+", help="pictures to send in turn")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    requests = [request(options.path, file.read_bytes()) for file in options.files]
    print(json.dumps(asyncio.run(load(options.port, requests, options.connections, options.seconds))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
