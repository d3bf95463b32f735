"""What is sent to do harm: bombs, lies and crowds. Each gets the right status, and memory stays bounded."""

import gzip
import io
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from app.schemas import Problem
from tests.app.services import RealService, real_service
from tests.app.test_bodies import FORM, PNG, form, part
from tests.conftest import ROOT

WAIT = 20.0
MOST_MEGABYTES = 250
"""That a worker may take for what holds no large picture, or only claims to."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: bytes, rows: bytes = b"") -> bytes:
    """Return a grey PNG that says it has this size, with further chunks before its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return SIGNATURE + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def jpeg_of(width: int, height: int) -> bytes:
    content = bytearray(saved(Image.new("L", (64, 64), 255), "JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def tiff(frames: int, *, loop: bool) -> bytes:
    """Return a TIFF of one grey pixel with so many directories, each naming the next; `loop`: the last the first."""
    entries = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (278, 1), (279, 1)]
    size = 2 + 12 * len(entries) + 4
    content = bytearray(b"II*\0" + struct.pack("<I", 16) + bytes(8))
    for number in range(frames):
        content += struct.pack("<H", len(entries))
        content += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
        following = 16 + (number + 1) * size if number + 1 < frames else (16 if loop else 0)
        content += struct.pack("<I", following)
    return bytes(content)


def gif(frames: int) -> bytes:
    others = [Image.new("P", (40, 40), number % 9) for number in range(1, frames)]
    return saved(Image.new("P", (40, 40)), "GIF", save_all=True, append_images=others)


BOMB = zlib.compress(bytes(60_000_000))
FORM_TYPE = {"Content-Type": FORM}
JSON_TYPE = {"Content-Type": "application/json"}
GZIP = {"Content-Encoding": "gzip"}
HOSTILE: dict[str, tuple[bytes, dict[str, str], set[int]]] = {
    "a PNG that claims 60,000 × 60,000": (png(60_000, 60_000), {}, {413}),
    "a PNG that claims 5,000 × 5,000 and ends": (png(5_000, 5_000), {}, {422}),
    "a PNG of one colour": (png(4_900, 4_900, rows=bytes(4_901 * 4_900)), {}, {200}),
    "zTXt bombs": (png(28, 28, *[chunk(b"zTXt", b"a\0\0" + BOMB)] * 20, rows=bytes(29 * 28)), {}, {200, 422}),
    "iTXt bombs": (png(28, 28, *[chunk(b"iTXt", b"a\0\1\0\0\0" + BOMB)] * 20, rows=bytes(29 * 28)), {}, {200, 422}),
    "an iCCP bomb": (png(28, 28, chunk(b"iCCP", b"a\0\0" + BOMB), rows=bytes(29 * 28)), {}, {200, 422}),
    "a JPEG that claims 65,500 × 65,500": (jpeg_of(65_500, 65_500), {}, {413}),
    "a JPEG that claims 7,000 × 7,000": (jpeg_of(7_000, 7_000), {}, {200, 422}),
    "a TIFF of 10,000 frames": (tiff(10_000, loop=False), {}, {200}),
    "a TIFF whose frames go round": (tiff(3, loop=True), {}, {200}),
    "a TIFF whose frame names itself": (tiff(1, loop=True), {}, {200}),
    "a GIF of 1,000 frames": (gif(1_000), {}, {200}),
    "a gzip body of 1 GB": (gzip.compress(bytes(200_000_000), 1) * 5, GZIP, {413}),
    "gzip within gzip": (gzip.compress(gzip.compress(bytes(10_000_000))), GZIP, {415}),
    "a form within a form": (
        form(part('name="file"; filename="a"\r\nContent-Type: multipart/mixed; boundary=y', b"--y\r\n\r\n" * 100_000)),
        FORM_TYPE,
        {415},
    ),
    "a form of 100,000 parts": (form(*[part('name="a"', b"")] * 100_000), FORM_TYPE, {400}),
    "a form of 100,000 files": (form(*[part('name="file"; filename="a"', b"")] * 100_000), FORM_TYPE, {400}),
    "a form with a header of 10 MB": (form(part(f'name="file"; a={"b" * 10_000_000}', b"")), FORM_TYPE, {400}),
    "a form with a million headers": (b"--x\r\n" + b"A: b\r\n" * 1_000_000 + b"\r\n\r\n--x--\r\n", FORM_TYPE, {400}),
    "a form of line breaks": (form(part('name="file"', b"\r\n--" * 4_000_000)), FORM_TYPE, {415}),
    "deep JSON": (b"[" * 19_000_000, JSON_TYPE, {422}),
    "wide JSON": (b'{"pixels":[' + b"0," * 9_000_000 + b"0]}", JSON_TYPE, {422}),
    "JSON of quotes": (b'"' * 19_000_000, JSON_TYPE, {422}),
    "JSON of escaped quotes": (b'{"image":"' + b'\\"' * 9_000_000 + b'"}', JSON_TYPE, {422}),
    "JSON of backslashes": (b'{"image":"' + b"\\\\" * 9_000_000 + b'"}', JSON_TYPE, {422}),
    "JSON of a number without end": (b'{"pixels":' + b"9" * 60_000 + b"}", JSON_TYPE, {400}),
}


@pytest.fixture(scope="module")
def service() -> Iterator[RealService]:
    with real_service(DIGITS_RECEIVE_SECONDS="3") as running:
        yield running


@contextmanager
def memory_watched(service: RealService, megabytes: int) -> Iterator[None]:
    """Hold that the service never takes more than so much memory within the block."""
    process, done, seen = service.process(), threading.Event(), [0]

    def watch() -> None:
        while not done.wait(0.005):
            seen.append(process.memory_info().rss >> 20)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
    assert max(seen) <= megabytes


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_answered_within_bounded_memory(service: RealService, name: str) -> None:
    body, headers, statuses = HOSTILE[name]
    with memory_watched(service, MOST_MEGABYTES):
        answer = httpx.post(f"{service.url}/predict", content=body, headers=headers, timeout=WAIT)
    assert answer.status_code in statuses, answer.text
    if answer.status_code != 200:
        assert Problem.model_validate_json(answer.content).status == answer.status_code
    assert httpx.post(f"{service.url}/predict", content=PNG, timeout=WAIT).json()["text"] == "7"


@pytest.mark.parametrize(
    "kind", ["RGB", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("RGBA", "I;16", "WEBP"))]
)
def test_sixteen_pictures_of_25_megapixels_at_once_take_bounded_memory(service: RealService, kind: str) -> None:
    grey = np.kron(np.random.default_rng(0).integers(0, 256, (100, 100), np.uint8), np.ones((49, 49), np.uint8))
    if kind == "WEBP":
        body = saved(Image.fromarray(grey).convert("RGBA"), "WEBP", lossless=True, method=0, quality=0)
    elif kind == "I;16":
        body = saved(Image.fromarray(grey.astype(np.uint16) * 257), "PNG", compress_level=1)
    else:
        body = saved(Image.fromarray(np.dstack([grey] * len(kind))), "PNG", compress_level=1)
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(httpx.post(f"{service.url}/predict", content=body, timeout=60).status_code)

    asking = [threading.Thread(target=ask) for _ in range(16)]
    with memory_watched(service, 600):
        for each in asking:
            each.start()
        for each in asking:
            each.join()
    assert set(statuses) == {200, 503}


