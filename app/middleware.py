"""What surrounds every request: its id, and the limit on its body, counted as it arrives."""

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import TooLargeError

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestId:
    """Gives each request an id, the caller's `X-Request-ID` where it is a sane one, and answers with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        scope["request_id"] = sent if SANE_ID.fullmatch(sent) else uuid.uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = scope["request_id"]
            await send(message)

        await self.app(scope, receive, send_with_id)


class BodyLimit:
    """Refuses a body over `most` bytes: at once where its length is declared, else when the count passes it."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        counted = int(declared) if declared.isdigit() else 0

        async def receive_counted() -> Message:
            nonlocal counted
            if counted > self.most:
                raise TooLargeError(f"the body has {counted} bytes; at most {self.most} are read")
            message = await receive()
            if not declared or declared == "0":
                counted += len(message.get("body", b""))
                if counted > self.most:
                    raise TooLargeError(f"the body has over {self.most} bytes, which is the most that is read")
            return message

        await self.app(scope, receive_counted, send)
