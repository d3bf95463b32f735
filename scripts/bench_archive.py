"""Measure what reading an archive costs, and how it grows with processes, into a file that docs/scale.md shows.

It makes strips and mail pieces, once, and reads them in turns: in a plain loop in one process, by the pool with one
process, two and so on up to one per core, in as many plain loops at once, which shows what the machine itself gives,
and on a Ray cluster of two nodes of one core each on this machine. Rates count from when every process has read
something. Takes about four minutes on two cores.
Example: python scripts/bench_archive.py --data data/mnist --out docs/measured/scale.json
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from threadpoolctl import threadpool_limits

from break_archive import nodes
from shared import data_folder

if TYPE_CHECKING:
    from app.archives.engine import Engine
    from app.archives.entries import Block, Picture
    from app.archives.reading import Task
    from app.service import Service

BLOCK = 16
"""Pictures of a block: few, so that no process waits long for the last block of these short runs."""
NICE = 5  # of the processes that read for the pool; the plain loop must be no better off
_STRIP, _TIME = 20_000, 1_700_000_000  # bytes and time of a file, in as many digits as they have
STRIP, ENVELOPE = {"digits": 5, "country": "fr"}, {"kind": "envelope", "country": "fr"}


def made(folder: Path, data: Path, fonts: list[Path], strips: int, envelopes: int) -> tuple[Path, Path]:
    """Return folders with at least as many strips and mail pieces, made where they are not there yet."""
    found = folder / "strips", folder / "envelopes"
    scripts = Path(__file__).parent
    kinds = 4  # of strips
    commands = (
        ["make_strips.py", "--count", str(-(-strips // kinds))],
        ["make_envelopes.py", "--n", str(envelopes), "--upright", "--fonts", *map(str, fonts)],
    )
    for out, number, (script, *options) in zip(found, (strips, envelopes), commands, strict=True):
        if len(list(out.glob("*.*g"))) < number:
            command = [sys.executable, str(scripts / script), "--data", str(data), "--out", str(out), *options]
            subprocess.run(command, check=True)
    return found


def pictures_in(folder: Path, number: int) -> "list[Picture]":
    """Return pictures of `folder`, at even distances in the order of their names."""
    from app.archives.entries import Picture

    paths = sorted(folder.glob("*.*g"))
    chosen = [paths[index * len(paths) // number] for index in range(number)]
    return [Picture(path.name, 0, path.read_bytes()) for path in chosen]


def blocks_of(pictures: "list[Picture]") -> "list[Block]":
    """Return the pictures in blocks."""
    from app.archives.entries import Block

    starts = range(0, len(pictures), BLOCK)
    return [Block(number, pictures[start : start + BLOCK]) for number, start in enumerate(starts)]


class Taken(NamedTuple):
    """Seconds that it took, and of those the seconds that this process computed."""

    seconds: float
    own: float


@contextmanager
def timed() -> Iterator[list[Taken]]:
    """Yield a list, which holds what the block took once it is done."""
    taken: list[Taken] = []
    began, computed = time.perf_counter(), time.process_time()
    yield taken
    taken.append(Taken(time.perf_counter() - began, time.process_time() - computed))


def plain(service: "Service", pictures: "list[Picture]", task: "Task") -> Taken:
    """Return what a loop takes in this process."""
    from app.service import Question

    with timed() as taken:
        for picture in pictures:
            service.answers([Question(picture.content, task.options, picture.name)])  # type: ignore[arg-type]  # bytes
    return taken[0]


def plain_at_once(service: "Service", pictures: "list[Picture]", task: "Task", loops: int) -> Taken:
    """Return what so many loops take that share the pictures, each in a process of its own, and know nothing of it."""
    context = multiprocessing.get_context("fork")  # each has the loaded model at once
    processes = [context.Process(target=plain, args=(service, pictures[first::loops], task)) for first in range(loops)]
    with timed() as taken:
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    return taken[0]


def by_engine(engine: "Engine", blocks: "list[Block]", out: Path) -> Taken:
    """Return what `engine` takes, with the parts that are written; none of its processes is new to it."""
    from app.archives.engine import read
    from app.archives.entries import Block
    from app.archives.parts import Parts

    parts = Parts(out, "jsonl")
    first = [Block(number, blocks[0].pictures) for number in range(engine.most)]
    list(read(first, engine))
    with timed() as taken:
        for block, rows in read(blocks, engine):
            parts.write(block.number, rows)
    return taken[0]


def rounds_of(ways: dict[str, Callable[[], Taken]], rounds: int) -> dict[str, list[Taken]]:
    """Return what each way takes, in turns: the machine is never as fast as a minute ago."""
    taken: dict[str, list[Taken]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            taken[name].append(way())
            print(f"round {number + 1}, {name}: {taken[name][-1].seconds:.1f} s", file=sys.stderr)
    return taken


def summary(taken: dict[str, list[Taken]], pictures: int) -> list[dict[str, Any]]:
    """Return for each way its pictures a second, how that compares with the plain loop in the same round, and `own`.

    own: the milliseconds that this process computes for a picture; beside an engine, it reads and writes files.
    """
    return [
        {
            "way": name,
            "pictures_a_second": round(pictures / _median(rounds), 1),
            "to_plain": round(
                statistics.median(p.seconds / way.seconds for p, way in zip(taken["plain"], rounds, strict=True)), 3
            ),
            "own": round(1000 * statistics.median(way.own for way in rounds) / pictures, 2),
        }
        for name, rounds in taken.items()
    ]


def _median(taken: list[Taken]) -> float:
    return statistics.median(each.seconds for each in taken)


class Bench:
    """The pictures, and the ways to read them; `megabytes` is the most memory that a process of the pool took."""

    def __init__(self, given: argparse.Namespace, out: Path) -> None:
        """Load the model, and make the pictures. out: where parts are written."""
        from app.archives.reading import Task
        from app.service import Service
        from app.settings import Settings
        from model.reader import Options

        settings = Settings()
        self.service, self.out, self.megabytes = Service(settings), out, 0
        self.strip, self.envelope = (
            Task.of(Options(**asked), settings, self.service.loaded) for asked in (STRIP, ENVELOPE)
        )
        folders = made(given.work, data_folder(given.data), given.fonts, given.strips, given.envelopes)
        self.strips, self.envelopes = map(pictures_in, folders, (given.strips, given.envelopes))
        self.service.warm_up()

    def plain(self) -> Taken:
        """Return what strips take in this process."""
        return plain(self.service, self.strips, self.strip)

    def loops(self, workers: int) -> Callable[[], Taken]:
        """Return what measures plain loops at once on strips."""
        return lambda: plain_at_once(self.service, self.strips, self.strip, workers)

    def pool(self, workers: int) -> Callable[[], Taken]:
        """Return what measures the pool on strips."""
        return lambda: self._pool(workers, self.strips, self.strip)

    def pieces(self) -> dict[str, list[Taken]]:
        """Return what mail pieces take in this process, and in a pool of one."""
        return {
            "plain": [plain(self.service, self.envelopes, self.envelope)],
            "1": [self._pool(1, self.envelopes, self.envelope)],
        }

    def _pool(self, workers: int, pictures: "list[Picture]", task: "Task") -> Taken:
        from psutil import Process

        from app.archives.pool import Pool

        pool = Pool(task, workers)
        try:
            found = by_engine(pool, blocks_of(pictures), self.out)
            taken = [child.memory_info().rss for child in Process().children() if "app.heavy" in child.cmdline()]
            self.megabytes = max(self.megabytes, round(max(taken) / 1_000_000))
        finally:
            pool.close()
        return found

    def on_ray(self, rounds: int) -> dict[str, list[Taken]]:
        """Return what strips take in this process, and on two nodes of one core each."""
        from app.archives.on_ray import OnRay

        with nodes(wanted=True) as cluster:
            engine = OnRay(self.strip, cluster.address if cluster else "local")
            ways = {"plain": self.plain, "ray": lambda: by_engine(engine, blocks_of(self.strips), self.out)}
            taken = rounds_of(ways, rounds)
            engine.close()
        return taken


def measured(bench: Bench, rounds: int) -> dict[str, Any]:
    """Return what is to be written: see the module's docstring."""
    from app.archives.entries import Entry
    from app.archives.parts import packed
    from app.cpus import available

    strips, envelopes = bench.strips, bench.envelopes
    ways = {"plain": bench.plain, "1": bench.pool(1)}
    for workers in range(2, available() + 1):
        ways |= {f"plain-{workers}": bench.loops(workers), str(workers): bench.pool(workers)}
    taken = rounds_of(ways, rounds)
    lines = [line for part in bench.out.glob("*.jsonl") for line in part.read_text(encoding="utf-8").splitlines()]
    ray, pieces = bench.on_ray(rounds), bench.pieces()
    milliseconds = {
        "strip": 1000 * _median(taken["plain"]) / len(strips),
        "envelope": 1000 * _median(pieces["plain"]) / len(envelopes),
    }
    return {
        "cores": available(),
        "strips": len(strips),
        "envelopes": len(envelopes),
        "milliseconds": {name: round(value, 1) for name, value in milliseconds.items()},
        "bytes": {
            "strip": round(statistics.mean(len(each.content) for each in strips)),
            "envelope": round(statistics.mean(len(each.content) for each in envelopes)),
            "row": round(len(packed([json.loads(line) for line in lines])) / len(lines)),
            "index": round(
                statistics.mean(len(Entry(each.name, 0, len(each.content), _TIME).line()) for each in strips)
            ),
            "line": round(sum(len(line) + 1 for line in lines) / len(lines)),
        },
        "megabytes_a_process": bench.megabytes,
        "pool": summary(taken, len(strips)),
        "ray": summary(ray, len(strips)),
        "pieces": summary(pieces, len(envelopes)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")], help="folders of fonts")
    parser.add_argument("--work", type=Path, default=Path("data/bench-archive"), help="where pictures go (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("docs/measured/scale.json"), help="(%(default)s)")
    parser.add_argument("--strips", type=int, default=320, help="how many strips to read at a time (%(default)s)")
    parser.add_argument("--envelopes", type=int, default=30, help="how many mail pieces to read (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way takes its turn (%(default)s)")
    given = parser.parse_args()
    os.nice(NICE)
    with tempfile.TemporaryDirectory() as out, threadpool_limits(1, "blas"):
        found = measured(Bench(given, Path(out)), given.rounds)
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
