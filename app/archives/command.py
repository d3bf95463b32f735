"""Reads an archive from where it is to DIR: scripts/read_archive.py."""

import argparse
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice

from tqdm import tqdm

from app.archives import parquet
from app.archives.engine import Engine, EngineError, read
from app.archives.entries import Block, Entry, divided
from app.archives.on_ray import OnRay
from app.archives.opening import source_of
from app.archives.parts import Parts, can_pack
from app.archives.plan import INDEX, READINGS, PlanError, alone, planned
from app.archives.pool import Pool
from app.archives.reading import Task
from app.archives.source import Source, SourceError
from app.commands.read import options_of
from app.commands.starting import loaded_service, refuse
from app.cpus import available
from app.version import VERSION


def run(given: argparse.Namespace) -> int:
    """Read the archive; return 0 once every picture has its row. Ends with code 2 where something must be mended."""
    source_path, out = given.source.resolve(), given.out.resolve()
    form = given.format or ("parquet" if can_pack() else "jsonl")
    if form == "parquet" and not can_pack():
        refuse(f"--format parquet {parquet.NEEDED}; or take --format jsonl")
    if out.is_relative_to(source_path):
        refuse(f"--out must lie outside of {source_path}; got {out}")
    service = loaded_service()
    options = options_of(given, service.settings)
    task = Task.of(options, service.settings, service.loaded)
    asked = {
        "source": str(source_path),
        "model": service.artifact.sha256,
        "calibration": service.reader.calibration.sha256,
        "version": VERSION,
        "options": asdict(options),
        "column": given.column,
        "block": given.block,
        "format": form,
    }
    try:
        source = source_of(source_path, service.settings.max_body_bytes, given.column, given.names)
        with alone(out):
            count = planned(out, source, asked)
            parts = Parts(out / READINGS, form)
            engine = OnRay(task, given.ray, given.workers) if given.ray else Pool(task, given.workers or available())
            try:
                return _read(count, divided(out / INDEX, given.block), source, parts, engine)
            finally:
                engine.close()
    except (SourceError, PlanError, EngineError) as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{error.filename or out} cannot be written: {error.strerror}")


def _read(count: int, blocks: Iterable[list[Entry]], source: Source, parts: Parts, engine: Engine) -> int:
    """Read the blocks that have no part yet; return 0."""
    done, now, unreadable = parts.done(), 0, 0
    with tqdm(total=count, unit="picture", dynamic_ncols=True, mininterval=0.5) as bar:
        for block, rows in read(_to_do(blocks, done, source, bar), engine):
            parts.write(block.number, rows)
            now += len(rows)
            unreadable += sum(row["error"] is not None for row in rows)
            bar.update(len(block.pictures))
    print(f"{now} rows written, {unreadable} of them about pictures that cannot be read", file=sys.stderr)
    return 0


def _to_do(blocks: Iterable[list[Entry]], done: set[int], source: Source, bar: "tqdm[None]") -> Iterator[Block]:
    """Yield the blocks that are not `done`, with their pictures; the others count for the bar, but not for its rate."""
    begun: deque[tuple[int, int]] = deque()

    def entries() -> Iterator[Entry]:
        for number, block in enumerate(blocks):
            if number in done:
                bar.initial += len(block)
                bar.update(len(block))
            else:
                begun.append((number, len(block)))
                yield from block

    pictures = source.pictures(entries())
    for first in pictures:
        number, count = begun.popleft()
        yield Block(number, [first, *islice(pictures, count - 1)])
