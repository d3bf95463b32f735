"""What surrounds every request: its id, and the limits of its query and body."""

import asyncio
import time
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems, safe_headers
from app.capacity import Budget
from app.errors import BusyError, TooLargeError
from app.ids import CURRENT_ID, id_of
from app.metrics import LEFT
from app.route_paths import RoutePaths

MOST_QUERY_BYTES = 2_000


class RequestId:
    """Gives each request an id, the caller's `X-Request-ID` where it is a sane one, answers with it, and counts it.

    A query that is longer than any that means something is refused.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        """routes: those of the whole app, by whose paths requests are counted."""
        self.app = app
        self._paths = RoutePaths(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        scope["request_id"] = id_of(Headers(scope=scope).get("x-request-id", ""))
        CURRENT_ID.set(scope["request_id"])

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = scope["request_id"]
                if not scope["app"].state.service.ready:  # draining: the next request should go to another server
                    headers["Connection"] = "close"
                headers.raw.extend(safe_headers.missing(headers.raw))
            await send(message)

        try:
            size = len(scope["query_string"])
            if size > MOST_QUERY_BYTES:  # thousands of names would take long to look through
                detail = f"the query has {size} bytes; at most {MOST_QUERY_BYTES} are read"
                refused = problems.answer(scope["request_id"], 422, detail, path=problems.path_of(scope))
                await refused(scope, receive, send_with_id)
            else:
                await self.app(scope, receive, send_with_id)
        except asyncio.CancelledError:
            status = status or scope.get("cut_off", LEFT)
            raise
        finally:  # without a status, it fails: the server answers 500
            scope["app"].state.metrics.request(self._paths.of(scope), status or 500, time.perf_counter() - began)


class LimitedBodies:
    """Counts the bytes of bodies as they arrive: too many in one body are refused as too large, in all of them as busy.

    Where a body's length is declared, that is known before it arrives. A body on its own is never refused as busy.
    A route that holds only parts of a body receives it from `uncounted`, of the scope, and has limits of its own.
    """

    def __init__(self, app: ASGIApp, most: int, most_together: int) -> None:
        self.app = app
        self.most = most
        self.budget = Budget(most_together)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["uncounted"] = receive
        held, sent = 0, Headers(scope=scope).get("content-length", "")
        declared = int(sent) if sent.isdigit() else 0

        async def receive_counted() -> Message:
            nonlocal held
            if declared > self.most:
                raise TooLargeError(f"the body has {declared} bytes; the limit is {self.most}")
            try:
                if not held and not self.budget.fits(declared):
                    raise BusyError
                message = await receive()
                size = len(message.get("body", b""))
                if held + size > self.most:
                    raise TooLargeError(f"the body has too many bytes; the limit is {self.most}")
                self.budget.take(size)
            except BusyError:
                scope["app"].state.metrics.refused("bodies")
                raise
            held += size
            return message

        try:
            await self.app(scope, receive_counted, send)
        finally:
            self.budget.give(held)
