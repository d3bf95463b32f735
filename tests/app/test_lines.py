"""Long lists as NDJSON: answered line by line while they arrive, within bounds, whoever sends them and however."""

import asyncio
import copy
import gzip
import itertools
import json
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect

from app.capacity import Budget
from app.errors import TooLargeError
from app.lines import Bounds, Line, Splitter
from app.main import create_app
from app.outgoing import Growing, Room
from app.service import Service
from app.settings import Settings
from model.training.mnist import Digits
from tests.app.services import running

NDJSON = {"Content-Type": "application/x-ndjson"}
GZIP = {"Content-Encoding": "gzip"}
MOST_LINES = 2_000
LINE_BYTES = 50_000
LIST_BYTES = 60_000_000
HASTE = 0.5  # seconds for which an impatient service waits
WAIT = 20.0
BAD = b'{"pixels": []}\n'


SETTINGS = Settings(max_lines=MOST_LINES, max_body_bytes=LINE_BYTES, max_lines_bytes=LIST_BYTES)


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(SETTINGS)


@pytest.fixture(scope="module")
def app(service: Service) -> FastAPI:
    return create_app(SETTINGS, service)


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with running(app) as url:
        yield url


@pytest.fixture(scope="module")
def hasty(service: Service) -> Iterator[str]:
    impatient = copy.copy(service)
    impatient.settings = SETTINGS.model_copy(update={"receive_seconds": HASTE})
    with running(create_app(impatient.settings, impatient)) as url:
        yield url


@pytest.fixture
def written(digits: Digits) -> list[bytes]:
    """Return a line for one digit of each kind, 0 to 9."""
    chosen = [digits.images[np.flatnonzero(digits.labels == number)[0]] for number in range(10)]
    return [json.dumps({"pixels": pixels.tolist()}).encode() for pixels in chosen]


def post(address: str, content: bytes | Iterable[bytes], **headers: str) -> list[dict[str, Any]]:
    answer = httpx.post(f"{address}/predict/batch?kind=digit", content=content, headers={**NDJSON, **headers})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


def texts(answers: list[dict[str, Any]]) -> list[str]:
    return [str(each.get("text", each.get("status"))) for each in answers]


class Caller:
    """Sends a list over a socket as it is told, in chunks, and reads the answer's."""

    def __init__(self, address: str, framing: str = "Transfer-Encoding: chunked") -> None:
        self.connection = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=WAIT)
        self.file = self.connection.makefile("rb")
        self.connection.sendall(
            b"POST /predict/batch?kind=digit HTTP/1.1\r\nHost: x\r\nContent-Type: application/jsonl\r\n"
            + f"{framing}\r\n\r\n".encode()
        )

    def send(self, content: bytes) -> None:
        self.connection.sendall(b"%x\r\n%s\r\n" % (len(content), content))

    def head(self) -> bytes:
        return b"".join(iter(self.file.readline, b"\r\n"))

    def chunk(self) -> bytes:
        size = int(self.file.readline() or b"0", 16)
        return self.file.read(size + 2)[:size]

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.connection.close()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n \r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_are_read_in_order_whatever_ends_them(address: str, written: list[bytes], end: bytes, last: bool) -> None:
    body = end.join(written) + (end if last else b"")
    assert texts(post(address, body)) == list("0123456789")


def test_each_line_is_answered_as_the_same_item_of_a_json_list(address: str, written: list[bytes]) -> None:
    items = [json.loads(each) for each in written]
    listed = httpx.post(f"{address}/predict/batch?kind=digit", json=items).json()
    for one, other in zip(post(address, b"\n".join(written)), listed, strict=True):
        assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-6)
        for each in (one, other):
            del each["confidence"], each["elapsed_ms"], each["request_id"], each["digits"], each["candidates"]
        assert one == other


def test_a_bad_line_fails_alone_and_its_number_is_said(address: str, written: list[bytes]) -> None:
    bad = [b'{"pixels": [1, 2]}', b"no JSON", b'{"image": "data:image/png;base64,AAAA"}', b"[1]", b"\xff\xfe"]
    lines = [each for pair in zip(written, bad, strict=False) for each in (*pair, b"")]
    answers = post(address, b"\n".join(lines))
    assert texts(answers) == ["0", "422", "1", "400", "2", "415", "3", "422", "4", "400"]
    assert [each["detail"].split(":")[0] for each in answers[1::2]] == [
        f"line {number}" for number in (2, 5, 8, 11, 14)
    ]


def test_a_line_that_is_too_long_fails_alone(address: str, written: list[bytes]) -> None:
    long = b'{"image": "%s"}' % (b"A" * (10 * LINE_BYTES))
    answers = post(address, b"\n".join([written[7], long, written[8], long]))
    assert texts(answers) == ["7", "413", "8", "413"]
    assert answers[1]["detail"] == f"line 2: it has more than {LINE_BYTES} bytes, the limit"


