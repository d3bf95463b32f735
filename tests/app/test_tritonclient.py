"""Triton's Python client, which others wrote, reads digits just as it is: in a process of its own, as gevent wants."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from model.training.mnist import Digits
from tests.app.services import RealService
from tests.app.test_clients import CLIENTS

NEAR = 1e-5


@pytest.fixture(scope="module")
def sent(digits: Digits) -> Digits:
    return digits[:500]


@pytest.fixture(scope="module")
def told(real: RealService, sent: Digits, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the client was told."""
    path: Path = tmp_path_factory.mktemp("digits") / "digits.npy"
    np.save(path, sent.images)
    command = [sys.executable, "-W", "error", str(CLIENTS / "infer_digits.py"), f"127.0.0.1:{real.port}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def predicted(real: RealService, sent: Digits) -> list[dict[str, Any]]:
    """What `/predict` answers to the same digits, the one of each answer."""
    with httpx.Client(base_url=real.url) as client:
        answers = [client.post("/predict", json={"pixels": image.tolist()}).json() for image in sent.images]
    return [answer["digits"][0] for answer in answers]


def test_it_learns_what_the_server_and_the_model_are(told: dict[str, Any]) -> None:
    assert told["health"] == [True, True, True]
    assert told["server"]["name"] == "postal-digits"
    assert told["server"]["extensions"] == ["binary_tensor_data"]
    model = told["model"]
    assert (model["name"], model["versions"]) == ("digits", ["1.0.0"])
    assert model["inputs"] == [{"name": "pixels", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert model["outputs"] == [
        {"name": "digit", "datatype": "INT64", "shape": [-1]},
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
    ]


@pytest.mark.parametrize("size", ["1", "7", "64"])
def test_it_reads_in_batches_what_predict_reads(
    told: dict[str, Any], predicted: list[dict[str, Any]], size: str
) -> None:
    read = told["batches"][size]
    assert read["digit"] == [digit["digit"] for digit in predicted]
    expected = [digit["probabilities"] for digit in predicted]
    np.testing.assert_allclose(read["probabilities"], expected, rtol=0, atol=NEAR)


def test_versions_parameters_packed_bodies_and_asynchronous_requests_make_no_difference(told: dict[str, Any]) -> None:
    expected = told["batches"]["64"]["probabilities"][:5]
    assert len(told["ways"]) == 9
    for way in told["ways"].values():
        np.testing.assert_allclose(way["probabilities"], expected, rtol=0, atol=NEAR)
    assert told["id"] == "42"


SENTENCES = {
    "model": "[404] there is nothing at '/v2/models/letters/infer'",
    "metadata of a model": "[404] there is nothing at '/v2/models/letters'",
    "version": "[404] the model digits has the version '1.0.0' alone; got '7'",
    "input": "[400] expected one input, `pixels`; got 1: 'image'",
    "inputs": "[400] expected one input, `pixels`; got 2: 'pixels', 'pixels'",
    "output": "[400] output 'label' is unknown; expected digit or probabilities",
    "classes": "[400] the parameter `classification` is not supported",
    "shape": "[400] input `pixels` must have the shape [N, 28, 28] or [N, 784], with 1 to 1000 digits; got [5, 14, 28]",
    "type": "[400] input `pixels` must be of type UINT8 or FP32; got 'INT64'",
    "no data": "[400] input `pixels` must have `data`, a list of numbers alone, or the parameter `binary_data_size`",
    "range": "must hold numbers from 0 to 255; got",
    "NaN": "must hold numbers from 0 to 255; got nan at 0",
}


def test_it_raises_what_was_wrong(told: dict[str, Any]) -> None:
    assert told["refusals"].keys() == SENTENCES.keys()
    for name, sentence in SENTENCES.items():
        assert sentence in told["refusals"][name]
