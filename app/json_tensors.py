"""JSON with long lists of numbers -> arrays, parsed a piece at a time: a parser holds up the whole process."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import BadRequestError

MOST_BYTES = 64_000
"""Limit for the JSON besides the lists of numbers: names, shapes and types take a few hundred bytes."""
_AT_ONCE = 1 << 16  # bytes of a list that are parsed at once: a millisecond
_LONGEST_NUMBER = 1_000  # bytes, blanks counted
_MOST_LISTS = 100  # that are cut out: a request has one; what is left must fit MOST_BYTES
_DATA, _LIST_FOLLOWS = b'"data"', re.compile(rb"[ \t\r\n]*:[ \t\r\n]*(?=\[)")
_OF_NUMBERS = b"0123456789+-.eE \t\r\n"
_BLANKED = bytes.maketrans(b"[]", b"  ")


@dataclass(frozen=True)
class Numbers:
    """A list of numbers, nested or not, that was cut out of JSON: still text, and not checked yet."""

    body: bytes = field(repr=False)
    start: int
    end: int

    def array(self, shape: Sequence[int]) -> NDArray[np.float64]:
        """Return the numbers as an array of this `shape`, float64; the list must be flat, or nested as the shape says.

        Raises BadRequestError where it is neither, where its numbers are too many or too few, or no JSON.
        """
        self._check_structure(shape)
        values, done = np.empty(int(np.prod(shape))), 0
        for piece in self._pieces():
            try:
                some = np.array(json.loads(b"[" + piece.translate(_BLANKED) + b"]"), np.float64)
                values[done : done + len(some)] = some
            except (ValueError, OverflowError) as error:
                raise BadRequestError(f"`data` has something that is no number after {done} numbers") from error
            done += len(some)
        return values.reshape(shape)

    def _check_structure(self, shape: Sequence[int]) -> None:
        """Raise BadRequestError unless brackets and commas are those of a list of this `shape`."""
        starts = range(self.start, self.end, _AT_ONCE)
        without = [self.body[at : min(at + _AT_ONCE, self.end)].translate(None, _OF_NUMBERS) for at in starts]
        brackets = b"".join(without)
        count = int(np.prod(shape))
        if brackets in (_brackets([count]), _brackets(shape)):
            return
        if brackets.translate(None, b"[],"):
            raise BadRequestError("`data` must hold numbers alone")
        got = brackets.count(b",") + 1
        if got != count:
            raise BadRequestError(f"`data` must have {count} numbers, as its shape {list(shape)} says; got {got}")
        raise BadRequestError(f"`data` must be flat, or nested as its shape {list(shape)} says; it is nested otherwise")

    def _pieces(self) -> Iterator[bytes]:
        """Yield the list's text, divided at commas."""
        at = self.start
        while at < self.end:
            end = self.body.find(b",", at + _AT_ONCE, self.end) if self.end - at > _AT_ONCE else -1
            end = self.end if end < 0 else end
            if end - at > _AT_ONCE + _LONGEST_NUMBER:
                raise BadRequestError(f"a number in `data` has more than {_LONGEST_NUMBER} characters")
            yield self.body[at:end]
            at = end + 1


def loaded(body: bytes) -> Any:
    """Return the value of the JSON in `body`, with Numbers for each object's list `data` that may be one of numbers.

    Raises BadRequestError where the rest is too large, or not JSON.
    """
    pieces, lists, at = list[bytes](), dict[str, Numbers](), 0
    for found in _lists(body):
        name = f"\0{len(lists)}"  # what a client may send as text, too: it would get its own numbers
        lists[name] = found
        pieces += body[at : found.start], json.dumps(name).encode()
        at = found.end
    if sum(map(len, pieces)) + len(body) - at > MOST_BYTES:
        raise BadRequestError(f"the JSON has more than {MOST_BYTES} bytes besides its `data` of numbers")

    def put_back(value: dict[str, Any]) -> dict[str, Any]:
        data = value.get("data")
        return {**value, "data": lists[data]} if isinstance(data, str) and data in lists else value

    try:
        return json.loads(b"".join([*pieces, body[at:]]).decode(), object_hook=put_back)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is not JSON: {str(error)[:100]}") from error


def _lists(body: bytes) -> Iterator[Numbers]:
    """Yield each list named `data` that holds neither strings nor objects."""
    at = -1
    for _ in range(_MOST_LISTS):
        at = body.find(_DATA, at + 1)
        if at < 0:
            return
        follows = _LIST_FOLLOWS.match(body, at + len(_DATA))
        if follows is not None:
            start = follows.end()
            at = _end(body, start)
            if at > start:
                yield Numbers(body, start, at)


def _end(body: bytes, start: int) -> int:
    """Return where the list ends that begins at `start`; `start` where it holds strings or objects."""
    stop = len(body)
    for sign in b'"{}':  # the first of them is the end of the object, or begins its next name
        found = body.find(sign, start, stop)
        stop = stop if found < 0 else found
    end = body.rfind(b"]", start, stop) + 1
    balanced = body.count(b"[", start, end) == body.count(b"]", start, end)
    return end if end and balanced and not body[end:stop].strip(b" \t\r\n,") else start


def _brackets(shape: Sequence[int]) -> bytes:
    """Return the brackets and commas of a nested list of this `shape`."""
    inner = b""
    for length in reversed(shape):
        inner = b"[" + (inner + b",") * (length - 1) + inner + b"]"
    return inner
