"""JSON -> pictures, without ever parsing much of it at once: a parser holds up the whole process until it is done."""

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.base64_text import Base64Text
from app.errors import BadRequestError, ServiceError, UnreadableError
from app.images import Decoded, full_range
from model.types import PIXELS, SIDE

Picture = Decoded | Base64Text

MOST_BYTES = 64_000
"""Limit for the JSON of one picture, its base64 not counted: 784 numbers with all their decimals take 20,000."""
MOST_BYTES_OF_MANY = 1_000_000
_LONG = 1_000  # characters: longer strings are cut out before the rest is parsed
_MOST_QUOTES = 20_000  # in a body whose long strings are cut out
_MOST_BACKSLASHES = 100  # in a row
_LONGEST_NUMBER = 6  # of a string that was cut out
_WHITE_SPACE = re.compile(r"[ \t\n\r]*")


class _Cut(str):
    """A long string that was cut out of the JSON: `raw` is what was between its quotes."""

    raw: memoryview


def picture(body: bytes) -> Picture:
    """Return the picture of `{"pixels": …}` or `{"image": …}`. Raises ServiceError for anything else."""
    text, cut = _without_long_strings(body, MOST_BYTES)
    return _picture(_restored(_loaded(text), cut))


def pictures(body: bytes, most: int) -> list[Picture | ServiceError]:
    """Return the pictures of a JSON list, in order; one that is wrong is its error. Raises ServiceError above `most`.

    They are parsed one at a time, so that other threads have their turn in between.
    """
    text, cut = _without_long_strings(body, MOST_BYTES_OF_MANY)
    listed: list[Picture | ServiceError] = []
    for item in _items(text):
        if len(listed) == most:
            raise UnreadableError(f"a batch has 1 to {most} pictures; got more")
        listed.append(_or_error(_restored(item, cut)))
    return listed


def _or_error(item: Any) -> Picture | ServiceError:
    try:
        return _picture(item)
    except ServiceError as error:
        return error


def _picture(value: Any) -> Picture:
    if not isinstance(value, dict) or ("pixels" in value) == ("image" in value):
        raise UnreadableError('expected an object with either "pixels" or "image"')
    if "pixels" in value:
        return Decoded(_pixels(value["pixels"]).reshape(SIDE, SIDE), SIDE, SIDE)
    text = value["image"]
    if not isinstance(text, str):
        raise UnreadableError(f'"image" must be base64 or a data URL in a string; got {_name(text)}')
    if isinstance(text, _Cut):
        return Base64Text(text.raw, escaped=True)
    return Base64Text(text.encode("utf-8", "replace"))


def _pixels(value: Any) -> NDArray[np.float32]:
    """Return 784 numbers, 0 to 255, from a flat list or 28 rows of 28; they were 0 to 1 where none is above 1."""
    if isinstance(value, list) and len(value) == SIDE and all(isinstance(row, list) for row in value):
        lengths = sorted({len(row) for row in value})
        if lengths != [SIDE]:
            raise UnreadableError(f'"pixels" must be 28 rows of 28 numbers; got rows of {lengths[:5]}')
        value = [number for row in value for number in row]
    if not isinstance(value, list) or len(value) != PIXELS:
        got = f"a list of {len(value)}" if isinstance(value, list) else _name(value)
        raise UnreadableError(f'"pixels" must be 28 rows of 28 numbers, or 784 numbers; got {got}')
    for position, number in enumerate(value):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= 255:
            raise UnreadableError(f'"pixels" must be numbers from 0 to 255; got {str(number)[:50]!r} at {position}')
    return full_range(np.array(value, np.float32))


def _name(value: Any) -> str:
    """Return what JSON calls the type of `value`."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _loaded(text: str) -> Any:
    """Return the value of `text`. Raises BadRequestError where it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is not JSON: {str(error)[:100]}") from error


