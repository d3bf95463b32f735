"""Under load the service bends: who comes too late is told so at once, and nobody's answer is lost or another's."""

import concurrent.futures
import contextlib
import io
import json
import select
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from app.answering import LIGHT_PIXELS
from app.main import create_app
from app.settings import Settings
from model.reader import Options, PendingDigit, PendingEnvelope, Reader
from model.reading import Reading
from model.training.mnist import Digits
from tests.app.services import real_service, running

WAIT = 60.0


class HeldReader(Reader):
    """Reads once it is let go, and counts what it began to read."""

    go = threading.Event()
    begun = 0

    def begin(self, picture: Any, asked: Options) -> Reading | PendingDigit | PendingEnvelope:
        self.go.wait(WAIT)
        type(self).begun += 1
        return super().begin(picture, asked)


def png(picture: Any) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def held() -> Iterator[str]:
    app = create_app(Settings(queue=4))
    with running(app) as address:
        shared = app.state.service
        HeldReader.go.clear()
        HeldReader.begun = 0
        shared.reader = HeldReader(shared.artifact.classifier, shared.reader.sliding_networks)
        try:
            yield address
        finally:
            HeldReader.go.set()


def test_past_the_queue_requests_are_told_at_once_to_come_again(held: str, digits: Digits) -> None:
    content = png(digits.images[0])
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(httpx.post, f"{held}/predict", content=content, timeout=WAIT) for _ in range(20)]
        done, _ = concurrent.futures.wait(waiting, WAIT, concurrent.futures.FIRST_COMPLETED)
        assert httpx.get(f"{held}/health/ready").status_code == 200
        refused = next(iter(done)).result()
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert "busy" in refused.json()["detail"]
        HeldReader.go.set()
        statuses = Counter(each.result().status_code for each in waiting)
    assert statuses.keys() == {200, 503}
    assert statuses[200] >= 5
    assert httpx.post(f"{held}/predict", content=content).status_code == 200


def test_a_request_whose_caller_left_is_not_computed(held: str, digits: Digits) -> None:
    content, port = png(digits.images[0]), int(held.rpartition(":")[2])
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    connections = []
    for _ in range(4):  # the first is being read, the others wait
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(head + content)
        connections.append(connection)
        time.sleep(0.2)
    for connection in connections:
        connection.close()
    time.sleep(0.5)
    HeldReader.go.set()
    assert httpx.post(f"{held}/predict", content=content, timeout=WAIT).status_code == 200
    assert HeldReader.begun == 2


def test_a_batch_ends_where_its_caller_leaves(held: str, digits: Digits) -> None:
    files = [("file", ("digit.png", png(image))) for image in digits.images[:64]]
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{held}/predict/batch", files=files, timeout=1)
    time.sleep(0.5)
    HeldReader.go.set()
    assert httpx.post(f"{held}/predict", content=png(digits.images[0]), timeout=WAIT).status_code == 200
    assert HeldReader.begun <= 9


def test_tensors_of_many_digits_wait_for_their_turn_until_they_are_too_many(held: str, digits: Digits) -> None:
    path, port = "/v2/models/digits/infer", int(held.rpartition(":")[2])
    images = digits.images[:1000]
    sent = {"name": "pixels", "shape": images.shape, "datatype": "UINT8", "parameters": {"binary_data_size": 784_000}}
    head = json.dumps({"inputs": [sent]})
    lengths = f"Content-Length: {len(head) + images.nbytes}\r\nInference-Header-Content-Length: {len(head)}"
    with contextlib.ExitStack() as crowd:
        connections = [crowd.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(5)]
        for connection in connections:
            connection.sendall(
                f"POST {path} HTTP/1.1\r\nHost: x\r\n{lengths}\r\n\r\n{head}".encode() + images.tobytes()
            )
        ready, _, _ = select.select(connections, [], [], WAIT)
        assert [each.recv(12) for each in ready] == [b"HTTP/1.1 503"]
    time.sleep(0.5)
    HeldReader.go.set()
    few = {"name": "pixels", "shape": [64, 28, 28], "datatype": "UINT8", "data": images[:64].tolist()}
    answer = httpx.post(held + path, json={"inputs": [few]}, timeout=WAIT)  # the queue has four places
    read = np.array(answer.json()["outputs"][0]["data"])
    assert (read == digits.labels[:64]).mean() > 0.9
    assert HeldReader.begun <= 64 + 8  # of the others, only what was under way


