"""One picture, by the synchronous and the asynchronous client: retries, deadline, what is sent, what comes back."""

import io
import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app import client as client_module
from app.client import (
    AsyncDigitsClient,
    BadAnswer,
    Busy,
    DeadlineExceeded,
    DigitsClient,
    DigitsError,
    Refused,
    Unreachable,
)
from tests.app import services
from tests.app.conftest import Many, text_of
from tests.app.services import ScriptedService, Step, codes

SLACK = 10.0  # seconds that a busy machine may take over a deadline; what hangs here hangs for much longer


@pytest.mark.parametrize(
    "step",
    [Step(429), Step(503, body=b"<html>"), Step(502), Step(504), Step(act=services.drop)],
    ids=["429", "503", "502", "504", "drop"],
)
def test_a_temporary_failure_is_tried_again(scripted: ScriptedService, many: Many, step: Step) -> None:
    scripted.steps.extend([step, step])
    assert [text_of(outcome) for outcome in many(scripted.url, [b"01234"])] == ["01234"]
    assert [request.body for request in scripted.requests] == [b"01234"] * 3


@pytest.mark.parametrize("status", [400, 401, 413, 415, 422, 500])
def test_a_permanent_failure_is_not_tried_again(scripted: ScriptedService, many: Many, status: int) -> None:
    scripted.steps.append(Step(status))
    (outcome,) = many(scripted.url, [b"1"])
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.title, outcome.detail, outcome.request_id) == (status, "Scripted", "as told", "r1")
    assert not outcome.accepted
    assert len(scripted.requests) == 1


def test_the_service_is_not_asked_before_its_retry_after(scripted: ScriptedService, many: Many) -> None:
    scripted.steps.append(Step(503, {"Retry-After": "1"}))
    many(scripted.url, [b"1"])
    first, second = scripted.requests
    assert second.at - first.at >= 1


def test_retry_after_may_be_a_date(scripted: ScriptedService, many: Many) -> None:
    comes_back = int(time.time()) + 2
    scripted.steps.append(Step(429, {"Retry-After": formatdate(comes_back, usegmt=True)}))
    many(scripted.url, [b"1"])
    assert time.time() >= comes_back
    assert len(scripted.requests) == 2


@pytest.mark.parametrize("header", ["soon", "-5", "1e9", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 99 Nov"])
def test_a_retry_after_that_says_nothing_is_ignored(scripted: ScriptedService, many: Many, header: str) -> None:
    scripted.steps.append(Step(503, {"Retry-After": header}))
    assert text_of(many(scripted.url, [b"1"])[0]) == "1"


def test_when_the_retries_are_used_up_the_last_error_is_the_outcome(scripted: ScriptedService, many: Many) -> None:
    scripted.steps.extend([Step(503)] * 3)
    (outcome,) = many(scripted.url, [b"1"], client={"retries": 2})
    assert isinstance(outcome, Busy)
    assert len(scripted.requests) == 3
    (outcome,) = many("http://127.0.0.1:9", [b"1"], client={"retries": 1})
    assert isinstance(outcome, Unreachable)


def test_an_attempt_that_hangs_is_given_up_for_another(scripted: ScriptedService, many: Many) -> None:
    scripted.steps.append(Step(act=services.hang))
    assert text_of(many(scripted.url, [b"7"], client={"timeout": 0.3})[0]) == "7"


@pytest.mark.parametrize("act", [services.hang, services.drop, services.trickle_head, services.trickle_body])
@pytest.mark.parametrize("timeout", [0.2, 0.5, 30.0])
def test_the_deadline_is_never_exceeded(
    scripted: ScriptedService, many: Many, act: Callable[[Any], None], timeout: float
) -> None:
    scripted.otherwise = lambda _: Step(act=act)
    started = time.monotonic()
    (outcome,) = many(scripted.url, [b"1"], client={"deadline": 0.5, "timeout": timeout})
    assert time.monotonic() - started < 0.5 + SLACK
    assert isinstance(outcome, DeadlineExceeded)
    assert isinstance(outcome, TimeoutError)
    assert "within 0.5 s" in str(outcome)


def test_a_pause_that_would_outlast_the_deadline_is_not_begun(scripted: ScriptedService, many: Many) -> None:
    scripted.steps.append(Step(503, {"Retry-After": "3600"}))
    started = time.monotonic()
    (outcome,) = many(scripted.url, [b"1"], client={"deadline": 60})
    assert time.monotonic() - started < 30
    assert isinstance(outcome, DeadlineExceeded)
    assert isinstance(outcome.__cause__, Busy)
    assert "503 Scripted: as told" in str(outcome)
    assert len(scripted.requests) == 1


def test_a_service_that_is_away_is_reported_as_unreachable(many: Many) -> None:
    (outcome,) = many("http://127.0.0.1:9", [b"1"], client={"deadline": 0.5})
    assert isinstance(outcome, DeadlineExceeded)
    assert isinstance(outcome.__cause__, Unreachable)
    assert "http://127.0.0.1:9/predict cannot be reached" in str(outcome)


def test_a_picture_that_does_not_load_in_time_exceeds_the_deadline_too(scripted: ScriptedService, many: Many) -> None:
    loaded = threading.Event()

    class Slow:
        def read(self) -> bytes:
            loaded.wait(30)
            return b"1"

    threading.Timer(1.5, loaded.set).start()  # so that the thread that loads it ends with the test
    (outcome,) = many(scripted.url, [Slow()], client={"deadline": 0.2})
    assert isinstance(outcome, DeadlineExceeded)
    assert not scripted.requests


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (60, 200), (60, 200, 1), (33, 7, 3), (5, 9, 4)])
def test_an_array_is_sent_as_the_same_pixels(scripted: ScriptedService, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    with DigitsClient(scripted.url) as client:
        client.read(pixels)
        client.read(pixels[::-1, ::-1])
    for request, sent in zip(scripted.requests, (pixels, pixels[::-1, ::-1]), strict=True):
        with Image.open(io.BytesIO(request.body)) as image:
            np.testing.assert_array_equal(np.asarray(image), sent[..., 0] if shape[2:] == (1,) else sent)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "F"])
