"""What arrives on a socket: upgrades that are offered, heads without end, senders that stop, callers that leave."""

import asyncio
import json
import select
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request

from app.protocol import MOST_HEAD_BYTES, Http

RECEIVE_SECONDS = 0.5
WAIT = 5.0


def echo_app() -> FastAPI:
    """An app that answers with the body it got, and notes what it was doing when its caller left."""

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[dict[str, Any]]:
        yield {"receive_seconds": RECEIVE_SECONDS, "refusing": served.state.busy.is_set}

    app = FastAPI(lifespan=lifespan)
    app.state.cancelled = threading.Event()
    app.state.slow = threading.Event()
    app.state.busy = threading.Event()

    @app.post("/echo")
    @app.post("/predict")
    @app.post("/predict/batch")
    async def echo(request: Request) -> dict[str, Any]:
        body = await request.body()
        return {
            "body": body.decode(),
            "version": request.scope["http_version"],
            "upgrade": "upgrade" in request.headers,
        }

    @app.post("/slow")
    async def slow(request: Request) -> None:
        await request.body()
        app.state.slow.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            app.state.cancelled.set()
            raise

    return app


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    config = uvicorn.Config(app, port=0, http=Http, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(WAIT)


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return echo_app()


@pytest.fixture(scope="module")
def port(app: FastAPI) -> Iterator[int]:
    with served(app) as port:
        yield port


def said(port: int, *pieces: bytes, pause: float = 0.05) -> tuple[bytes, bytes]:
    """Send the pieces one after the other; return the head and the body of the first answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        for piece in pieces:
            if select.select([connection], [], [], 0)[0]:
                break  # it has answered already: what is still sent would reset the connection
            connection.sendall(piece)
            time.sleep(pause)
        return answer(connection)


def answer(connection: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (more := connection.recv(65536)):
            return received, b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    while len(body) < sum(lengths) and (more := connection.recv(65536)):
        body += more
    return head, body


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n"


@pytest.mark.parametrize("cuts", [(), (30,), (60, 61), (200,), (-3,)])
def test_an_offer_to_upgrade_is_ignored_and_the_body_is_read_however_it_is_cut(
    port: int, cuts: tuple[int, ...]
) -> None:
    sent = b"POST /echo HTTP/1.1\r\nHost: x\r\n" + OFFER + b"Content-Length: 11\r\n\r\nhello there"
    places = sorted(cut % len(sent) for cut in cuts)
    pieces = [sent[start:end] for start, end in zip([0, *places], [*places, len(sent)], strict=True)]
    head, body = said(port, *pieces)
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body) == {"body": "hello there", "version": "1.1", "upgrade": False}


def test_a_connection_that_offered_to_upgrade_serves_further_requests(port: int) -> None:
    one = b"POST /echo HTTP/1.1\r\nHost: x\r\n" + OFFER + b"Content-Length: 2\r\n\r\nno"
    two = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        for sent, expected in ((one, "no"), (two, "yes"), (one, "no")):
            connection.sendall(sent)
            assert json.loads(answer(connection)[1])["body"] == expected


def test_a_request_of_http_1_0_is_answered(port: int) -> None:
    head, body = said(port, b"POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi")
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["version"] == "1.0"


def test_below_v2_a_refusal_has_that_protocols_shape(port: int) -> None:
    head, body = said(port, b"GET /v2/models/digits?a HTTP/1.1\r\nX: " + b"a" * 200_000, pause=0)
    assert head.startswith(b"HTTP/1.1 431")
    assert json.loads(body).keys() == {"error"}


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET /echo HTTP/1.1\r\nX: " + b"a" * 200_000, b"a" * 200_000],
        [b"GET /echo HTTP/1.1\r\n", *[b"X-%d: %s\r\n" % (number, b"b" * 1000) for number in range(80)]],
        [b"GET /" + b"c" * 100_000],
    ],
)
def test_a_head_without_end_is_refused(port: int, pieces: list[bytes]) -> None:
    assert sum(map(len, pieces)) > MOST_HEAD_BYTES
    head, body = said(port, *pieces, pause=0)
    assert head.startswith(b"HTTP/1.1 431")
    assert b"x-request-id" in head
    assert json.loads(body)["status"] == 431


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /echo HTTP/1.1\r\nHost: x\r\nConte",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    ],
    ids=["in the head", "in the body", "in a chunk"],
)
def test_a_sender_that_stops_is_told_so_and_cut_off(port: int, sent: bytes) -> None:
    started = time.monotonic()
    head, body = said(port, sent)
    assert head.startswith(b"HTTP/1.1 408")
    assert json.loads(body)["detail"] == "the whole request did not arrive within 0.5 seconds"
    assert time.monotonic() - started < WAIT


def test_a_sender_of_a_byte_now_and_then_is_cut_off(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    answered, _ = said(port, head, *[b"x"] * 30)
    assert answered.startswith(b"HTTP/1.1 408")


def test_a_connection_on_which_nothing_comes_is_closed(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        assert connection.recv(10) == b""


def test_what_is_not_http_is_refused_with_a_problem(port: int) -> None:
    head, body = said(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["title"] == "Bad Request"


def test_a_request_under_way_is_dropped_in_silence_where_what_follows_is_not_http(
    app: FastAPI, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    app.state.slow.clear()
    app.state.cancelled.clear()
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        connection.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert app.state.slow.wait(WAIT)
        connection.sendall(b"no HTTP\r\n\r\n")
        assert answer(connection)[0].startswith(b"HTTP/1.1 400")
        assert app.state.cancelled.wait(WAIT)
        assert connection.recv(100) == b""
    assert not caplog.records


@pytest.mark.parametrize("size", [0, 100_000])
def test_where_the_caller_leaves_its_request_is_cancelled_in_silence(
    app: FastAPI, port: int, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    app.state.slow.clear()
    app.state.cancelled.clear()
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        connection.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        time.sleep(0.1)  # the application waits for the body, which then comes at once
        connection.sendall(bytes(size))
        assert app.state.slow.wait(WAIT)
    assert app.state.cancelled.wait(WAIT)
    time.sleep(0.1)
    assert not caplog.records


@pytest.fixture
def busy(app: FastAPI, port: int) -> Iterator[int]:
    app.state.busy.set()
    yield port
    app.state.busy.clear()


def test_one_too_many_is_refused_with_its_id_and_its_connection_is_good_for_another(app: FastAPI, busy: int) -> None:
    one = b"POST /predict?digits=5 HTTP/1.1\r\nHost: x\r\nX-Request-ID: mine\r\nContent-Length: 4\r\n\r\nbody"
    with socket.create_connection(("127.0.0.1", busy), timeout=WAIT) as connection:
        for _ in range(2):
            connection.sendall(one)
            head, body = answer(connection)
            assert head.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 1" in head
            assert b"x-request-id: mine" in head
            assert json.loads(body)["detail"] == "the service is busy; try again in a second"
            assert json.loads(body)["request_id"] == "mine"
        app.state.busy.clear()
        connection.sendall(one)
        assert json.loads(answer(connection)[1])["body"] == "body"


@pytest.mark.parametrize("header", [b"Connection: close", b"X-Request-ID: no good"])
def test_one_too_many_gets_an_id_and_its_connection_is_closed_where_it_asks_for_that(busy: int, header: bytes) -> None:
    with socket.create_connection(("127.0.0.1", busy), timeout=WAIT) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\n" + header + b"\r\nContent-Length: 4\r\n\r\n")
        connection.sendall(b"body")
        head, body = answer(connection)
        assert head.startswith(b"HTTP/1.1 503")
        assert len(json.loads(body)["request_id"]) == 32
        assert (b"connection: close" in head) == (header == b"Connection: close")
        if header == b"Connection: close":
            assert connection.recv(10) == b""


def test_one_too_many_that_never_arrives_is_cut_off(busy: int) -> None:
    head, _ = said(busy, b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    assert head.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    "head",
    [
        b"POST /predict HTTP/1.1\r\nOrigin: https://desk.example",
        b"POST /predict/batch HTTP/1.1",
        b"POST /echo HTTP/1.1",
    ],
)
def test_batches_and_what_other_sites_pages_ask_are_left_to_the_application(busy: int, head: bytes) -> None:
    answered, body = said(busy, head + b"\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
    assert answered.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["body"] == "hi"
