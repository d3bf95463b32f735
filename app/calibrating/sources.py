"""LABELS -> the bytes of labels.csv and of the pictures beside it, out of a folder or a zip file of one."""

import errno
import os
import posixpath
import zlib
from pathlib import Path
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

TABLE = "labels.csv"

_BOUNDED = {ZIP_STORED, ZIP_DEFLATED}
"""Python unpacks no more of these than it is asked for; a few bytes of the other kinds can fill the memory."""
# RuntimeError: encrypted. EOFError: cut off. ValueError: places outside the file.
_FAULTS = (BadZipFile, zlib.error, RuntimeError, EOFError, ValueError)
_APPLES_COPIES = "__MACOSX/"  # of each file's attributes, under the same names, in the zip files of macOS


class LabelsError(ValueError):
    """The labels cannot be used; the message says where and why."""


class Source(Protocol):
    """Where labels.csv and its pictures are; `table` is the former's name in messages."""

    table: str

    def read(self, file: str, most: int) -> bytes:
        """Return at most the first `most` bytes of what is called `file`. Raises OSError."""
        ...


class Folder:
    """A folder with labels.csv and pictures."""

    def __init__(self, path: Path) -> None:
        self._path, self.table = path, str(path / TABLE)

    def read(self, file: str, most: int) -> bytes:
        """Return at most the first `most` bytes of the file. Raises OSError."""
        with (self._path / file).open("rb") as opened:
            return opened.read(most)


class Zip:
    """A zip file with labels.csv and pictures in the same folder of it. It is never unpacked, so no name leads out."""

    def __init__(self, path: Path) -> None:
        """Raises LabelsError where `path` is no such zip file."""
        try:
            self._zip = ZipFile(path)
        except OSError as error:
            raise LabelsError(f"{path} cannot be read: {error.strerror}") from error
        except _FAULTS as error:
            raise LabelsError(f"{path} must be a folder or a whole zip file: {error}") from error
        names = [name for name in self._zip.namelist() if not name.startswith(_APPLES_COPIES)]
        tables = [name for name in names if posixpath.basename(name) == TABLE]
        if len(tables) != 1:
            raise LabelsError(f"{path} must hold one {TABLE}, beside its pictures; it holds {len(tables)}")
        self._folder, self.table = posixpath.dirname(tables[0]), f"{path}: {tables[0]}"

    def read(self, file: str, most: int) -> bytes:
        """Return at most the first `most` bytes of the entry. Raises OSError."""
        try:
            entry = self._zip.getinfo(posixpath.normpath(posixpath.join(self._folder, file)))
        except KeyError as error:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file) from error
        if entry.compress_type not in _BOUNDED:
            raise OSError(errno.EINVAL, "it must be stored or deflated in the zip file", file)
        try:
            with self._zip.open(entry) as opened:
                return opened.read(most)
        except _FAULTS as error:
            raise OSError(errno.EIO, f"it cannot be unpacked: {error}", file) from error


def opened(labels: Path) -> Source:
    """Return what LABELS names. Raises LabelsError where it is a file, but no zip file with labels.csv."""
    return Zip(labels) if labels.is_file() else Folder(labels)
