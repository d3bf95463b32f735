"""JSON -> pictures, parsing as little as possible: a JSON parser blocks the whole process until it is done."""

import json
from typing import Any

import numpy as np

from app.base64_text import Base64Text
from app.errors import BadRequestError, ServiceError, UnreadableError
from app.images import Decoded
from model.types import PIXELS, SIDE

Picture = Decoded | Base64Text

MOST_BYTES = 64_000
"""Limit for the JSON of one picture, its base64 not counted: 784 numbers with all their decimals take 20,000."""
MOST_BYTES_OF_MANY = 1_000_000
_LONG = 1_000  # characters: longer strings are cut out before the rest is parsed
_MOST_STRINGS = 5_000  # in JSON that is longer than MOST_BYTES
_MOST_BACKSLASHES = 100  # in a row
# How JSON may escape the characters of base64: PHP writes "\/", .NET "+".
_ESCAPES = (
    (rb"\/", b"/"), (rb"\n", b"\n"), (rb"\r", b"\r"), (rb"\t", b"\t"), (rb"\u002b", b"+"), (rb"\u002B", b"+"),
    (rb"\u002f", b"/"), (rb"\u002F", b"/"), (rb"\u003d", b"="), (rb"\u003D", b"="),
)  # fmt: skip


class _Cut(str):
    """A long string that was cut out of the JSON: `raw` is what was between its quotes."""

    raw: bytes


def picture(body: bytes) -> Picture:
    """Return the picture of `{"pixels": …}` or `{"image": …}`. Raises ServiceError for anything else."""
    return _picture(_parsed(body, MOST_BYTES))


def pictures(body: bytes) -> list[Picture | ServiceError]:
    """Return the pictures of a JSON list, in order, each bad one replaced by its error."""
    listed = _parsed(body, MOST_BYTES_OF_MANY)
    if not isinstance(listed, list):
        raise UnreadableError(f"expected a JSON list of pictures; got {_name(listed)}")
    return [_or_error(item) for item in listed]


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
    if not isinstance(text, _Cut):
        return Base64Text(text.encode("utf-8", "replace"))
    raw = text.raw
    if b"\\" in raw:
        for escape, character in _ESCAPES:
            raw = raw.replace(escape, character)
    return Base64Text(raw)


def _pixels(value: Any) -> Any:
    """Return 784 numbers from a flat list or 28 rows of 28."""
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
    return np.array(value, np.float32)


def _name(value: Any) -> str:
    """Return what JSON calls the type of `value`."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _parsed(body: bytes, most: int) -> Any:
    """Return the value of `body`; strings longer than `_LONG` are left unparsed, as `_Cut`.

    Raises BadRequestError where it is not JSON, UnreadableError where the rest is longer than any picture needs.
    """
    pieces, cut = _without_long_strings(body)
    if sum(map(len, pieces)) > most:
        raise UnreadableError(f'the JSON has more than {most} bytes besides its base64; expected "pixels" or "image"')
    try:
        return _restored(json.loads(b"".join(pieces)), cut)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is not JSON: {str(error)[:100]}") from error


def _without_long_strings(body: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return `body` in pieces, its long strings replaced by short placeholders, and the long strings."""
    if len(body) <= _LONG:
        return [body], []
    pieces: list[bytes] = []
    cut: list[bytes] = []
    at = 0
    while (start := body.find(b'"', at)) >= 0:
        end = _end_of_string(body, start)
        if end < 0 or len(pieces) > _MOST_STRINGS:
            break
        if end - start > _LONG:
            pieces.append(body[at:start] + b'"\\u0000%d"' % len(cut))
            cut.append(body[start + 1 : end])
        else:
            pieces.append(body[at : end + 1])
        at = end + 1
    return [*pieces, body[at:]], cut


def _end_of_string(body: bytes, start: int) -> int:
    """Return the position of the quote that ends the string begun at `start`; -1 where there is none."""
    end = body.find(b'"', start + 1)
    while end > 0 and body[end - 1] == ord("\\"):
        before = body[max(start + 1, end - _MOST_BACKSLASHES) : end]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            break
        end = body.find(b'"', end + 1)
    return end


def _restored(value: Any, cut: list[bytes]) -> Any:
    """Return `value` with the cut strings put back where a picture may have them: in objects, also those of a list."""
    if isinstance(value, list):
        return [_restored(item, cut) if isinstance(item, dict) else item for item in value]
    if isinstance(value, dict) and cut:
        return {name: _string(item, cut) if isinstance(item, str) else item for name, item in value.items()}
    return value


def _string(text: str, cut: list[bytes]) -> str:
    if not text.startswith("\0") or not text[1:].isdigit() or int(text[1:]) >= len(cut):
        return text
    restored = _Cut()
    restored.raw = cut[int(text[1:])]
    return restored
