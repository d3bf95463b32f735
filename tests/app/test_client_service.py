"""The client with the real service."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.client import (
    DigitsClient,
    Reading,
    Refused,
)
from model.training.mnist import Digits
from tests.app import services
from tests.app.conftest import Many, Outcome, text_of
from tests.app.services import RealService


def png(pixels: NDArray[np.uint8]) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, format="PNG")
    return content.getvalue()


def texts_and_labels_agree(outcomes: list[Outcome], labels: NDArray[np.uint8]) -> bool:
    """Return whether the readings are in the labels' order: nearly all agree, as the network is nearly always right."""
    right = [text_of(outcome) == str(label) for outcome, label in zip(outcomes, labels, strict=True)]
    return sum(right) >= 0.97 * len(labels)


def test_200_pictures_are_read_in_order(real: RealService, digits: Digits, many: Many) -> None:
    assert texts_and_labels_agree(many(real.url, list(digits.images[:200]), kind="digit"), digits.labels[:200])


def test_reading_goes_on_through_a_restart_within_the_deadline(real: RealService, digits: Digits, many: Many) -> None:
    def pictures() -> Iterator[NDArray[np.uint8]]:
        for number, image in enumerate(digits.images[:200]):
            if number == 100:
                real.kill()
                real.start()
            yield image

    outcomes = many(real.url, pictures(), kind="digit", client={"deadline": services.START_SECONDS})
    assert texts_and_labels_agree(outcomes, digits.labels[:200])


def test_every_kind_of_image_gives_the_same_reading(
    real: RealService, digits: Digits, many: Many, tmp_path: Path
) -> None:
    pixels = digits.images[0]
    path = tmp_path / "digit.png"
    path.write_bytes(png(pixels))
    with path.open("rb") as file:
        images = [path.read_bytes(), path, str(path), file, pixels, pixels.reshape(784), Image.open(path)]
        images += [bytearray(path.read_bytes()), np.repeat(pixels[..., None], 3, axis=2), pixels.T.copy().T]
        outcomes = many(real.url, images)
    for outcome in outcomes:
        assert isinstance(outcome, Reading)
        assert outcome.text == str(digits.labels[0])
        assert isinstance(outcomes[0], Reading)
        assert outcome.digits[0]["probabilities"] == pytest.approx(outcomes[0].digits[0]["probabilities"], abs=1e-5)
    images[-4].close()


def test_a_strip_is_read_as_its_code(real: RealService, digits: Digits) -> None:
    strip = np.full((60, 260), 255, np.uint8)
    for place, wanted in enumerate([0, 1, 0, 0, 7]):
        digit = digits.images[np.flatnonzero(digits.labels == wanted)[place]]
        strip[16:44, 12 + 48 * place : 40 + 48 * place] -= digit
    with DigitsClient(real.url) as client:
        reading = client.read(strip, digits=5, country="fr", max_error=1)
    assert (reading.text, reading.kind, len(reading.digits)) == ("01007", "strip", 5)
    assert reading.accepted


def test_a_refusal_says_what_the_service_said(real: RealService, digits: Digits) -> None:
    with DigitsClient(real.url) as client:
        with pytest.raises(Refused) as caught:
            client.read(png(digits.images[0])[:100])
        assert caught.value.status == 422
        assert caught.value.detail in str(caught.value)
        assert caught.value.request_id
        with pytest.raises(Refused, match="415"):
            client.read(b"no picture at all")
