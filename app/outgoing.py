"""Answers that grow while they are sent, to callers who perhaps read nothing before they have sent everything."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.capacity import Budget
from app.errors import UNFORESEEN, ServiceError, UnavailableError
from app.lines import MEDIA_TYPE
from app.problems import problem

log = logging.getLogger(__name__)

_AT_ONCE = 1 << 16  # bytes sent at a time


@dataclass(frozen=True)
class Room:
    """What may wait to be sent: bytes of one answer, of all answers, and the seconds in which some must be taken."""

    most: int
    budget: Budget
    seconds: float


class Growing(Response):
    """Sends lines as they are made; where they end too early, the last one is the problem that says why.

    Starlette's own StreamingResponse would take the next part of the body for the caller's goodbye.
    """

    media_type = MEDIA_TYPE

    def __init__(self, contents: AsyncGenerator[bytes, None], room: Room) -> None:
        """Send nothing yet. contents: whole lines, one or more at a time."""
        super().__init__()
        del self.headers["Content-Length"]
        self._contents, self._room = contents, room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # as ASGI has it
        """Send the answer. Raises ClientDisconnect where the caller takes nothing of it."""
        request_id = scope["request_id"]
        outgoing = _Outgoing(send, self._room)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            await outgoing.put_all(self._contents)
            await outgoing.end()
        except ServiceError as error:
            await _end_early(outgoing, error, scope)
        except asyncio.CancelledError:  # the server stops; a caller who has left is sent nothing
            await _end_early(outgoing, UnavailableError("the service stops; send again what has no answer"), scope)
            raise
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("%s: a list failed", request_id)
            await _end_early(outgoing, ServiceError(UNFORESEEN), scope)
        finally:
            outgoing.close()


async def _end_early(outgoing: "_Outgoing", error: ServiceError, scope: Scope) -> None:
    """End the answer with `error`. What still arrives is thrown away: its sender perhaps reads nothing before."""
    dropping = asyncio.create_task(_drop(scope["uncounted"]))
    try:
        last = problem(error.status, error.detail, scope["request_id"])
        await outgoing.end(last.model_dump_json().encode() + b"\n")
    finally:
        dropping.cancel()


async def _drop(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass


class _Outgoing:
    """Sends what is put into it; what the caller does not take yet waits in memory, as far as there is room."""

    def __init__(self, send: Send, room: Room) -> None:
        self._send, self._room = send, room
        self._waiting = bytearray()
        self._sending: asyncio.Task[None] | None = None
        self._sent = asyncio.Event()  # some of what waited

    async def put_all(self, contents: AsyncGenerator[bytes, None]) -> None:
        """Send each of `contents` soon, and ask for the next where there is room for it."""
        async with aclosing(contents):
            async for content in contents:
                self._put(content)
                while self._waiting and (len(self._waiting) > self._room.most or not self._room.budget.fits(0)):
                    await self._some_is_sent()

    async def end(self, last: bytes = b"") -> None:
        """Send what waits, and `last`, and end the answer."""
        self._put(last)
        while self._waiting:
            await self._some_is_sent()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def close(self) -> None:
        """Send no more."""
        if self._sending is not None:
            self._sending.cancel()
        self._room.budget.give(len(self._waiting))
        self._waiting.clear()

    def _put(self, content: bytes) -> None:
        self._room.budget.held += len(content)  # even where it does not fit: it is little, and made already
        self._waiting += content
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_what_waits())

    async def _send_what_waits(self) -> None:
        while self._waiting:
            content = bytes(self._waiting[:_AT_ONCE])
            await self._send({"type": "http.response.body", "body": content, "more_body": True})
            del self._waiting[: len(content)]
            self._room.budget.give(len(content))
            self._sent.set()

    async def _some_is_sent(self) -> None:
        self._sent.clear()
        try:
            async with asyncio.timeout(self._room.seconds):
                await self._sent.wait()
        except TimeoutError:
            raise ClientDisconnect from None
