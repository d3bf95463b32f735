"""Tars of pictures, packed with gzip or not."""

import gzip
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.archives import tiff_pages
from app.archives.entries import Entry, Picture
from app.archives.source import TIFFS, SourceError, content_of, listed
from app.archives.windows import Window

_FAULTS = (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile)


class Tar:
    """A tar that is not packed, in its own order; members are read where they lie."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most = path, most

    def entries(self) -> Iterator[Entry]:
        """Yield the pages of TIFFs by themselves, and every other member that is a file."""
        changed = int(self._path.stat().st_mtime)
        for name, window in _members(self._path, "r:"):
            pages = tiff_pages.pages(window) if name.lower().endswith(TIFFS) else []
            yield from listed(name, window.size, changed, (window.start, window.size), pages)

    def pictures(self, entries: Iterable[Entry]) -> Iterator[Picture]:
        """Yield what the members hold."""
        try:
            with self._path.open("rb") as file:
                for entry in entries:
                    start, size, *page = entry.place
                    yield Picture(entry.name, entry.page, content_of(Window(file, start, size), page, self._most))
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read: {error.strerror}") from error


class PackedTar:
    """A tar that gzip has packed: it can be read from its beginning only, once to list it and once for the pictures."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most = path, most

    def entries(self) -> Iterator[Entry]:
        """Yield the members that are files."""
        changed = int(self._path.stat().st_mtime)
        for number, (name, window) in enumerate(_members(self._path, "r:gz")):
            yield Entry(name, 0, window.size, changed, (number,))

    def pictures(self, entries: Iterable[Entry]) -> Iterator[Picture]:
        """Yield what the members hold; those in between are unpacked and left."""
        members = enumerate(_members(self._path, "r:gz"))
        for entry in entries:
            window = next(window for number, (_, window) in members if number == entry.place[0])
            try:
                yield Picture(entry.name, 0, content_of(window, (), self._most))
            except _FAULTS as error:
                raise SourceError(f"{self._path} cannot be unpacked: {error}") from error


def _members(path: Path, mode: str) -> Iterator[tuple[str, Window]]:
    """Yield the name and the place of each member that is a file, before the next is looked for.

    Raises SourceError where the tar is broken or cut short.
    """
    number = 0
    try:
        with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # `mode` is one of two
            while (member := archive.next()) is not None:
                archive.members = []  # it would keep them all
                if member.isreg():
                    number += 1
                    yield member.name, Window(archive.fileobj, member.offset_data, member.size)
    except (*_FAULTS, OSError) as error:
        raise SourceError(f"{path} is broken or cut short after {number} files: {error}") from error
