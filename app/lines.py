"""Long lists as NDJSON: one picture a line, taken as it arrives, so that memory does not grow with the list."""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from app.capacity import Budget
from app.errors import ServiceError, TooLargeError
from app.unpacking import Unpacker

TYPES = frozenset({
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonl", "application/jsonlines",
})  # fmt: skip
"""What callers name it. There is no registered name."""
MEDIA_TYPE = "application/x-ndjson"


@dataclass(frozen=True)
class Bounds:
    """How much a list may have: bytes a line, lines (empty ones too), and bytes together, once unpacked."""

    line_bytes: int
    lines: int
    bytes: int


@dataclass(frozen=True)
class Line:
    """A line of a list, counted from 1, without its end; or what is wrong with it."""

    number: int
    content: bytes | ServiceError


class Splitter:
    """Cuts what arrives into lines. An empty line counts, but is none; one that is too long is not held."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._count = 0
        self._begun, self._too_long = io.BytesIO(), False

    @property
    def held(self) -> int:
        """How many bytes of a line are held that has not ended yet."""
        return self._begun.tell()

    def lines(self, piece: bytes) -> Iterator[Line]:
        """Yield the lines that end in `piece`. Raises TooLargeError where there are too many."""
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            self._add(piece[start:end])
            yield from self._end()
            start = end + 1
        self._add(piece[start:])

    def rest(self) -> Iterator[Line]:
        """Yield the last line where no line end follows it. Raises TooLargeError where it is one too many."""
        if self.held or self._too_long:
            yield from self._end()

    def _end(self) -> Iterator[Line]:
        content, too_long = self._begun.getvalue(), self._too_long
        self._begun, self._too_long = io.BytesIO(), False
        self._count += 1
        if self._count > self._bounds.lines:
            raise TooLargeError(f"the list has more than {self._bounds.lines} lines, the limit; the rest is not read")
        if too_long:
            error = TooLargeError(f"it has more than {self._bounds.line_bytes} bytes, the limit")
            yield Line(self._count, error)
        elif content and not content.isspace():
            yield Line(self._count, content)

    def _add(self, part: bytes) -> None:
        if self.held + len(part) > self._bounds.line_bytes:
            self._begun, self._too_long = io.BytesIO(), True
        if not self._too_long:
            self._begun.write(part)


async def groups(
    pieces: AsyncIterator[bytes], bounds: Bounds, budget: Budget, most: int
) -> AsyncGenerator[list[Line], None]:
    """Yield the lines in `pieces` that have arrived, at most so many at once, and never wait to make them more.

    budget: for the lines of all lists that have begun and not ended.
    Raises TooLargeError where the list has too much, BusyError where all lists have.
    """
    splitter, size, held = Splitter(bounds), 0, 0
    try:
        async for piece in pieces:
            size += len(piece)
            if size > bounds.bytes:
                raise TooLargeError(f"the list has more than {bounds.bytes} bytes, the limit; the rest is not read")
            some: list[Line] = []
            try:
                for line in splitter.lines(piece):
                    some.append(line)
                    if len(some) == most:
                        yield some
                        some = []
            except TooLargeError:  # those before it are read all the same
                if some:
                    yield some
                raise
            if some:
                yield some
            budget.give(held)
            held = 0  # in case that what is held now does not fit
            budget.take(splitter.held)
            held = splitter.held
        if some := list(splitter.rest()):
            yield some
    finally:
        budget.give(held)


async def received(receive: Receive, *, packed: bool) -> AsyncIterator[bytes]:
    """Yield the body as it arrives, unpacked where it is `packed`. Raises BadRequestError."""
    unpacker, more = Unpacker(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        more, body = message.get("more_body", False), message.get("body", b"")
        if not packed:
            yield body
            continue
        for piece in unpacker.pieces(body):
            yield piece
            await asyncio.sleep(0)  # others have their turn
    if packed:
        unpacker.end()
