"""The service compared with its peers, alternately under the same load: rates, times, CPU and memory.

The servers share the first core, and the load has the second to itself.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image
from tqdm import tqdm

from model import artifact
from model.arrays import ArtifactError
from model.classifiers.committee import Committee
from model.engine.network import Network
from model.shipped import CNN
from model.training import mnist
from model.types import Array
from onnx_graph import exported
from serving.peers import MODEL_VARIABLE
from shared import data_folder
from synthesis.strips import Writer
from synthesis.worlds import TEST

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
START_SECONDS = 60.0
PICTURES = 100  # of each kind, sent in turn


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


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running server; `start_seconds` is from its start to its first right answer."""

    def __init__(self, kind: Kind, cores: Sequence[int] | None, first: Input) -> None:
        self.name = kind.name
        self._kind, self._cores, self._first = kind, cores, first
        self.port = free_port()
        self.start()

    def start(self) -> None:
        """Start it, again where it has ended, on its port; return once it answers."""
        kind = self._kind
        environment = {**os.environ, **{name: value.format(port=self.port) for name, value in kind.environment.items()}}
        began = time.perf_counter()
        self.process = psutil.Popen(
            [part.format(port=self.port) for part in kind.command],
            cwd=kind.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if self._cores is not None:
            with contextlib.suppress(AttributeError):  # macOS cannot pin processes
                self.process.cpu_affinity(list(self._cores))
        url, picture = f"http://127.0.0.1:{self.port}{self._first.path}", self._first.files[0].read_bytes()
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
        """Return the memory of all its processes. Where Linux tells, what they share is counted once."""
        kept = [each.memory_full_info() for each in self.all()]
        return float(sum(getattr(each, "pss", each.rss) for each in kept) / 1e6)

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
            row = load(server.port, sent, connections, seconds, load_cores)
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


def load(port: int, sent: Input, connections: int, seconds: float, cores: Sequence[int] | None) -> dict[str, Any]:
    """Send pictures on `connections` at once from a process on `cores`; return what `load.Outcome.summary` says."""
    command = [sys.executable, str(HERE / "load.py"), str(port), sent.path, *map(str, sent.files)]
    command += ["--connections", str(connections), "--seconds", str(seconds)]
    process = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    if cores is not None:
        with contextlib.suppress(AttributeError):
            process.cpu_affinity(list(cores))
    output, _ = process.communicate()
    result: dict[str, Any] = json.loads(output)
    return result


def serve(
    data: Path | None, tree: Path | None, connections: Sequence[int], rounds: int, seconds: float
) -> dict[str, Any]:
    """Return the rows of `benchmark.py serve`: this service first, then its peers and the checkout in `tree`."""
    cores = os.cpu_count() or 1
    server_cores, load_cores = apart()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        digits, strips = inputs(Path(folder), data)
        kinds = [ours("this service", ROOT)]
        older = [] if tree is None else [ours(f"as of {tree.name}", tree)]
        onnx = _onnx(Path(folder))
        peers = [peer("FastAPI + ONNX Runtime", "onnx", onnx), peer("a constant answer", "constant", onnx)]
        for sent, all_kinds in ((digits, [*kinds, *older, *peers]), (strips, [*kinds, *older])):
            with running(all_kinds, server_cores, sent) as servers:
                for count in connections:
                    rows += measured(servers, sent, count, rounds=rounds, seconds=seconds, load_cores=load_cores)
        if cores > 1:
            rows += _two_workers(digits, rounds, seconds)
    return {"rows": rows, "cores": cores}


def apart() -> tuple[list[int] | None, list[int] | None]:
    """Return the cores for the server and for the load: none in particular where there is only one."""
    return ([0], [1]) if (os.cpu_count() or 1) > 1 else (None, None)


def _two_workers(sent: Input, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Return rows for one worker and for two on all cores, which the load shares with both."""
    with running([ours("1 worker", ROOT), ours("2 workers", ROOT, workers=2)], None, sent) as servers:
        return measured(servers, sent, 16, rounds=rounds, seconds=seconds, load_cores=None)


def inputs(folder: Path, data: Path | None) -> tuple[Input, Input]:
    """Return digits of 28 × 28 and natural codes as PNGs in `folder`, made from MNIST's validation digits."""
    digits = mnist.load(data_folder(data))[mnist.VALIDATION]
    writer = Writer(digits, TEST, np.random.default_rng(0))
    pictures: dict[str, Sequence[Array]] = {
        "digit": list(digits.images[:PICTURES]),
        "code": [writer.write("75011", "natural").picture for _ in range(PICTURES)],
    }
    for name, some in pictures.items():
        for number, picture in enumerate(some):
            Image.fromarray(picture).save(folder / f"{name}-{number}.png")
    paths = {name: sorted(folder.glob(f"{name}-*.png")) for name in pictures}
    return Input("digit", "/predict", paths["digit"]), Input("code", "/predict?digits=5&country=fr", paths["code"])


def _onnx(folder: Path) -> Path:
    """Return the shipped network of single digits as ONNX, with the weights that answer most digits."""
    network = artifact.load(CNN).classifier
    network = network.first if isinstance(network, Committee) else network
    if not isinstance(network, Network):
        raise ArtifactError(f"{CNN} holds no network")
    path = folder / "digits.onnx"
    path.write_bytes(exported(network).SerializeToString())
    return path


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return `rows` as a table in Markdown."""
    lines = [
        "| sent | connections | server | requests/s | of ours | p50 ms | p99 ms | CPU ms a request | MB | start s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row['input']} | {row['connections']} | {row['server']} | {row['requests_per_second']:.0f} "
        f"| {row['ratio_to_ours']:.2f} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} | {row['cpu_ms_per_request']:.2f} "
        f"| {row['megabytes']:.0f} | {row['start_seconds']:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)
