"""The index of an archive: a line per picture, in a fixed order, and the blocks that it is divided into."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from app.archives.files import written_whole

MOST_BYTES = 32_000_000
"""Of the pictures of one block, which are in memory at the same time: a hundred scans of envelopes."""


@dataclass(frozen=True)
class Entry:
    """A picture of an archive: where it is, in a form that its source understands.

    page: of a TIFF of several, from 1; 0 where that is not known before the bytes are there. size: in bytes, as far as
    the listing tells. changed: when its file was last written, in seconds since 1970.
    """

    name: str
    page: int
    size: int
    changed: int
    place: tuple[int, ...] = ()

    def line(self) -> bytes:
        """Return the line of the index for this entry."""
        return json.dumps(astuple(self)).encode() + b"\n"


@dataclass(frozen=True)
class Picture:
    """A picture's bytes, or the sentence that says why they cannot be had."""

    name: str
    page: int
    content: bytes | str


@dataclass(frozen=True)
class Block:
    """Pictures that are read together, and whose readings are one part of the output."""

    number: int
    pictures: list[Picture]


def fingerprint(entries: Iterable[Entry]) -> str:
    """Return the SHA-256 of the index of `entries`."""
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(entry.line())
    return digest.hexdigest()


def file_fingerprint(index: Path) -> str:
    """Return the SHA-256 of an index that is written."""
    with index.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_index(path: Path, entries: Iterable[Entry]) -> tuple[str, int]:
    """Write the index of `entries`; return its SHA-256, and how many there are."""
    digest, count = hashlib.sha256(), 0
    with written_whole(path) as file:
        for entry in entries:
            line = entry.line()
            digest.update(line)
            file.write(line)
            count += 1
    return digest.hexdigest(), count


def divided(index: Path, most: int) -> Iterator[list[Entry]]:
    """Yield the entries of `index` in blocks of at most `most`; a block of more than MOST_BYTES has one entry."""
    block: list[Entry] = []
    size = 0
    with index.open("rb") as lines:
        for line in lines:
            name, page, entry_size, changed, place = json.loads(line)
            entry = Entry(name, page, entry_size, changed, tuple(place))
            if block and (len(block) == most or size + entry.size > MOST_BYTES):
                yield block
                block, size = [], 0
            block.append(entry)
            size += entry.size
    if block:
        yield block
