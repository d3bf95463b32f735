"""HTTP as clients really send it: offers to upgrade are ignored, heads are bounded, slow senders are cut off.

Pictures that find the queue full are refused here, too. Of what a crowd asks, most is refused: that must cost little,
or health checks would wait behind it.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import httptools
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app import problems
from app.errors import BusyError
from app.ids import id_of, new_id

MOST_HEAD_BYTES = 64 * 1024
"""Limit for a request's first line and headers together."""
RECEIVE_SECONDS = 30.0
"""Time within which a whole request must arrive, unless the app's lifespan state says otherwise."""
LINGER_SECONDS = 1.0
"""How long what a refused client still sends is thrown away before its connection is closed."""
AGAIN_SECONDS = (0.1, 0.5)
"""How long a refused client that comes back at once, on the same connection, is not listened to: not all equally long,
or they would come back together."""
_ABOUT_UPGRADES = (b"upgrade", b"http2-settings")


class Http(HttpToolsProtocol):
    """uvicorn's protocol, for clients of every kind.

    - `Upgrade: h2c`, which the JDK's HttpClient offers with every request, is ignored, as RFC 9110 allows (7.8).
      uvicorn's parser stops there and takes the body for the other protocol's.
    - A head has at most MOST_HEAD_BYTES. A request must arrive within `receive_seconds`, a value of the lifespan's
      state: from its first byte, or from when the connection was made, to its last.
    - A POST to a path that ends with /predict is answered 503 where `refusing()`, a function of the lifespan's state,
      says so. A batch is not: it waits for its turn. What a browser asks for another site, and requests that await
      anything before their body, are the application's to refuse.
    - Where an answer begins while its request still arrives, the application says how long it waits.
    - Where the client goes away, the task that answers it is cancelled; where that task finds that the client takes
      nothing of the answer (ClientDisconnect), the connection is cut.
    - `count`, another function of that state, is told the status of what is answered here. Where the application has
      the request already, it finds the status in its scope, as `cut_off`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._receive_seconds = float(self.app_state.get("receive_seconds", RECEIVE_SECONDS))
        self._timer: asyncio.TimerHandle | None = None
        self._refusing: Callable[[], bool] = self.app_state.get("refusing", lambda: False)
        self._count: Callable[[int], None] = self.app_state.get("count", lambda _: None)
        self._receiving = self._in_head = self._upgrading = self._refused = self._turned_away = False
        self._head_bytes = 0
        self._answering: asyncio.Task[None] | None = None
        self._answered_cycle: Any = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        answering = self._answering
        super().connection_lost(exc)
        if answering is not None:
            answering.cancel()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._refused or self.transport.is_closing():  # the rest is not looked at
            return
        if self._in_head or not self._receiving:
            self._head_bytes += len(data)
        try:
            self._feed(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(400, "the request is not HTTP/1.1 or HTTP/1.0; expected a request line, headers and a body")
            return
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(431, f"the head of the request has more than {MOST_HEAD_BYTES} bytes, the limit")
        elif not self._receiving:
            self._unwatch()
        elif self._timer is None:
            self._watch()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._receiving = self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        self._upgrading = self.parser.should_upgrade()
        self._turned_away = not self._upgrading and self._is_one_too_many()
        if not self._upgrading and not self._turned_away:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._upgrading and not self._turned_away:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._upgrading:
            return
        self._receiving = False
        if self._turned_away:
            self._turn_away()
        else:
            super().on_message_complete()
            if not self.pipeline:  # after a large body, nothing is read, and no caller seen to leave
                self.flow.resume_reading()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stopped:
            # Parsed again without the offer: what comes after the head is this request's body.
            method, version = self.parser.get_method(), self.parser.get_http_version().encode()
            lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
            lines += [b"%s: %s" % each for each in _without_upgrade(self.headers)]
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self.parser.feed_data(b"\r\n".join([*lines, b"", b""]) + data[stopped.args[0] :])

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            self._answering, self._answered_cycle = asyncio.current_task(), cycle
            try:
                await app(scope, receive, send)
            except asyncio.CancelledError:
                cycle.disconnected = cycle.disconnected or self._refused
                if not cycle.disconnected and not cycle.response_complete:
                    raise
            except ClientDisconnect:
                cycle.disconnected = True
                self.transport.abort()
            finally:
                self._answering = None

        super()._start_asgi_task(cycle, answer)

    def _is_one_too_many(self) -> bool:
        """Return whether the request whose head has arrived is to be refused without asking the application."""
        return (
            self._refusing()
            and self.parser.get_method() == b"POST"
            and self.url.partition(b"?")[0].endswith(b"/predict")
            and (self.cycle is None or self.cycle.response_complete)  # else an earlier answer must go first
            and not self.expect_100_continue
            and all(name != b"origin" for name, _ in self.headers)
        )

    def _turn_away(self) -> None:
        keep = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        sent = next((value for name, value in self.headers if name == b"x-request-id"), b"")
        self._write(problems.refusal(id_of(sent.decode("latin-1")), BusyError()), keep=keep)
        self._count(BusyError.status)
        self.on_response_complete()
        if keep:  # a crowd that ignores Retry-After would keep the event loop from all else
            self.flow.pause_reading()
            pause = random.uniform(*AGAIN_SECONDS)  # noqa: S311  # no secret
            self.loop.call_later(pause, self._listen_again)
        else:
            self.transport.close()

    def _listen_again(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _is_answering(self) -> bool:
        """Return whether an answer has begun and not ended."""
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete

    def _watch(self) -> None:
        self._timer = self.loop.call_later(self._receive_seconds, self._cut_off)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self) -> None:
        self._timer = None
        if self._receiving and not self._in_head and self._is_answering():
            self._watch()
        elif self._receiving and (self._in_head or self._turned_away or not self.cycle.response_started):
            self._refuse(408, f"the whole request did not arrive within {self._receive_seconds:g} seconds")
        else:
            self.transport.close()

    def _refuse(self, status: int, detail: str) -> None:
        """Answer with a problem and close: where the client's next request would begin is unknown."""
        self._unwatch()
        self._refused = True
        if self._answering is not None and self._answered_cycle is self.cycle:  # this request's beginning
            self.cycle.scope["cut_off"] = status
        else:
            self._count(status)
        if self._answering is not None:  # that, or an earlier request on this connection
            self._answering.cancel()
        if self._is_answering():  # an answer cannot stand within another
            self.cycle.disconnected = True
        else:
            path = self.url.partition(b"?")[0].decode("latin-1")
            self._write(problems.answer(new_id(), status, detail, path=path), keep=False)
        # Closed at once, with bytes unread, the connection would be reset before the client has read the answer.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _write(self, answer: Response, *, keep: bool) -> None:
        """Write the whole `answer`. keep: whether the connection stays open."""
        headers = [*answer.raw_headers, *([] if keep else [(b"connection", b"close")])]
        head = b"".join(b"%s: %s\r\n" % each for each in headers)
        self.transport.write(STATUS_LINE[answer.status_code] + head + b"\r\n" + bytes(answer.body))


def _without_upgrade(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return `headers`, their names in lower case, without those that offer another protocol."""
    kept = []
    for name, value in headers:
        if name == b"connection":
            tokens = [token for token in value.split(b",") if token.strip().lower() not in _ABOUT_UPGRADES]
            if tokens:
                kept.append((name, b",".join(tokens)))
        elif name not in _ABOUT_UPGRADES:
            kept.append((name, value))
    return kept
