"""A stretch of an open file: a member of a tar, or the whole of a file."""

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Window:
    """`size` bytes of `file` from `start`; nothing outside is ever read."""

    file: BinaryIO
    start: int
    size: int

    def read(self, at: int, length: int) -> bytes:
        """Return `length` bytes from `at`. Raises ValueError where the window has fewer."""
        if not 0 <= at <= at + length <= self.size:
            raise ValueError(f"{length} bytes from byte {at} of {self.size}")
        self.file.seek(self.start + at)
        content = self.file.read(length)
        if len(content) < length:
            raise ValueError(f"{len(content)} bytes from byte {at}; expected {length}")
        return content
