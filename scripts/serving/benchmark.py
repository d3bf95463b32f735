"""The service compared with its peers, alternately under the same load: rates, times, CPU and memory."""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from tqdm import tqdm

from serving.peers import MODEL_VARIABLE

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
START_SECONDS = 60.0


@dataclass(frozen=True)
class Kind:
    """A server to measure: the command that starts it, and its folder. `{port}` stands for its port."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)


def ours(name: str, folder: Path, workers: int = 1) -> Kind:
    """Return the service of the checkout in `folder`."""
    environment = {"DIGITS_PORT": "{port}", "DIGITS_WORKERS": str(workers), "PYTHONPATH": str(folder)}
    return Kind(name, (sys.executable, "-m", "app"), folder, environment)


def peer(name: str, factory: str, onnx: Path) -> Kind:
    """Return the endpoint that `factory` of peers.py makes."""
    command = (sys.executable, "-m", "uvicorn", f"serving.peers:{factory}", "--factory", "--port", "{port}")
    environment = {"PYTHONPATH": str(HERE.parent), MODEL_VARIABLE: str(onnx)}
    return Kind(name, (*command, "--log-level", "warning", "--no-access-log"), ROOT, environment)


@dataclass(frozen=True)
class Input:
    """What is sent: its name, the path with its query, and the pictures."""

    name: str
    path: str
    files: Sequence[Path]


class Server:
    """A running server; `start_seconds` is from its start to its first right answer."""

    def __init__(self, kind: Kind, cores: Sequence[int] | None, first: Input) -> None:
        self.name = kind.name
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        environment = {**os.environ, **{name: value.format(port=self.port) for name, value in kind.environment.items()}}
        began = time.perf_counter()
        self.process = psutil.Popen(
            [part.format(port=self.port) for part in kind.command],
            cwd=kind.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if cores is not None:
            with contextlib.suppress(AttributeError):  # macOS cannot pin processes
                self.process.cpu_affinity(list(cores))
        url, picture = f"http://127.0.0.1:{self.port}{first.path}", first.files[0].read_bytes()
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.post(url, content=picture, headers={"Content-Type": "image/png"}).is_success:
                    break
            if time.perf_counter() - began > START_SECONDS or self.process.poll() is not None:
                self.stop()
                raise RuntimeError(f"{kind.name} did not answer within {START_SECONDS:g} seconds")
            time.sleep(0.02)
        self.start_seconds = time.perf_counter() - began

    def all(self) -> list[psutil.Process]:
        """Return the server's process and its child processes."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        times = [each.cpu_times() for each in self.all()]
        return float(sum(each.user + each.system for each in times))

    def megabytes(self) -> float:
        """Return the resident memory of all its processes."""
        return float(sum(each.memory_info().rss for each in self.all()) / 1e6)

    def stop(self) -> None:
        """Stop it, by force if necessary."""
        for each in reversed(self.all() if self.process.poll() is None else []):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.wait()


@contextlib.contextmanager
def running(kinds: Sequence[Kind], cores: Sequence[int] | None, first: Input) -> Iterator[list[Server]]:
    """Run a server of each of `kinds` on `cores`, and stop them at the end."""
    servers: list[Server] = []
    try:
        for kind in kinds:
            servers.append(Server(kind, cores, first))  # noqa: PERF401  # those that have started are stopped below
        yield servers
    finally:
        for server in servers:
            server.stop()


def measured(
    servers: Sequence[Server],
    sent: Input,
    connections: int,
    *,
    rounds: int,
    seconds: float,
    load_cores: Sequence[int] | None,
) -> list[dict[str, Any]]:
    """Return a row per server: medians over `rounds`, in each of which every server has its turn."""
    found: dict[str, list[dict[str, Any]]] = {server.name: [] for server in servers}
    for _ in tqdm(range(rounds), desc=f"{sent.name}, {connections} connections", leave=False):
        for server in servers:
            before = server.cpu_seconds()
            row = _load(server.port, sent, connections, seconds, load_cores)
            answers = sum(row["statuses"].values())
            row["cpu_ms_per_request"] = 1000 * (server.cpu_seconds() - before) / max(1, answers)
            row["megabytes"] = server.megabytes()
            found[server.name].append(row)
    rows = []
    ours_rates = [row["requests_per_second"] for row in found[servers[0].name]]
    for server in servers:
        each = found[server.name]
        medians = {
            name: statistics.median(row[name] for row in each)
            for name in ("requests_per_second", "p50_ms", "p99_ms", "cpu_ms_per_request", "megabytes")
        }
        ratios = [row["requests_per_second"] / rate for row, rate in zip(each, ours_rates, strict=True)]
        statuses = {status for row in each for status in row["statuses"]}
        rows.append(
            {
                "server": server.name,
                "input": sent.name,
                "connections": connections,
                **medians,
                "ratio_to_ours": statistics.median(ratios),
                "statuses": sorted(statuses),
                "start_seconds": server.start_seconds,
            }
        )
    return rows


def _load(
    port: int, sent: Input, connections: int, seconds: float, cores: Sequence[int] | None
) -> dict[str, Any]:  # fmt: skip
    command = [sys.executable, str(HERE / "load.py"), str(port), sent.path, *map(str, sent.files)]
    command += ["--connections", str(connections), "--seconds", str(seconds)]
    process = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    if cores is not None:
        with contextlib.suppress(AttributeError):
            process.cpu_affinity(list(cores))
    output, _ = process.communicate()
    result: dict[str, Any] = json.loads(output)
    return result