def test_a_line_is_answered_before_the_next_one_is_sent(address: str, written: list[bytes]) -> None:
    with Caller(address) as caller:
        for number, line in enumerate(written):
            caller.send(line + b"\n" + written[0][:10])
            if not number:
                assert b"200 OK" in caller.head()
            assert json.loads(caller.chunk())["text"] == str(number)
            caller.send(written[0][10:] + b"\n")
            assert json.loads(caller.chunk())["text"] == "0"


def test_who_sends_a_line_now_and_then_is_served_for_longer_than_one_request_may_take(hasty: str) -> None:
    with Caller(hasty) as caller:
        since = time.monotonic()
        while time.monotonic() - since < 2.5 * HASTE:
            caller.send(BAD)
            time.sleep(0.3 * HASTE)
        caller.connection.sendall(b"0\r\n\r\n")
        assert b"200 OK" in caller.head()
        chunks = list(iter(caller.chunk, b""))
    assert b"".join(chunks).count(b"\n") >= 6
    assert b'"status":408' not in chunks[-1]


def test_who_sends_no_whole_line_in_time_is_told_so_and_cut_off(hasty: str) -> None:
    with Caller(hasty) as caller:
        caller.send(BAD + BAD[:5])
        since = time.monotonic()
        while time.monotonic() - since < 0.8 * HASTE:  # a byte now and then is no line
            caller.send(b" ")
            time.sleep(0.1 * HASTE)
        caller.head()
        *_, last = iter(caller.chunk, b"")
        assert json.loads(last)["detail"] == f"no whole line has come within {HASTE:g} seconds"
        assert json.loads(last)["status"] == 408
        assert caller.connection.recv(10) == b""
        assert time.monotonic() - since < WAIT


def test_who_sends_not_even_a_first_line_is_cut_off_as_with_any_request(hasty: str) -> None:
    with Caller(hasty) as caller:
        caller.send(BAD[:5])
        assert b"408" in caller.head()


def test_thousands_of_lines_are_read_while_only_a_few_are_held(app: FastAPI, address: str) -> None:
    held: list[int] = []
    line = BAD[:-1].ljust(20_000) + b"\n"

    def lines() -> Iterator[bytes]:
        for _ in range(MOST_LINES):
            held.append(app.state.lists.held)
            yield line

    answers = post(address, lines())
    assert texts(answers) == ["422"] * MOST_LINES
    assert answers[-1]["detail"].startswith(f"line {MOST_LINES}: ")
    assert max(held) < 2_000_000 < MOST_LINES * len(line)
    assert app.state.lists.held == 0


@pytest.mark.parametrize("packed", [False, True])
def test_a_list_of_too_many_lines_is_answered_as_far_as_it_goes(address: str, packed: bool) -> None:
    body = BAD * (MOST_LINES + 1) + b"never read\n" * 1_000_000
    answers = post(address, gzip.compress(body), **GZIP) if packed else post(address, body)
    assert len(answers) == MOST_LINES + 1
    assert answers[-1]["status"] == 413
    assert answers[-1]["detail"] == f"the list has more than {MOST_LINES} lines, the limit; the rest is not read"


