"""SOURCE -> the pictures in it: of a folder, a tar, a TIFF, or Parquet (parquet.py)."""

import gzip
import os
import stat
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from app.archives import tiff_pages
from app.archives.entries import Entry, Picture
from app.archives.windows import Window

_TIFFS = (".tif", ".tiff")
_PACKED = (".tar.gz", ".tgz")
_TOO_LARGE = "the picture has more than {} bytes, the limit (DIGITS_MAX_BODY_BYTES)"
_FAULTS = (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile)


class SourceError(ValueError):
    """SOURCE cannot be read, or is no archive; the message says why."""


class Source(Protocol):
    """An archive of pictures."""

    def entries(self) -> Iterator[Entry]:
        """Yield all pictures, in the same order each time. Raises SourceError."""
        ...

    def pictures(self, entries: Iterable[Entry]) -> Iterator[Picture]:
        """Yield the pictures of `entries`, some of those that `entries()` yields and in that order.

        Raises SourceError where it is the archive that cannot be read, and not a picture.
        """
        ...


def source_of(path: Path, most: int, column: str, name_column: str | None) -> Source:
    """Return the archive at `path`. Raises SourceError where it is none.

    most: bytes that a picture may have. column, name_column: of Parquet, where pictures and their names are.
    """
    from app.archives.parquet import ParquetFiles, parquet_files  # noqa: PLC0415  # it needs this module's classes

    if files := parquet_files(path):
        return ParquetFiles(files, most, column, name_column)
    if path.is_dir():
        return Folder(path, most)
    if not path.is_file():
        raise SourceError(f"{path} is not there; expected a folder, a tar, a TIFF or Parquet")
    if path.name.lower().endswith(_PACKED):
        return PackedTar(path, most)
    with path.open("rb") as file:
        if tiff_pages.is_tiff(file.read(4)):
            return Folder(path.parent, most, path.name)
    if not tarfile.is_tarfile(path):
        raise SourceError(f"{path} is neither a folder, a tar, a TIFF nor Parquet")
    return Tar(path, most)


class Folder:
    """A folder with pictures in it and below, in the order of their names; or one file of it."""

    def __init__(self, path: Path, most: int, only: str | None = None) -> None:
        self._path, self._most, self._only = path, most, only
        self._device = path.stat().st_dev

    def entries(self) -> Iterator[Entry]:
        """Yield the pages of TIFFs by themselves, and every other file."""
        try:
            for name in _below(self._path, "") if self._only is None else [self._only]:
                found = (self._path / name).lstat()
                plain = stat.S_ISREG(found.st_mode)
                pages = self._pages(name, found.st_size) if plain else []
                yield from _listed(name, found.st_size if plain else 0, int(found.st_mtime), (), pages)
        except OSError as error:
            raise SourceError(f"{error.filename or self._path} cannot be listed: {error.strerror}") from error

    def _pages(self, name: str, size: int) -> list[int]:
        if not name.lower().endswith(_TIFFS) and self._only is None:
            return []
        try:
            with self._opened(name) as file:
                return tiff_pages.pages(Window(file, 0, size))
        except OSError:
            return []  # `pictures` says why

    def _opened(self, name: str) -> BinaryIO:
        # A pipe without a writer would be waited for.
        return cast("BinaryIO", open(self._path / name, "rb", opener=_without_waiting))  # Path.open takes no opener

    def pictures(self, entries: Iterable[Entry]) -> Iterator[Picture]:
        """Yield what the files hold. Raises SourceError where the whole folder is gone."""
        for entry in entries:
            try:
                with self._opened(entry.name) as file:
                    size = os.fstat(file.fileno()).st_size
                    content = _content(Window(file, 0, size), entry.place, self._most)
            except OSError as error:
                self._check_that_it_is_there()
                content = f"the file cannot be read: {error.strerror}"
            yield Picture(entry.name, entry.page, content)

    def _check_that_it_is_there(self) -> None:
        """Raise SourceError where the folder is gone, or is empty for want of the disk that belongs there."""
        try:
            there = self._path.stat().st_dev == self._device
        except OSError:
            there = False
        if not there:
            raise SourceError(f"{self._path} is no longer there; start again once it is, and reading continues")


class Tar:
    """A tar that is not packed, in its own order; members are read where they lie."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most = path, most

    def entries(self) -> Iterator[Entry]:
        """Yield the pages of TIFFs by themselves, and every other member that is a file."""
        changed = int(self._path.stat().st_mtime)
        for name, window in _members(self._path, "r:"):
            pages = tiff_pages.pages(window) if name.lower().endswith(_TIFFS) else []
            yield from _listed(name, window.size, changed, (window.start, window.size), pages)

    def pictures(self, entries: Iterable[Entry]) -> Iterator[Picture]:
        """Yield what the members hold."""
        try:
            with self._path.open("rb") as file:
                for entry in entries:
                    start, size, *page = entry.place
                    yield Picture(entry.name, entry.page, _content(Window(file, start, size), page, self._most))
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
                yield Picture(entry.name, 0, _content(window, (), self._most))
            except _FAULTS as error:
                raise SourceError(f"{self._path} cannot be unpacked: {error}") from error


def _below(folder: Path, before: str) -> Iterator[str]:
    """Yield the names of all files below `folder`, in order. Memory holds those of one folder and of those above it."""
    with os.scandir(folder) as found:
        names = sorted((each.name, each.is_dir(follow_symlinks=False)) for each in found)
    for name, is_folder in names:
        if is_folder:
            yield from _below(folder / name, f"{before}{name}/")
        else:
            yield before + name


def _listed(name: str, size: int, changed: int, place: tuple[int, ...], pages: list[int]) -> Iterator[Entry]:
    """Yield an entry for each of several pages, or one for the picture."""
    if len(pages) < 2:
        yield Entry(name, 0, size, changed, place)
        return
    for number, page in enumerate(pages, start=1):
        yield Entry(name, number, size // len(pages), changed, (*place, page))


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


def _content(window: Window, page: Iterable[int], most: int) -> bytes | str:
    """Return the bytes of a picture, or of the page of a TIFF that begins at `page`; or why it cannot be had."""
    try:
        for place in page:
            return tiff_pages.page(window, place, most)
        if window.size > most:
            raise OverflowError
        return window.read(0, window.size)
    except OverflowError:
        return _TOO_LARGE.format(most)
    except ValueError as error:
        return f"the file is broken: {error}"


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
