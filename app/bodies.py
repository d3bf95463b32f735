"""The forms in which a picture may be sent, and what each must be."""

import base64
import binascii
import json
from typing import Any

import numpy as np
from fastapi import Request
from starlette.datastructures import UploadFile

from app import images
from app.errors import BadRequestError, ServiceError, UnreadableError, UnsupportedTypeError
from app.images import Decoded, Limits
from model.types import PIXELS, SIDE


async def one_picture(request: Request, limits: Limits) -> bytes | Decoded:
    """Return what the body holds: an image's bytes, still to be decoded, or a picture of 28 × 28 pixels."""
    if _is(request, "multipart/form-data"):
        files = await _files(request, 1)
        if not files:
            raise BadRequestError("the form has no file in a field named `file`")
        return files[0]
    body = await request.body()
    if not body:
        raise BadRequestError("the request has no body; expected an image, 784 bytes, a form with `file`, or JSON")
    if _is(request, "application/octet-stream") and len(body) == PIXELS:
        return _image_or_pixels(body, limits)
    if images.is_image(body):
        return body
    # What begins as an object is JSON, also from `curl -d`, which calls it a form.
    if _is_json(request) or body.lstrip()[:1] == b"{":
        return from_json(_parsed(body))
    raise UnsupportedTypeError(
        f"the {len(body)} bytes sent are no image that this service knows; {images.EXPECTED}, "
        f"or {PIXELS} bytes as application/octet-stream"
    )


async def many_pictures(request: Request, most: int) -> list[bytes | Decoded | ServiceError]:
    """Return the body's pictures in the order sent; one that is wrong is its error."""
    items: list[bytes | Decoded | ServiceError]
    if _is(request, "multipart/form-data"):
        items = list(await _files(request, most))
    else:
        body = await request.body()
        listed = _parsed(body) if body else None
        if not isinstance(listed, list):
            raise BadRequestError("expected a form of files or a JSON list of pictures")
        items = [_or_error(item) for item in listed[: most + 1]]
    if not 1 <= len(items) <= most:
        raise UnreadableError(f"a batch has 1 to {most} pictures; got {len(items) if len(items) <= most else 'more'}")
    return items


def from_json(value: Any) -> bytes | Decoded:
    """Return the picture of `{"pixels": …}` or `{"image": …}`. Raises UnreadableError for any other shape."""
    if not isinstance(value, dict) or ("pixels" in value) == ("image" in value):
        raise UnreadableError('expected an object with either "pixels" or "image"')
    if "pixels" in value:
        return _square(_pixels(value["pixels"]))
    text = value["image"]
    if not isinstance(text, str):
        raise UnreadableError(f'"image" must be base64 or a data URL in a string; got {type(text).__name__}')
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableError('"image" is not base64') from error


def _or_error(item: Any) -> bytes | Decoded | ServiceError:
    try:
        return from_json(item)
    except ServiceError as error:
        return error


def _image_or_pixels(body: bytes, limits: Limits) -> Decoded:
    """Return the image that 784 bytes hold, or else the digit whose pixels they are: these too may begin with `BM`."""
    try:
        return images.decode(body, limits)
    except ServiceError:
        return _square(np.frombuffer(body, np.uint8))


def _square(pixels: Any) -> Decoded:
    return Decoded(np.asarray(pixels).reshape(SIDE, SIDE), SIDE, SIDE)


def _pixels(value: Any) -> Any:
    """Return 784 numbers from a flat list or 28 rows of 28."""
    if isinstance(value, list) and len(value) == SIDE and all(isinstance(row, list) for row in value):
        lengths = sorted({len(row) for row in value})
        if lengths != [SIDE]:
            raise UnreadableError(f'"pixels" must be 28 rows of 28 numbers; got rows of {lengths[:5]}')
        value = [number for row in value for number in row]
    if not isinstance(value, list) or len(value) != PIXELS:
        got = f"a list of {len(value)}" if isinstance(value, list) else type(value).__name__
        raise UnreadableError(f'"pixels" must be 28 rows of 28 numbers, or 784 numbers; got {got}')
    for position, number in enumerate(value):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= 255:
            raise UnreadableError(f'"pixels" must be numbers from 0 to 255; got {str(number)[:50]!r} at {position}')
    return np.array(value, np.float32)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is not JSON: {str(error)[:100]}") from error


async def _files(request: Request, most: int) -> list[bytes]:
    async with request.form(max_files=most + 1, max_fields=100) as form:
        return [await value.read() for _, value in form.multi_items() if isinstance(value, UploadFile)]


def _is(request: Request, media_type: str) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == media_type


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
