"""A folder of pictures, or one file that holds several."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from app.archives import tiff_pages
from app.archives.entries import Entry, Picture
from app.archives.source import TIFFS, SourceError, content_of, listed
from app.archives.windows import Window


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
                yield from listed(name, found.st_size if plain else 0, int(found.st_mtime), (), pages)
        except OSError as error:
            raise SourceError(f"{error.filename or self._path} cannot be listed: {error.strerror}") from error

    def _pages(self, name: str, size: int) -> list[int]:
        if not name.lower().endswith(TIFFS) and self._only is None:
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
                    content = content_of(Window(file, 0, size), entry.place, self._most)
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


def _below(folder: Path, before: str) -> Iterator[str]:
    """Yield the names of all files below `folder`, in order. Memory holds those of one folder and of those above it."""
    with os.scandir(folder) as found:
        names = sorted((each.name, each.is_dir(follow_symlinks=False)) for each in found)
    for name, is_folder in names:
        if is_folder:
            yield from _below(folder / name, f"{before}{name}/")
        else:
            yield before + name


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
