"""Read an archive while things break, and check that every picture is there exactly once.

The command that reads is killed (kill -9) at random moments and started again; with --ray, it reads on a cluster of two
nodes on this machine, of one core each, and --lose-node kills one of them once half of the parts are there. SOURCE is
a folder or a tar without TIFFs of several pages. The exit code is 0 only where every picture is there once.
Example: python scripts/break_archive.py data/strips --out data/readings --kills 10
"""

import argparse
import contextlib
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

_LOOK = 0.05  # seconds between two looks at what is there
_LATER = 0.2  # seconds: longest time from a part to a kill
_STORE = 200_000_000  # bytes of a node's memory for pictures on their way


class Nodes:
    """Two nodes of a Ray cluster on this machine, with a core each."""

    def __init__(self) -> None:
        os.environ |= {"RAY_USAGE_STATS_ENABLED": "0"}
        cluster_utils: Any = import_module("ray.cluster_utils")
        about = {"num_cpus": 1, "object_store_memory": _STORE}
        self._cluster = cluster_utils.Cluster(
            initialize_head=True, head_node_args={**about, "include_dashboard": False}
        )
        self._second = self._cluster.add_node(**about)
        self.address: str = self._cluster.address

    def lose_one(self) -> None:
        """Kill a node with everything on it."""
        self._cluster.remove_node(self._second, allow_graceful=False)

    def close(self) -> None:
        """End what is left."""
        self._cluster.shutdown()


@contextlib.contextmanager
def nodes(*, wanted: bool) -> Iterator[Nodes | None]:
    """Yield a cluster where it is wanted."""
    cluster = Nodes() if wanted else None
    try:
        yield cluster
    finally:
        if cluster is not None:
            cluster.close()


def names_in(source: Path) -> list[str]:
    """Return the names of the pictures in a folder or a tar."""
    if source.is_dir():
        return [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    with tarfile.open(source) as archive:
        return [member.name for member in archive if member.isreg()]


def parts_in(out: Path) -> list[Path]:
    """Return the parts that are there."""
    return sorted((out / "readings").glob("part-*.jsonl"))


@contextlib.contextmanager
def running(command: list[str], **options: Any) -> "Iterator[subprocess.Popen[bytes]]":
    """Run `command` while the block runs; whatever is left of it then is killed."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def killed(command: list[str], out: Path, parts: int, seconds: float) -> bool:
    """Run `command`, and kill it so many `seconds` after it has written `parts` more; return whether it still ran."""
    enough = len(parts_in(out)) + parts
    with running(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and len(parts_in(out)) < enough:
            time.sleep(_LOOK)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return process.poll() is None


def read_to_the_end(command: list[str], out: Path, half: int, cluster: Nodes | None) -> None:
    """Run `command`; once there are `half` parts, lose a node of `cluster`, if any. Raises CalledProcessError."""
    with running(command) as process:
        while process.poll() is None:
            time.sleep(_LOOK)
            if cluster is not None and len(parts_in(out)) >= half:
                print(f"{len(parts_in(out))} parts are there: a node is killed", file=sys.stderr)
                cluster.lose_one()
                cluster = None
    if process.returncode or cluster is not None:
        raise subprocess.CalledProcessError(process.returncode or 1, command)


def faults(expected: list[str], out: Path) -> list[str]:
    """Return what is wrong with the readings in `out`, a sentence each."""
    rows = [json.loads(line) for part in parts_in(out) for line in part.read_text(encoding="utf-8").splitlines()]
    found, wanted = Counter(row["name"] for row in rows), Counter(expected)
    told = {"missing": wanted - found, "too often": found - wanted}
    return [f"{sum(names.values())} {what}, such as {min(names)}" for what, names in told.items() if names]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("source", metavar="SOURCE", type=Path, help="a folder or a tar")
    made.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the readings, empty or new")
    made.add_argument("--kills", type=int, default=0, metavar="N", help="how often to kill the command (%(default)s)")
    made.add_argument("--ray", action="store_true", help="read on a cluster of two nodes")
    made.add_argument("--lose-node", action="store_true", help="kill one of the nodes midway")
    made.add_argument("--block", type=int, default=256, metavar="N", help="pictures per part (%(default)s)")
    made.add_argument("--seed", type=int, default=1, help="of the moments (%(default)s)")
    made.add_argument("--asked", default="", help='options of read_archive.py, as one: --asked="--digits 5"')
    return made


def main() -> int:
    given = parser().parse_args()
    script = str(Path(__file__).with_name("read_archive.py"))
    command = [sys.executable, script, str(given.source), "--out", str(given.out), "--format", "jsonl"]
    command += ["--block", str(given.block), *shlex.split(given.asked)]
    expected, moments, ran = names_in(given.source), random.Random(given.seed), 0  # noqa: S311  # moments, not secrets
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the cluster ends too
    with nodes(wanted=given.ray or given.lose_node) as cluster:
        command += ["--ray", cluster.address] if cluster else []
        for _ in range(given.kills):
            parts = moments.randint(0, len(expected) // given.block // (given.kills + 1))
            ran += killed(command, given.out, parts, moments.uniform(0, _LATER))
        already, began = len(parts_in(given.out)), time.monotonic()
        half = (already + len(expected) // given.block) // 2
        try:
            read_to_the_end(command, given.out, half, cluster if given.lose_node else None)
        except subprocess.CalledProcessError as error:
            print(f"break_archive.py: {error}", file=sys.stderr)
            return 1
    seconds = time.monotonic() - began
    told = f"{len(expected)} pictures; killed {ran} times while it ran, {already} parts until then"
    print(f"{told}; the rest took {seconds:.1f} s")
    found = faults(expected, given.out)
    print("\n".join(found) or "every picture is there exactly once")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
