"""What the service answers when it fails itself and when bodies mislead, and what its pages load."""

import http.client
import io
import logging
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from app.decoding.image_types import SIGNATURES
from app.main import create_app
from app.settings import Settings
from model.reader import Options, PendingDigit, PendingEnvelope, Reader
from model.reading import Reading
from model.training.mnist import Digits
from tests.app.services import running

OCTETS = {"Content-Type": "application/octet-stream"}
FORBIDDEN = 77  # no picture of a digit has this value in its corner


class FailingReader(Reader):
    """Fails unexpectedly at one kind of picture; reads all others."""

    def begin(self, picture: Any, asked: Options) -> Reading | PendingDigit | PendingEnvelope:
        if picture[0, 0] == FORBIDDEN:
            raise RuntimeError("secret detail of the fault")
        return super().begin(picture, asked)


def pixels(corner: int, digit: Any) -> list[list[int]]:
    marked = digit.copy()
    marked[0, 0] = corner
    rows: list[list[int]] = marked.tolist()
    return rows


@pytest.fixture(scope="module")
def failing(url: str) -> Iterator[str]:  # starts after `url`: when it ends, BLAS has as many threads as `url` needs
    app = create_app(Settings(max_body_bytes=50_000))
    with running(app) as address:
        shared = app.state.service
        shared.reader = FailingReader(shared.artifact.classifier, shared.reader.sliding_networks)
        yield address


def test_a_failure_is_a_problem_with_its_id_and_one_traceback_in_the_log(
    failing: str, digits: Digits, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("uvicorn.error").addHandler(caplog.handler)
    try:
        answer = httpx.post(
            f"{failing}/predict",
            json={"pixels": pixels(FORBIDDEN, digits.images[0])},
            headers={"X-Request-ID": "abc-7"},
        )
        ends = time.monotonic() + 10
        while not any(record.exc_info for record in caplog.records) and time.monotonic() < ends:
            time.sleep(0.01)  # the answer goes out before the log is written
    finally:
        logging.getLogger("uvicorn.error").removeHandler(caplog.handler)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.headers.get_list("x-request-id") == [answer.json()["request_id"]] == ["abc-7"]
    assert "secret" not in answer.text
    # By identity: a record that also goes to the root logger is seen twice.
    logged = {id(record): record.exc_info[1] for record in caplog.records if record.exc_info}
    (error,) = logged.values()
    assert isinstance(error, RuntimeError)
    assert error.__notes__ == ["while answering request abc-7"]


def test_an_unforeseen_error_fails_only_its_item_of_a_batch_and_is_logged(
    failing: str, digits: Digits, caplog: pytest.LogCaptureFixture
) -> None:
    items = [{"pixels": pixels(corner, digits.images[0])} for corner in (0, FORBIDDEN, 0)]
    answer = httpx.post(f"{failing}/predict/batch", json=items)
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert first["text"] == third["text"] != ""
    assert (second["status"], second["request_id"]) == (500, answer.headers["x-request-id"])
    assert "secret" not in answer.text
    assert "secret detail of the fault" in caplog.text
    assert answer.headers["x-request-id"] in caplog.text


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_over_the_limit_is_a_problem_with_its_id(failing: str, *, chunked: bool) -> None:
    body = bytes(50_001)
    address = failing.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("POST", "/predict", iter([body]) if chunked else body, encode_chunked=chunked)
    answer = connection.getresponse()
    assert (answer.status, answer.headers.get_content_type()) == (413, "application/problem+json")
    told = answer.read().decode()
    assert "the limit is 50000" in told
    assert (f"{len(body)} bytes" in told) is not chunked
    assert str(answer.headers["X-Request-ID"]) in told
    connection.close()
    assert httpx.post(f"{failing}/predict", content=bytes(50_000)).status_code == 415


@pytest.mark.parametrize("start", [*SIGNATURES, b"RIFF\0\0\0\0WEBP"])
def test_784_bytes_that_begin_as_an_image_does_are_the_pixels_of_a_digit(
    url: str, digits: Digits, start: bytes
) -> None:
    raw = start + digits.images[0].tobytes()[len(start) :]
    answer = httpx.post(f"{url}/predict", content=raw, headers=OCTETS)
    assert answer.status_code == 200, answer.text
    grid = np.frombuffer(raw, np.uint8).reshape(28, 28).tolist()
    assert answer.json()["digits"] == httpx.post(f"{url}/predict", json={"pixels": grid}).json()["digits"]


def test_an_image_of_784_bytes_is_read_as_an_image_though_its_type_is_not_declared(url: str, digits: Digits) -> None:
    content = io.BytesIO()
    Image.fromarray(digits.images[0]).resize((60, 60)).save(content, "BMP")
    image = content.getvalue()
    assert httpx.post(f"{url}/predict", content=image, headers=OCTETS).status_code == 200
    content = io.BytesIO()
    Image.fromarray(digits.images[0]).save(content, "PNG")
    png = content.getvalue()
    png += bytes(784 - len(png))  # what follows a PNG's end is ignored
    as_png = httpx.post(f"{url}/predict", content=png, headers={"Content-Type": "image/png"}).json()
    as_octets = httpx.post(f"{url}/predict", content=png, headers=OCTETS).json()
    assert as_octets["digits"] == as_png["digits"] != []


def test_the_documentation_loads_nothing_from_another_host(url: str) -> None:
    page = httpx.get(f"{url}/docs")
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/"), address
        assert not address.startswith("//"), address
        assert httpx.get(f"{url}{address}").is_success
    assert not re.findall(r"https?://", page.text)
    style = next(address for address in loaded if address.endswith(".css"))
    assert not re.findall(r"url\(\s*[\"']?(?:https?:)?//", httpx.get(f"{url}{style}").text)
    assert httpx.get(f"{url}/redoc").status_code == 404