def test_small_pictures_are_read_while_large_ones_take_their_time(url: str, digits: Digits) -> None:
    large = png(np.random.default_rng(0).integers(0, 256, (2000, LIGHT_PIXELS // 1000), np.uint8))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(httpx.post, f"{url}/predict", content=large, timeout=WAIT) for _ in range(3)]
        small = 0
        while not all(each.done() for each in slow):
            assert httpx.post(f"{url}/predict", content=png(digits.images[0]), timeout=WAIT).status_code == 200
            small += 1
        assert [each.result().status_code for each in slow] == [200] * 3
    assert small >= 3


def test_sixty_four_callers_get_their_own_answers_while_others_leave_midway(url: str, digits: Digits) -> None:
    pictures = [png(image) for image in digits.images[:64]]
    port = int(url.rpartition(":")[2])

    def answer(picture: bytes) -> dict[str, Any]:  # on a connection of its own, as each caller has
        answered: dict[str, Any] = httpx.post(f"{url}/predict", content=picture, timeout=WAIT).json()
        return answered

    def leave(picture: bytes) -> None:
        head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(picture)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + picture)

    alone = [answer(picture) for picture in pictures]
    with concurrent.futures.ThreadPoolExecutor(80) as pool:
        left = pool.map(leave, pictures[::4])
        together = list(pool.map(answer, pictures))
        list(left)
    for one, other in zip(alone, together, strict=True):
        assert (one["text"], one["decision"]) == (other["text"], other["decision"])
        assert one["confidence"] == pytest.approx(other["confidence"], abs=1e-5)
        assert one["request_id"] != other["request_id"]


def test_bodies_under_way_are_bounded_together() -> None:
    with running(create_app(Settings(max_body_bytes=1_000_000, receive_seconds=5))) as address:
        port, connections = int(address.rpartition(":")[2]), []
        for _ in range(5):  # each sends most of a large body, and waits
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + bytes(900_000))
            connections.append(connection)
            time.sleep(0.2)
        connections[-1].settimeout(WAIT)
        assert connections[-1].recv(1000).startswith(b"HTTP/1.1 503")
        for connection in connections:
            connection.close()
        time.sleep(0.3)
        assert httpx.post(f"{address}/predict", content=bytes(900_000)).status_code == 415  # given back


def test_sigterm_ends_readiness_first_and_the_service_once_it_is_drained(digits: Digits) -> None:
    with real_service(DIGITS_DRAIN_SECONDS="2") as service, httpx.Client(base_url=service.url, timeout=WAIT) as client:
        service.send(signal.SIGTERM)
        time.sleep(0.5)
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.headers["retry-after"]) == (503, "1")
        answer = client.post("/predict", content=png(digits.images[0]))
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert service.wait() == -signal.SIGTERM  # uvicorn ends as the signal has it, once all is done


def test_a_killed_worker_is_replaced(digits: Digits) -> None:
    with real_service(DIGITS_WORKERS="2") as service:
        before = service.workers()
        before[0].kill()
        ends = time.monotonic() + WAIT
        while len(after := service.workers()) < len(before) or before[0] in after:
            assert time.monotonic() < ends
            time.sleep(0.3)  # a look at all processes takes as long as a look at a few digits
        service.wait_until_ready()
        assert httpx.post(f"{service.url}/predict", content=png(digits.images[0]), timeout=WAIT).status_code == 200


@pytest.mark.long
def test_a_rolling_restart_under_load_loses_no_request(digits: Digits) -> None:
    content = png(digits.images[0])
    with real_service(DIGITS_WORKERS="2", DIGITS_DRAIN_SECONDS="1") as service:
        stop, outcomes = threading.Event(), Counter[Any]()

        def ask() -> None:
            with httpx.Client(base_url=service.url, timeout=WAIT) as client:
                while not stop.is_set():
                    outcomes[client.post("/predict", content=content).status_code] += 1

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask) for _ in range(4)]
            try:
                before = service.workers()
                service.send(signal.SIGHUP)
                ends = time.monotonic() + WAIT
                while set(service.workers()) & set(before):
                    assert time.monotonic() < ends
                    time.sleep(0.2)
                time.sleep(0.5)
            finally:
                stop.set()  # or the pool would wait for ever
            for each in asking:
                each.result()
    assert outcomes.keys() == {200}
