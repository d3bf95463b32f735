"""What surrounds every request: its id, and the answer where its query or its body is over the limit."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.capacity import Budget
from app.errors import BusyError
from app.ids import new_id

MOST_QUERY_BYTES = 2_000
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestId:
    """Gives each request an id, the caller's `X-Request-ID` where it is a sane one, and answers with it.

    A query that is longer than any that means something is refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        scope["request_id"] = sent if SANE_ID.fullmatch(sent) else new_id()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = scope["request_id"]
                if not scope["app"].state.service.ready:  # draining: the next request should go to another server
                    headers["Connection"] = "close"
            await send(message)

        size = len(scope["query_string"])
        if size > MOST_QUERY_BYTES:  # thousands of names would take long to look through
            detail = f"the query has {size} bytes; at most {MOST_QUERY_BYTES} are read"
            await problems.answer(scope["request_id"], 422, detail)(scope, receive, send_with_id)
        else:
            await self.app(scope, receive, send_with_id)


class HeldBodies:
    """Counts the bytes of all bodies as they arrive; beyond `most` in all, a request is refused as busy.

    A body on its own is always let in: the body limit decides whether it is too large.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.budget = Budget(most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        held = 0

        async def receive_held() -> Message:
            nonlocal held
            if not held and declared.isdigit() and not self.budget.fits(int(declared)):
                raise BusyError  # at once, rather than after it has all arrived
            message = await receive()
            size = len(message.get("body", b""))
            self.budget.take(size)
            held += size
            return message

        try:
            await self.app(scope, receive_held, send)
        finally:
            self.budget.give(held)


class TooLargeProblem:
    """Replaces the plain-text refusal of Starlette's body limit with a problem."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def send_problem(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_plain_413(message):
                replaced = True
                detail = f"the body has {_declared(scope)} bytes; the limit is {self.most}"
                await problems.answer(scope["request_id"], 413, detail)(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, send_problem)


def _is_plain_413(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return bool(message["status"] == 413 and kind.startswith("text/plain"))


def _declared(scope: Scope) -> str:
    """Return the declared number of bytes; a chunked body declares none, and is only known to have too many."""
    return Headers(scope=scope).get("content-length", "too many")