def exchanged(service: RealService, *pieces: bytes) -> bytes:
    """Send the pieces, and return all that comes until the service closes or says nothing more for a second."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=WAIT) as connection:
        for piece in pieces:
            connection.sendall(piece)
        connection.settimeout(1)
        received = b""
        try:
            while more := connection.recv(65536):
                received += more
        except TimeoutError:
            pass
    return received


def head(method: str = "POST", length: int = len(PNG), more: str = "", version: str = "1.1") -> bytes:
    return f"{method} /predict HTTP/{version}\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n".encode()


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        ([head() + PNG + head() + PNG], [200, 200]),
        ([head(more="Connection: keep-alive\r\n", version="1.0") + PNG], [200]),
        ([head(length=len(PNG) - 20) + PNG], [400]),
        ([head(length=-1) + PNG], [400]),
        ([head(more="Content-Length: 5\r\n") + PNG], [400]),
        ([head(more="Transfer-Encoding: chunked\r\n") + PNG], [400]),
        ([head(length=10**30)], [400]),
        ([head(length=10**15)], [413]),
        ([b"GET / HTTP/9.9\r\n\r\n"], [400]),
    ],
)
def test_requests_one_after_another_and_lengths_that_lie(
    service: RealService, sent: list[bytes], statuses: list[int]
) -> None:
    received = exchanged(service, *sent)
    assert [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)] == statuses


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET", "DELETE", "TRACE"])
def test_other_methods_are_told_which_is_allowed(service: RealService, method: str) -> None:
    answer = httpx.request(method, f"{service.url}/predict")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("path", "status"), [("/%70redict", 200), ("/predict%00", 404), ("/%2e%2e/predict", 404), ("/%ff%fe", 404)]
)
def test_paths_are_what_their_percent_signs_say(service: RealService, path: str, status: int) -> None:
    assert exchanged(service, head().replace(b"/predict", path.encode()) + PNG).startswith(b"HTTP/1.1 %d" % status)


def test_clients_that_leave_in_the_middle_leave_nothing_behind(service: RealService) -> None:
    for number in range(40):
        with socket.create_connection(("127.0.0.1", service.port), timeout=WAIT) as connection:
            connection.sendall(head(length=19_000_000) + bytes(5_000_000 if number % 2 else 100))
    time.sleep(0.3)
    for _ in range(2):  # what was held for those is free again
        assert httpx.post(f"{service.url}/predict", content=bytes(19_000_000), timeout=WAIT).status_code == 415


def test_health_is_answered_beside_300_idle_and_slow_connections(service: RealService) -> None:
    crowd = [socket.create_connection(("127.0.0.1", service.port), timeout=WAIT) for _ in range(300)]
    for number, connection in enumerate(crowd):
        connection.sendall([b"", b"POST /pre", head() + PNG[:10]][number % 3])
    assert httpx.get(f"{service.url}/health/ready", timeout=WAIT).status_code == 200
    assert httpx.post(f"{service.url}/predict", content=PNG, timeout=WAIT).status_code == 200
    for connection in crowd:
        connection.close()


def test_of_256_connections_each_is_answered_or_told_to_come_again(service: RealService, tmp_path: Path) -> None:
    picture = tmp_path / "seven.png"
    picture.write_bytes(PNG)
    command = [sys.executable, "scripts/serving/load.py", str(service.port), "/predict", str(picture)]
    with memory_watched(service, MOST_MEGABYTES):
        load = subprocess.Popen(
            [*command, "--connections", "256", "--seconds", "2"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        while load.poll() is None:
            assert httpx.get(f"{service.url}/health/ready", timeout=WAIT).status_code == 200
            time.sleep(0.1)
    told = json.loads(load.communicate()[0])
    assert "200" in told["statuses"]
    assert told["statuses"].keys() <= {"200", "503"}


def test_a_large_picture_that_is_being_read_is_answered_before_the_service_stops() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (4_000, 4_000), np.uint8)
    body = saved(Image.fromarray(noise), "PNG", compress_level=1)
    with real_service() as service:
        statuses: list[int] = []
        asking = threading.Thread(
            target=lambda: statuses.append(httpx.post(f"{service.url}/predict", content=body, timeout=60).status_code)
        )
        asking.start()
        time.sleep(0.2)
        service.send(signal.SIGTERM)
        asking.join()
        assert statuses == [200]
        service.wait()