def test_a_pillow_image_of_any_mode_is_sent_as_a_png(scripted: ScriptedService, mode: str) -> None:
    with DigitsClient(scripted.url) as client:
        client.read(Image.new(mode, (20, 10)))
    with Image.open(io.BytesIO(scripted.requests[0].body)) as image:
        assert (image.format, image.size) == ("PNG", (20, 10))


def test_a_pillow_image_keeps_its_orientation(scripted: ScriptedService) -> None:
    photo = Image.new("RGB", (20, 10))
    photo.getexif()[0x0112] = 6  # "rotate a quarter to see it upright"
    with DigitsClient(scripted.url) as client:
        client.read(photo)
    with Image.open(io.BytesIO(scripted.requests[0].body)) as image:
        assert image.getexif()[0x0112] == 6


def test_options_and_key_travel_and_what_is_left_out_does_not(scripted: ScriptedService) -> None:
    with DigitsClient(f"{scripted.url}/codes/", api_key="s3cret") as client:
        client.read(b"1", digits=5, country="fr", max_error=0.001, top=None, turned=90)
    with DigitsClient(scripted.url) as client:
        client.read(b"1")
    with_all, bare = scripted.requests
    assert with_all.path == "/codes/predict?digits=5&country=fr&max_error=0.001&turned=90"
    assert with_all.headers["X-API-Key"] == "s3cret"
    assert bare.path == "/predict"
    assert "X-API-Key" not in bare.headers


@pytest.mark.parametrize(
    "step",
    [
        Step(body=b"<html>Welcome</html>"),
        Step(body=b"[1, 2]"),
        Step(body=b'{"text": "1"}'),
        Step(body=b'{"text": 1'),
        Step(301, {"Location": "https://elsewhere.example/predict"}),
        Step(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["page", "list", "half a reading", "broken JSON", "redirect", "encoding"],
)
def test_an_answer_without_a_reading_is_never_taken_for_one(scripted: ScriptedService, many: Many, step: Step) -> None:
    scripted.steps.append(step)
    (outcome,) = many(scripted.url, [b"1"])
    assert isinstance(outcome, BadAnswer)
    assert scripted.url in str(outcome)
    assert len(scripted.requests) == 1


def test_a_reading_is_the_answer_of_the_service(scripted: ScriptedService) -> None:
    with DigitsClient(scripted.url) as client:
        reading = client.read(b"00501")
    for name, value in services.reading("00501").items():
        assert getattr(reading, name) == value
    assert reading.accepted


@pytest.mark.parametrize("kind", [DigitsClient, AsyncDigitsClient])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"url": "localhost:8000"}, r"`url` must be like http://localhost:8000; got 'localhost:8000'"),
        ({"url": "http://h", "deadline": 0}, r"above 0 seconds; got 10.0 and 0"),
        ({"url": "http://h", "timeout": float("nan")}, r"above 0 seconds; got nan and 30.0"),
        ({"url": "http://h", "retries": -1}, r"`retries` must be at least 0; got -1"),
        ({"url": "http://h", "api_key": "key\n"}, r"`api_key` must be visible ASCII"),
    ],
)
def test_a_bad_argument_is_named_with_its_value(kind: Callable[..., Any], arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(**arguments)


def test_threads_may_share_a_client(scripted: ScriptedService) -> None:
    with DigitsClient(scripted.url) as client, ThreadPoolExecutor(8) as pool:
        readings = list(pool.map(client.read, codes(100)))
    assert [reading.text.encode() for reading in readings] == codes(100)


def test_a_closed_client_says_so_and_may_be_closed_again(scripted: ScriptedService) -> None:
    client = DigitsClient(scripted.url)
    results = client.read_many(codes(9), concurrency=3)
    next(results)
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.read(b"1")
    with pytest.raises(RuntimeError, match="closed"):
        list(results)


def test_errors_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(Refused(422, "Unprocessable", "truncated", "r1")))  # noqa: S301 (our own)
    assert (error.status, str(error)) == (422, "the service refused with 422 Unprocessable: truncated")


def test_every_error_is_a_digits_error_and_is_exported() -> None:
    errors = {
        name for name, each in vars(client_module).items() if isinstance(each, type) and issubclass(each, Exception)
    }
    assert all(issubclass(getattr(client_module, name), DigitsError) for name in errors)
    assert errors <= set(client_module.__all__)