def _items(text: str) -> Iterator[Any]:
    """Yield the values of the list that `text` is. Raises BadRequestError, or UnreadableError where it is none."""
    at = _after_space(text, 0)
    if text[at : at + 1] != "[":
        value = _loaded(text[: MOST_BYTES + 1])
        raise UnreadableError(f"expected a JSON list of pictures; got {_name(value)}")
    at = _after_space(text, at + 1)
    more = text[at : at + 1] != "]"
    while more:
        item, at = _item(text, at)
        yield item
        at = _after_space(text, at)
        more = text[at : at + 1] == ","
        at = _after_space(text, at + 1) if more else at
    if text[at : at + 1] != "]" or _after_space(text, at + 1) != len(text):
        raise BadRequestError(f"the body is not JSON: expected a list's end or another item at character {at}")


def _item(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at `at`, and where it ends."""
    part = text[at : at + MOST_BYTES]
    try:
        item, length = json.JSONDecoder().raw_decode(part)
    except (ValueError, RecursionError) as error:
        # Strings are short by now, so that only what the part's end cuts off fails near it.
        cut = len(part) == MOST_BYTES and getattr(error, "pos", 0) > MOST_BYTES - 2 * _LONG
        if cut:
            raise UnreadableError(
                f"one picture of the list has more than {MOST_BYTES} bytes besides its base64"
            ) from error
        raise BadRequestError(f"the body is not JSON: {str(error)[:100]}") from error
    return item, at + length


def _after_space(text: str, at: int) -> int:
    """Return where the white space ends that may stand at `at`."""
    space = _WHITE_SPACE.match(text, at)
    return space.end() if space else at


def _without_long_strings(body: bytes, most: int) -> tuple[str, list[memoryview]]:
    """Return the text of `body`, long strings replaced by short ones, and what stood in these.

    Raises UnreadableError where it has over `most` bytes beside these, BadRequestError where it is not text.
    """
    pieces, cut = _divided(body)
    if sum(map(len, pieces)) > most:
        raise UnreadableError(f'the JSON has more than {most} bytes besides its base64; expected "pixels" or "image"')
    short = b"".join(pieces)
    try:
        return short.decode(json.detect_encoding(short), "surrogatepass"), cut
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {str(error)[:100]}") from error


def _divided(body: bytes) -> tuple[list[bytes | memoryview], list[memoryview]]:
    """Return `body` in pieces, and the long strings that are left out of these."""
    view, pieces, cut = memoryview(body), list[bytes | memoryview](), list[memoryview]()
    at, start, end = 0, -1, -1  # what is in a piece already; the string's first quote, -1 between strings; its last
    for _ in range(_MOST_QUOTES if len(body) > _LONG else 0):
        end = body.find(b'"', end + 1)
        if end < 0:
            break
        if start < 0:
            start = end
        elif not _is_escaped(body, start, end):
            if end - start > _LONG:
                pieces += view[at:start], b'"\\u0000%d"' % len(cut)
                cut.append(view[start + 1 : end])
                at = end + 1
            start = -1
    return [*pieces, view[at:]], cut


def _is_escaped(body: bytes, start: int, at: int) -> bool:
    """Return whether the quote at `at`, in a string that begins at `start`, does not end it."""
    before = body[max(start + 1, at - _MOST_BACKSLASHES) : at]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1


def _restored(value: Any, cut: list[memoryview]) -> Any:
    """Return `value` with the strings that were cut out where a picture may have them: in an object."""
    if isinstance(value, dict) and cut:
        return {name: _string(item, cut) if isinstance(item, str) else item for name, item in value.items()}
    return value


def _string(text: str, cut: list[memoryview]) -> str:
    number = text[1:]
    if not text.startswith("\0") or len(number) > _LONGEST_NUMBER or not number.isdecimal() or int(number) >= len(cut):
        return text
    restored = _Cut()
    restored.raw = cut[int(number)]
    return restored
