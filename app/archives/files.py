"""Files that are there whole or not at all, whatever stops the process or the machine."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

HALF = ".half"
"""The ending of a file's name until it is whole."""


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which gets the name `path` once all is written and on the disk."""
    half = path.with_name(f".{path.name}{HALF}")
    with half.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too
    finally:
        os.close(folder)
