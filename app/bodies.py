"""The forms in which a picture may be sent, and what each must look like."""

import asyncio
import io
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app import base64_text, forms, inference, json_pictures
from app.base64_text import Base64Text
from app.decoding import image_types
from app.errors import BadRequestError, ServiceError, TooLargeError, UnreadableError, UnsupportedTypeError
from app.inference import Asked
from app.sent import Raw784, Sent
from model.types import PIXELS

Result = TypeVar("Result")

# Bodies are copied so many bytes at a time, so that other threads, the event loop's too, have their turn in between.
_AT_ONCE = 1 << 16
_SOON_DONE = 64_000  # bytes: what is no longer needs no thread

EXPECTED = (
    f"{image_types.EXPECTED}, {PIXELS} bytes as application/octet-stream, a form with the field `file`, a data URL, "
    "or JSON"
)


async def one_picture(request: Request, most: int) -> Sent | Raw784:
    """Return the picture in the body. Raises ServiceError.

    most: the largest body, in bytes, once unpacked.
    """
    kind = _media_type(request)
    if kind == "multipart/form-data":
        files = await _files(request, most, 1)
        if len(files) > 1:
            raise BadRequestError("the form has several fields named `file`; /predict reads one: use /predict/batch")
        return files[0]
    body = await _body(request, most)
    if not body:
        raise BadRequestError(f"the request has no body; {EXPECTED}")
    if kind == "application/octet-stream" and len(body) == PIXELS:
        return Raw784(body)
    if image_types.is_image(body):
        return body
    if base64_text.is_data_url(body):
        return Base64Text(body)
    # A body that begins like an object is JSON, even from `curl -d`, which labels it as a form.
    if _is_json(kind) or body[:64].lstrip()[:1] == b"{":
        return await _from_json(json_pictures.picture, body)
    if kind == "application/x-www-form-urlencoded" and b"=" in body[:200]:
        raise UnsupportedTypeError("a form must be multipart/form-data with the field `file`; got a urlencoded one")
    raise UnsupportedTypeError(image_types.unsupported(body, EXPECTED))


async def many_pictures(request: Request, most: int, most_pictures: int) -> list[Sent | ServiceError]:
    """Return the body's pictures in the order sent, each bad one replaced by its error. Raises ServiceError."""
    items: list[Sent | ServiceError]
    if _media_type(request) == "multipart/form-data":
        items = list(await _files(request, most, most_pictures))
    else:
        body = await _body(request, most)
        if not body:
            raise BadRequestError("the request has no body; expected a form of files or a JSON list of pictures")
        items = list(await _from_json(lambda body: json_pictures.pictures(body, most_pictures), body))
    if not 1 <= len(items) <= most_pictures:
        raise UnreadableError(f"a batch has 1 to {most_pictures} pictures; got {len(items)}")
    return items


async def inference_request(request: Request, most: int) -> Asked:
    """Return what a request of the Open Inference Protocol asks. Raises ServiceError."""
    body = await _body(request, most)
    if not body:
        raise BadRequestError("the request has no body; expected JSON with `inputs`")
    json_length = request.headers.get(inference.LENGTH_HEADER)
    return await _from_json(lambda body: inference.asked(body, json_length), body)


async def _body(request: Request, most: int) -> bytes:
    """Return the whole body, unpacked."""
    gathered = io.BytesIO()  # grows without being copied, as a list of chunks does when it is joined
    async for chunk in request.stream():
        gathered.write(chunk)
    body = gathered.getvalue()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise UnsupportedTypeError(f"a body's Content-Encoding must be gzip, deflate or identity; got {coding[:50]!r}")
    return await run_in_threadpool(_unpacked, body, most)


async def _from_json(parse: Callable[[bytes], Result], body: bytes) -> Result:
    """Return what `parse` makes of the body, in a thread where that may take long."""
    return parse(body) if len(body) <= _SOON_DONE else await run_in_threadpool(parse, body)


def _unpacked(body: bytes, most: int) -> bytes:
    """Return `body` unpacked; no more than `most` bytes are ever unpacked."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # the header and checksum of gzip, or of zlib (deflate)
    content = io.BytesIO()
    try:
        for piece in _pieces(body):
            while piece and content.tell() <= most:
                content.write(unpacker.decompress(piece, _AT_ONCE))
                piece = unpacker.unconsumed_tail
    except zlib.error as error:
        raise BadRequestError(
            f"the body is not gzip or deflate, although its Content-Encoding says so: {error}"
        ) from error
    if content.tell() > most:
        raise TooLargeError(f"the body unpacks to more than {most} bytes, the limit")
    if not unpacker.eof:
        raise BadRequestError("the packed body is cut short")
    return content.getvalue()


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _AT_ONCE):
        yield body[start : start + _AT_ONCE]


async def _files(request: Request, most: int, most_pictures: int) -> list[Sent]:
    """Return the contents of the form's fields named `file`, at least one."""
    contents = await forms.files(request.headers["content-type"], _stream(request, most), most_pictures)
    if not contents:
        raise BadRequestError("the form has no field named `file`")
    return [
        content if image_types.is_image(content) or not base64_text.may_be(content) else Base64Text(content)
        for content in contents
    ]


async def _stream(request: Request, most: int) -> AsyncIterator[bytes]:
    if request.headers.get("content-encoding"):
        for piece in _pieces(await _body(request, most)):
            yield piece
            await asyncio.sleep(0)  # others have their turn
    else:
        async for chunk in request.stream():
            yield chunk


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")