def test_a_list_with_too_many_bytes_is_answered_as_far_as_it_goes(address: str) -> None:
    answers = post(address, itertools.repeat(BAD + b" " * 200_000, LIST_BYTES // 200_000))
    assert answers[0]["status"] == 422
    assert answers[-1]["detail"] == f"the list has more than {LIST_BYTES} bytes, the limit; the rest is not read"


def test_a_list_that_says_itself_that_it_is_too_large_is_refused_before_it_comes(address: str) -> None:
    with Caller(address, f"Content-Length: {LIST_BYTES + 1}") as caller:
        assert b"413" in caller.head()


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"", {}, 400, "the request has no line"),
        (b"\n \r\n", {}, 400, "the request has no line"),
        (BAD, {"Content-Encoding": "br"}, 415, "must be gzip, deflate or identity"),
        (BAD, GZIP, 400, "not gzip or deflate"),
        (gzip.compress(b"", mtime=0), GZIP, 400, "the request has no line"),
    ],
)
def test_a_list_in_which_nothing_can_be_read_is_a_problem(
    address: str, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = httpx.post(f"{address}/predict/batch", content=body, headers={**NDJSON, **headers})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


def test_gzip_is_unpacked_as_it_comes(address: str, written: list[bytes]) -> None:
    two = gzip.compress(b"\n".join(written) + b"\n") + gzip.compress(b"\n".join(written[::-1]))
    whole = post(address, two, **GZIP)
    assert texts(whole) == list("01234567899876543210")
    cut = post(address, gzip.compress(BAD * 9)[:-4], **GZIP)
    assert texts(cut) == ["422"] * 9 + ["400"]
    assert cut[-1]["detail"] == "the packed body is cut short"


def test_a_caller_who_leaves_midway_leaves_nothing_behind(
    app: FastAPI, address: str, written: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    with Caller(address) as caller:
        caller.send(b"\n".join(written * 20) + b"\n" + b"x" * 30_000)
        assert b"200 OK" in caller.head()
    ends = time.monotonic() + WAIT
    while app.state.lists.held or app.state.answering._light.waiting:
        assert time.monotonic() < ends
        time.sleep(0.02)
    assert texts(post(address, written[3])) == ["3"]
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def test_what_is_no_http_in_the_middle_of_a_list_ends_its_answer_without_another_within(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Caller(address) as caller:
        caller.send(BAD)
        assert b"200 OK" in caller.head()
        caller.chunk()
        caller.connection.sendall(b"no chunk\r\n")
        assert caller.file.read() == b""
    assert not caplog.records


def test_the_limit_of_other_bodies_holds_whatever_type_they_say_they_are(address: str) -> None:
    answer = httpx.post(f"{address}/predict", content=itertools.repeat(b"x" * 10_000, 20), headers=NDJSON)
    assert answer.status_code == 413


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_sends_a_list_and_shows_its_readings(address: str, written: list[bytes]) -> None:
    command = [
        "curl",
        "--silent",
        "--show-error",
        "--fail",
        "-H",
        "Content-Type: application/x-ndjson",
        "-T",
        "-",
        "-X",
    ]
    done = subprocess.run(
        [*command, "POST", f"{address}/predict/batch?kind=digit"],
        input=b"\n".join(written),
        capture_output=True,
        check=True,
        timeout=WAIT,
    )
    assert texts([json.loads(line) for line in done.stdout.splitlines()]) == list("0123456789")


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_lines_are_the_same_however_they_are_cut(size: int) -> None:
    body = b"one\n\ntwo\r\n" + b"x" * 11 + b"\nthree"
    splitter = Splitter(Bounds(10, 5, 1000))
    found = [line for start in range(0, len(body), size) for line in splitter.lines(body[start : start + size])]
    found += splitter.rest()
    assert [each.number for each in found] == [1, 3, 4, 5]
    assert [each.content for each in found if not isinstance(each.content, Exception)] == [b"one", b"two\r", b"three"]
    assert isinstance(found[2].content, TooLargeError)


def test_a_list_may_have_as_many_lines_as_the_limit_with_an_end_after_the_last_or_without() -> None:
    for body in (b"a\nb\n", b"a\nb"):
        splitter = Splitter(Bounds(10, 2, 1000))
        assert [*splitter.lines(body), *splitter.rest()] == [Line(1, b"a"), Line(2, b"b")]
    splitter = Splitter(Bounds(10, 2, 1000))
    assert len(list(splitter.lines(b"a\nb\nc"))) == 2
    with pytest.raises(TooLargeError, match="more than 2 lines"):
        list(splitter.rest())


class Slow:
    """A caller who takes nothing before it is told to; `made` counts the lines that were asked for."""

    def __init__(self) -> None:
        self.takes = asyncio.Event()
        self.taken = b""
        self.made = 0

    async def contents(self, count: int) -> AsyncGenerator[bytes, None]:
        for number in range(count):
            self.made += 1
            yield b"%d\n" % number
            await asyncio.sleep(0)

    async def send(self, message: Any) -> None:
        await self.takes.wait()
        self.taken += message.get("body", b"")

    async def receive(self) -> Any:
        return {"type": "http.request", "more_body": False}

    async def answered(self, count: int, room: Room) -> None:
        scope = {"type": "http", "request_id": "r1", "uncounted": self.receive}
        started = asyncio.Event()

        async def send(message: Any) -> None:
            if not started.is_set():
                started.set()  # the head is taken at once
            else:
                await self.send(message)

        await Growing(self.contents(count), room)(scope, self.receive, send)


def test_who_reads_nothing_before_everything_is_sent_is_served_as_far_as_there_is_room() -> None:
    async def run() -> None:
        budget, slow = Budget(10_000), Slow()
        answering = asyncio.create_task(slow.answered(500, Room(5_000, budget, WAIT)))
        while slow.made < 500:
            await asyncio.sleep(0)
        assert (slow.taken, budget.held) == (b"", sum(len(b"%d\n" % number) for number in range(500)))
        slow.takes.set()
        await answering
        assert slow.taken.split() == [b"%d" % number for number in range(500)]
        assert budget.held == 0

    asyncio.run(run())


@pytest.mark.parametrize(("most", "together"), [(100, 10_000), (5_000, 100)])
def test_who_takes_nothing_where_there_is_no_room_is_waited_for_and_then_cut_off(most: int, together: int) -> None:
    async def run() -> None:
        budget, slow = Budget(together), Slow()
        budget.take(1)
        with pytest.raises(ClientDisconnect):
            await slow.answered(500, Room(most, budget, 0.05))
        assert slow.made < 60
        assert budget.held == 1

    asyncio.run(run())


def test_where_the_server_stops_the_last_line_says_so() -> None:
    async def run() -> None:
        slow = Slow()
        slow.takes.set()
        answering = asyncio.create_task(slow.answered(10**9, Room(100, Budget(100), WAIT)))
        while slow.made < 20:
            await asyncio.sleep(0)
        answering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answering
        last = json.loads(slow.taken.splitlines()[-1])
        assert (last["status"], last["detail"]) == (503, "the service stops; send again what has no answer")

    asyncio.run(run())
