"""The Open Inference Protocol as its clients write it by hand: forms of tensors, answers and refusals."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray

from app.main import create_app
from app.settings import Settings
from model.training.mnist import Digits
from tests.app.services import running

INFER = "/v2/models/digits/infer"
LENGTH = "Inference-Header-Content-Length"
MOST = 1_000_000
JSON = dict[str, Any]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings(max_body_bytes=MOST))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with running(app) as address, httpx.Client(base_url=address) as opened:
        yield opened


def tensor(data: Any = None, /, **changes: Any) -> JSON:
    sent = {"name": "pixels", "shape": [1, 28, 28], "datatype": "FP32", "data": data, **changes}
    return {name: value for name, value in sent.items() if value is not None}


def binary(request: JSON, content: bytes, **headers: str) -> JSON:
    """Return how httpx sends `request` with `content` behind its JSON."""
    head = json.dumps(request).encode()
    return {"content": head + content, "headers": {LENGTH: str(len(head)), **headers}}


def probabilities(answer: httpx.Response) -> NDArray[np.float32]:
    assert answer.status_code == 200, answer.text
    output = next(each for each in answer.json()["outputs"] if each["name"] == "probabilities")
    return np.array(output["data"], np.float32).reshape(output["shape"])


def test_every_form_of_the_same_digits_gives_the_same(client: httpx.Client, digits: Digits) -> None:
    images = digits.images[:3]
    expected = [
        client.post("/predict", json={"pixels": image.tolist()}).json()["digits"][0]["probabilities"]
        for image in images
    ]
    size = {"shape": [3, 784], "parameters": {"binary_data_size": 3 * 784}, "datatype": "UINT8"}
    forms: dict[str, JSON] = {
        "flat": {"json": {"inputs": [tensor(images.reshape(-1).tolist(), shape=[3, 28, 28])]}},
        "nested": {"json": {"inputs": [tensor(images.tolist(), shape=[3, 28, 28], datatype="UINT8")]}},
        "rows": {"json": {"inputs": [tensor(images.reshape(3, 784).tolist(), shape=[3, 784])]}},
        "0 to 1": {"json": {"inputs": [tensor((images / 255).tolist(), shape=[3, 28, 28])]}},
        "whole numbers as 7.0": {"json": {"inputs": [tensor((images * 1.0).tolist(), shape=[3, 28, 28])]}},
        "nulls": {
            "json": {
                "id": None,
                "parameters": None,
                "outputs": None,
                "inputs": [tensor(images.tolist(), shape=[3, 28, 28])],
            }
        },
        "bytes": binary({"inputs": [tensor(**size)]}, images.tobytes()),
    }
    packed = json.dumps(forms["flat"]["json"]).encode()
    forms["gzip"] = {"content": gzip.compress(packed), "headers": {"Content-Encoding": "gzip"}}
    forms["deflate"] = {"content": zlib.compress(packed), "headers": {"Content-Encoding": "deflate"}}
    for name, form in forms.items():
        read = probabilities(client.post(INFER, **form))
        np.testing.assert_allclose(read, expected, rtol=0, atol=1e-5, err_msg=name)


def test_outputs_come_as_they_are_asked_for(client: httpx.Client, digits: Digits) -> None:
    inputs = [tensor(digits.images[:2].tolist(), shape=[2, 28, 28])]
    whole = client.post(INFER, json={"id": "a 1", "inputs": inputs}).json()
    assert (whole["model_name"], whole["model_version"], whole["id"]) == ("digits", "1.0.0", "a 1")
    assert [(each["name"], each["datatype"], each["shape"]) for each in whole["outputs"]] == [
        ("digit", "INT64", [2]),
        ("probabilities", "FP32", [2, 10]),
    ]
    one = client.post(INFER, json={"inputs": inputs, "outputs": [{"name": "digit"}]}).json()
    assert one["outputs"] == whole["outputs"][:1]
    assert "id" not in one
    mixed = client.post(
        INFER,
        json={
            "inputs": inputs,
            "parameters": {"binary_data_output": True},
            "outputs": [{"name": "probabilities"}, {"name": "digit", "parameters": {"binary_data": False}}],
        },
    )
    end = int(mixed.headers[LENGTH])
    assert mixed.headers["content-type"] == "application/octet-stream"
    chances, digit = json.loads(mixed.content[:end])["outputs"]
    assert digit == whole["outputs"][0]
    assert chances["parameters"] == {"binary_data_size": 80}
    expected = np.array(whole["outputs"][1]["data"], "<f4")
    assert np.array_equal(np.frombuffer(mixed.content[end:], "<f4"), expected)


def test_without_ink_there_is_no_digit_and_each_is_as_likely(client: httpx.Client) -> None:
    answer = client.post(INFER, json={"inputs": [tensor([0] * 784)]})
    assert answer.json()["outputs"][0]["data"] == [-1]
    assert np.array_equal(probabilities(answer), np.full((1, 10), 0.1, np.float32))


ZEROS = tensor([0] * 784)
BYTES = tensor(datatype="UINT8", parameters={"binary_data_size": 784})
REFUSED: dict[str, tuple[JSON, str]] = {
    "no body": ({"content": b""}, "no body"),
    "no JSON": ({"content": b"pixels"}, "not JSON"),
    "no object": ({"json": [1]}, "the body: "),
    "no inputs": ({"json": {"id": "1"}}, "inputs: Field required"),
    "empty inputs": ({"json": {"inputs": []}}, "inputs: "),
    "an id that is a number": ({"json": {"id": 1, "inputs": [ZEROS]}}, "id: "),
    "no shape": ({"json": {"inputs": [{"name": "pixels", "datatype": "FP32"}]}}, "inputs.0.shape: Field required"),
    "a shape of words": ({"json": {"inputs": [tensor(shape=["1", 28, 28])]}}, "inputs.0.shape.0: "),
    "no digits": ({"json": {"inputs": [tensor([], shape=[0, 28, 28])]}}, "1 to 1000 digits; got [0, 28, 28]"),
    "too many digits": ({"json": {"inputs": [tensor([], shape=[1001, 784])]}}, "1 to 1000 digits; got [1001, 784]"),
    "one digit without N": ({"json": {"inputs": [tensor([0] * 784, shape=[28, 28])]}}, "got [28, 28]"),
    "an empty shape": ({"json": {"inputs": [tensor([], shape=[])]}}, "got []"),
    "truth values": ({"json": {"inputs": [tensor([True], datatype="BOOL")]}}, "UINT8 or FP32; got 'BOOL'"),
    "strings": ({"json": {"inputs": [tensor(["a"] * 784)]}}, "a list of numbers alone"),
    "too few numbers": ({"json": {"inputs": [tensor([0] * 783)]}}, "must have 784 numbers, as its shape"),
    "a half as UINT8": ({"json": {"inputs": [tensor([0.5] * 784, datatype="UINT8")]}}, "got 0.5 at 0"),
    "below 0": ({"json": {"inputs": [tensor([0] * 783 + [-1])]}}, "got -1 at 783"),
    "infinite": ({"content": json.dumps({"inputs": [ZEROS]}).replace("[0,", "[1e999,")}, "got inf at 0"),
    "data and bytes": ({"json": {"inputs": [{**ZEROS, "parameters": {"binary_data_size": 784}}]}}, "expected one"),
    "bytes without their header": ({"json": {"inputs": [BYTES]}}, f"by {LENGTH}, 0 do"),
    "bytes that are cut": (binary({"inputs": [BYTES]}, bytes(700)), f"784 bytes follow the JSON; by {LENGTH}, 700 do"),
    "bytes of another size": (
        binary({"inputs": [tensor(parameters={"binary_data_size": 784})]}, bytes(784)),
        "must be 3136 for FP32",
    ),
    "a size of words": (binary({"inputs": [tensor(parameters={"binary_data_size": "many"})]}, b""), "got many"),
    "bytes that nobody claims": (binary({"inputs": [ZEROS]}, b"more"), "4 bytes follow the JSON"),
    "a header that is none": ({"json": {"inputs": [ZEROS]}, "headers": {LENGTH: "-1"}}, f"{LENGTH} must be from 1 to"),
    "a header beyond the body": ({"json": {}, "headers": {LENGTH: "3"}}, "the body's 2 bytes; got '3'"),
    "an output twice": (
        {"json": {"inputs": [ZEROS], "outputs": [{"name": "digit"}, {"name": "digit"}]}},
        "output 'digit' is asked for twice",
    ),
    "shared memory": (
        {"json": {"inputs": [tensor(parameters={"shared_memory_region": "a"})]}},
        "`shared_memory_region` is not supported",
    ),
    "a flag that is none": (
        {"json": {"inputs": [ZEROS], "parameters": {"binary_data_output": "yes"}}},
        "`binary_data_output` must be true or false; got 'yes'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_request_gets_the_protocols_error(client: httpx.Client, name: str) -> None:
    sent, sentence = REFUSED[name]
    answer = client.post(INFER, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json"), answer.text
    assert answer.json().keys() == {"error"}
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/v2/models/letters", {}, 404),
        ("GET", "/v2/models/digits/versions/2/ready", {}, 404),
        ("POST", "/v2/repository/index", {}, 404),
        ("GET", INFER, {}, 405),
        ("POST", INFER, {"content": bytes(MOST + 1)}, 413),
        ("POST", INFER, {"content": gzip.compress(bytes(MOST + 1)), "headers": {"Content-Encoding": "gzip"}}, 413),
        ("POST", INFER, {"content": b"{}", "headers": {"Content-Encoding": "br"}}, 415),
        ("GET", "/v2?" + "a" * 3000, {}, 422),
    ],
)
def test_every_error_below_v2_has_the_protocols_shape(
    client: httpx.Client, method: str, path: str, sent: JSON, status: int
) -> None:
    answer = client.request(method, path, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert answer.json().keys() == {"error"}
    assert answer.headers["x-request-id"]


def test_behind_a_proxys_prefix_errors_keep_their_shape(app: FastAPI, client: httpx.Client) -> None:
    async def asked(path: str) -> httpx.Response:
        prefixed = httpx.ASGITransport(app, root_path="/mail")
        async with httpx.AsyncClient(transport=prefixed, base_url=client.base_url) as opened:
            return await opened.get(f"/mail{path}")

    assert asyncio.run(asked("/v2/models/letters")).json().keys() == {"error"}
    assert asyncio.run(asked("/v2/models/digits")).json()["name"] == "digits"


def test_while_the_server_drains_it_is_not_ready_but_reads(app: FastAPI, client: httpx.Client, digits: Digits) -> None:
    for path in ("/v2/health/live", "/v2/health/ready"):
        assert (client.get(path).status_code, client.head(path).status_code) == (200, 200)
    app.state.service.drain()
    try:
        for path in ("/v2/health/ready", "/v2/models/digits/ready"):
            answer = client.get(path)
            assert (answer.status_code, answer.json().keys()) == (503, {"error"})
        assert client.get("/v2/health/live").json() == {"live": True}
        read = client.post(INFER, json={"inputs": [tensor(digits.images[:1].tolist())]})
        assert (read.status_code, read.headers["connection"]) == (200, "close")
    finally:
        app.state.service.ready = True
