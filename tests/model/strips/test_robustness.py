"""Whatever is sent as a strip is answered, with a reading or with a reason, quickly and in little memory."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from model.artifact import Artifact
from model.reader import Reader
from model.reading import Reading
from model.strips.level import likely_levels
from model.training.mnist import Digits

CODE = slice(0, 5)


@pytest.fixture(scope="module")
def reader(shipped: Artifact) -> Reader:
    return Reader(shipped.classifier)


@pytest.fixture(scope="module")
def strip(digits: Digits) -> NDArray[np.uint8]:
    """A code, dark on light, 56 × 320 pixels."""
    rows = [np.pad(image, ((0, 0), (2, 2))) for image in digits.images[CODE]]
    large = np.kron(np.concatenate(rows, axis=1), np.ones((2, 2), np.uint8))
    return np.asarray(240 - large * np.float32(200 / 255), np.uint8)


def _answered(reading: Reading, shape: tuple[int, ...]) -> None:
    assert len(reading.text) == len(reading.digits)
    assert (reading.decision == "accept") == (reading.reason is None)
    assert (reading.text == "") == (reading.reason == "no_ink")
    assert 0 <= reading.confidence <= 1 + 1e-9
    for digit in reading.digits:
        box = digit.box
        assert 0 <= box.x < box.x + box.width <= shape[1]
        assert 0 <= box.y < box.y + box.height <= shape[0]


def test_a_code_is_read_without_and_with_what_is_known_of_it(
    reader: Reader, strip: NDArray[np.uint8], digits: Digits
) -> None:
    code = "".join(map(str, digits.labels[CODE]))
    right: list[dict[str, Any]] = [{}, {"digits": 5}, {"country": "jp"}]
    wrong: list[dict[str, Any]] = [{"digits": 4}, {"digits": 6}, {"country": "ch"}, {"country": "ro"}]
    for picture in (strip, 255 - strip):
        for each in right + wrong:
            reading = reader.read(picture, kind="strip", **each)
            _answered(reading, picture.shape)
            assert reading.text == code if each in right else reading.decision == "reject"
    assert reader.read(strip, country="jp", max_error=1).reason == "wrong_length"
    assert reader.read(strip, kind="auto").text == code


@pytest.mark.parametrize("height", [20, 200, 2_000])
def test_a_strip_of_any_height_is_answered(reader: Reader, strip: NDArray[np.uint8], height: int) -> None:
    rows = (np.arange(height) * len(strip) // height).astype(int)
    width = strip.shape[1] * height // len(strip)
    picture = strip[rows][:, (np.arange(width) * strip.shape[1] // width).astype(int)]
    reading = reader.read(picture, kind="strip", digits=5)
    _answered(reading, picture.shape)
    assert len(reading.text) == 5


def test_an_empty_strip_is_rejected_with_no_ink(reader: Reader) -> None:
    assert reader.read(np.full((60, 300), 230, np.uint8), kind="strip").reason == "no_ink"


def test_a_long_rule_alone_is_not_a_digit(reader: Reader) -> None:
    picture = np.full((60, 300), 230, np.uint8)
    picture[30:34, 20:280] = 20
    reading = reader.read(picture, kind="strip", max_error=1)
    assert reading.decision == "reject"
    _answered(reading, picture.shape)


def _tilted_rules(height: int, width: int) -> NDArray[np.uint8]:
    """Return a picture with rules from side to side, and strokes between them."""
    y, x = np.mgrid[:height, :width]
    picture = np.full((height, width), 230, np.uint8)
    picture[np.abs(y - height / 4 - x * height / (2 * width)) < 1] = 40
    picture[(x % 37 < 3) & (y > height / 3)] = 40
    return picture


def _worst_pictures() -> dict[str, NDArray[np.uint8]]:
    random = np.random.default_rng(0)
    checks = np.kron(np.indices((500, 1000)).sum(axis=0) % 2, np.ones((2, 2))) * 255
    bars = np.tile(np.where(np.arange(4_000) % 8 < 3, 0, 255), (250, 1))
    scan = np.full((4_000, 6_000, 3), 235, np.uint8)
    return {
        "noise": random.integers(0, 256, (1_000, 1_000)).astype(np.uint8),
        "checks": checks.astype(np.uint8),
        "bars": bars.astype(np.uint8),
        "a scan": scan,
        "a long line": _tilted_rules(12, 83_000),
        "a long band": _tilted_rules(40, 25_000),
        "a long noise": random.integers(0, 256, (12, 83_000)).astype(np.uint8),
    }


@pytest.mark.parametrize("name", _worst_pictures())
def test_the_worst_pictures_are_answered_within_400_megabytes(
    reader: Reader, strip: NDArray[np.uint8], name: str
) -> None:
    picture = _worst_pictures()[name]
    if name == "a scan":
        large = np.kron(strip, np.ones((4, 4), np.uint8))
        picture[100 : 100 + len(large), 100 : 100 + large.shape[1]] = large[:, :, None]
    tracemalloc.start()
    try:
        _answered(reader.read(picture, kind="strip", digits=5, country="fr"), picture.shape)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 400e6


@settings(deadline=None, max_examples=50)
@given(
    picture=hnp.arrays(
        np.uint8, st.tuples(st.integers(1, 50), st.integers(1, 90)), elements=st.sampled_from([0, 128, 255])
    ),
    digits=st.sampled_from([None, 1, 5]),
    country=st.sampled_from([None, "fr", "us", "jp"]),
)  # fmt: skip
def test_any_small_picture_is_answered(
    shipped: Artifact, picture: NDArray[np.uint8], digits: int | None, country: str | None
) -> None:
    reading = Reader(shipped.classifier).read(picture, kind="strip", digits=digits, country=country, top=4)
    _answered(reading, picture.shape)


@pytest.mark.parametrize("expected", [None, 5])
def test_a_line_of_thousands_of_digits_is_refused(reader: Reader, digits: Digits, expected: int | None) -> None:
    endless = 255 - np.concatenate(list(digits.images[:3_000]), axis=1)  # 28 by 84,000 pixels
    reading = reader.read(endless, kind="strip", digits=expected)
    _answered(reading, endless.shape)
    assert reading.decision == "reject"


def test_a_line_is_sought_only_where_ink_is() -> None:
    """Averaging may remove all of a faint stroke, as of a crease."""
    rows = np.concatenate([np.tile(np.arange(20), 9), np.tile(np.arange(200, 220), 9)])
    columns = np.tile(np.repeat(np.arange(0, 90, 10), 20), 2)
    levels = list(likely_levels(rows, columns, 20.0, [110.0, 210.0, 10.0]))
    assert len(levels) >= 2
    assert all(level.near(rows, columns, 20.0).any() for level in levels)
