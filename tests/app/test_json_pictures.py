"""Pixels as JSON and as bytes: 0 to 255, or all 0 to 1."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from app.images import Decoded
from app.json_pictures import picture
from app.sent import Raw784, Sent
from app.service import Question, Service
from app.settings import Settings
from model.reader import Options


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(Settings())


def sent(numbers: object) -> Decoded:
    found = picture(json.dumps({"pixels": numbers}).encode())
    assert isinstance(found, Decoded)
    return found


def drawn(seed: int) -> NDArray[np.uint8]:
    """Return a 7 with soft edges, (28, 28)."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:7, 6:20] = digit[4:24, 17:20] = 255
    return np.where(digit > 0, digit, np.random.default_rng(seed).integers(0, 3, digit.shape)).astype(np.uint8)


def test_pixels_from_0_to_1_are_those_from_0_to_255() -> None:
    for digit in map(drawn, range(5)):
        assert np.array_equal(sent(digit.tolist()).picture, digit)
        np.testing.assert_allclose(sent((digit / 255).tolist()).picture, digit, atol=1e-3)
        mask = (digit > 127).astype(int)
        assert np.array_equal(sent(mask.tolist()).picture, mask * 255)
        assert np.array_equal(sent((mask * 2).tolist()).picture, mask * 2)


def test_a_digit_of_0_and_1_is_read_as_that_of_0_and_255(service: Service) -> None:
    mask = (drawn(0) > 127).astype(np.uint8)
    forms: list[Sent | Raw784] = [Raw784(mask.tobytes()), sent(mask.tolist()), sent((mask * 255).tolist())]
    answers = [service.answers([Question(form, Options(kind="digit"), "")])[0] for form in forms]
    read = [answer["digits"] for answer in answers if isinstance(answer, dict)]
    assert read[0] == read[1] == read[2]
    assert read[0][0]["digit"] == 7


@pytest.mark.parametrize("number", [0, 0.0, 1, 255])
def test_pixels_of_one_value_have_no_ink(service: Service, number: float) -> None:
    (answer,) = service.answers([Question(sent([number] * 784), Options(), "")])
    assert isinstance(answer, dict)
    assert (answer["text"], answer["reason"]) == ("", "no_ink")
