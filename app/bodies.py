"""The forms in which a picture may be sent, and what each must look like."""

import asyncio
import io
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
from app.unpacking import AT_ONCE, Unpacker
from model.types import PIXELS

Result = TypeVar("Result")

_SOON_DONE = 64_000  # bytes: what is no longer needs no thread

EXPECTED = (
    f"{image_types.EXPECTED}, {PIXELS} bytes as application/octet-stream, a form with the field `file`, a data URL, "
    "or JSON"
)


async def one_picture(request: Request, most: int) -> Sent | Raw784:
    """Return the picture in the body. Raises ServiceError.

    most: the largest body, in bytes, once unpacked.
    """
    kind = media_type(request)
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
        return await from_json(json_pictures.picture, body)
    if kind == "application/x-www-form-urlencoded" and b"=" in body[:200]:
        raise UnsupportedTypeError("a form must be multipart/form-data with the field `file`; got a urlencoded one")
    raise UnsupportedTypeError(image_types.unsupported(body, EXPECTED))


async def many_pictures(request: Request, most: int, most_pictures: int) -> list[Sent | ServiceError]:
    """Return the body's pictures in the order sent, each bad one replaced by its error. Raises ServiceError."""
    items: list[Sent | ServiceError]
    if media_type(request) == "multipart/form-data":
        items = list(await _files(request, most, most_pictures))
    else:
        body = await _body(request, most)
        if not body:
            raise BadRequestError("the request has no body; expected a form of files or a JSON list of pictures")
        items = list(await from_json(lambda body: json_pictures.pictures(body, most_pictures), body))
    if not 1 <= len(items) <= most_pictures:
        raise UnreadableError(f"a batch has 1 to {most_pictures} pictures; got {len(items)}")
    return items


async def inference_request(request: Request, most: int) -> Asked:
    """Return what a request of the Open Inference Protocol asks. Raises ServiceError."""
    body = await _body(request, most)
    if not body:
        raise BadRequestError("the request has no body; expected JSON with `inputs`")
    json_length = request.headers.get(inference.LENGTH_HEADER)
    return await from_json(lambda body: inference.asked(body, json_length), body)


async def _body(request: Request, most: int) -> bytes:
    """Return the whole body, unpacked."""
    gathered = io.BytesIO()  # grows without being copied, as a list of chunks does when it is joined
    async for chunk in request.stream():
        gathered.write(chunk)
    body = gathered.getvalue()
    return await run_in_threadpool(_unpacked, body, most) if is_packed(request) else body


def is_packed(request: Request) -> bool:
    """Return whether the body is packed. Raises UnsupportedTypeError where it is packed otherwise."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return False
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise UnsupportedTypeError(f"a body's Content-Encoding must be gzip, deflate or identity; got {coding[:50]!r}")
    return True


async def from_json(parse: Callable[[bytes], Result], body: bytes) -> Result:
    """Return what `parse` makes of the body, in a thread where that may take long."""
    return parse(body) if len(body) <= _SOON_DONE else await run_in_threadpool(parse, body)


def _unpacked(body: bytes, most: int) -> bytes:
    """Return `body` unpacked; no more than `most` bytes are ever unpacked."""
    unpacker, content = Unpacker(), io.BytesIO()
    for piece in _pieces(body):
        for unpacked in unpacker.pieces(piece):
            content.write(unpacked)
            if content.tell() > most:
                raise TooLargeError(f"the body unpacks to more than {most} bytes, the limit")
    unpacker.end()
    return content.getvalue()


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), AT_ONCE):
        yield body[start : start + AT_ONCE]


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


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")
