"""The reader: a picture of a digit or of a code becomes its text, with a decision that follows the contract."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from model.artifact import Artifact
from model.reader import Kind, Options, PendingDigit, Reader
from model.reading import Reading
from model.strips import sliding
from model.strips.band import Band
from model.strips.sliding import SlidingNetwork
from model.types import Images, Probabilities
from tests.real_digits import real_digits

MNIST: NDArray[np.uint8] = real_digits().images
LABELS = real_digits().labels


def _scaled(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(pictures / 255, dtype=np.float32)


class NearestNeighbour:
    """A classifier that needs no training: each class's chance falls with the distance to its nearest example."""

    kind: ClassVar[str] = "nearest neighbour of a class"

    def __init__(self, examples: NDArray[np.float32], labels: NDArray[np.integer]) -> None:
        self.by_class = [examples[labels == digit].reshape(-1, 784) for digit in range(10)]

    def probabilities(self, images: Images) -> Probabilities:
        flat = images.reshape(-1, 784)
        squares = (flat**2).sum(axis=1, keepdims=True)
        nearest = [(squares - 2 * flat @ of.T + (of**2).sum(axis=1)).min(axis=1) for of in self.by_class]
        scores = -np.stack(nearest, axis=1) / 2  # a distance of two pixels of ink is a factor of e
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True), dtype=np.float32)

    def to_arrays(self) -> dict[str, Any]:
        return {str(digit): examples for digit, examples in enumerate(self.by_class)}

    def description(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Any], description: dict[str, Any]) -> Self:  # noqa: ARG003  # has nothing
        labels = np.concatenate([np.full(len(arrays[str(digit)]), digit) for digit in range(10)])
        return cls(np.concatenate([arrays[str(digit)] for digit in range(10)]), labels)


READER = Reader(NearestNeighbour(_scaled(MNIST[::2]), LABELS[::2]))
# Digits that are not among the classifier's examples and that it reads correctly and surely as they are: if they are
# misread in a picture, it is the reader's fault.
_odd = READER.classifier.probabilities(_scaled(MNIST[1::2]))
SURE = np.flatnonzero((_odd.argmax(axis=1) == LABELS[1::2]) & (_odd.max(axis=1) > 0.99)) * 2 + 1


def _on_paper(ink: NDArray[np.float32], seed: int) -> NDArray[np.uint8]:
    """Return `ink` (H, W) in [0, 1] as dark writing on light paper, under uneven light, with a camera's noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    light = rng.uniform(200, 240) + 12 * (rng.uniform(-1, 1) * x + rng.uniform(-1, 1) * y)
    picture = light * (1 - ink) + 50 * ink + rng.normal(0, 3, ink.shape)
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)


def _cropped(k: int, factor: int = 1) -> NDArray[np.float32]:
    digit = _scaled(MNIST[k])
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    digit = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.kron(digit, np.ones((factor, factor), dtype=np.float32))


def _posted(k: int, seed: int) -> NDArray[np.uint8]:
    """Return digit `k` off-centre on 112 x 112 pixels of paper."""
    rng = np.random.default_rng(seed)
    digit = _cropped(k, factor=int(rng.integers(1, 4)))
    canvas = np.zeros((112, 112), dtype=np.float32)
    top, left = rng.integers(2, 110 - digit.shape[0]), rng.integers(2, 110 - digit.shape[1])
    canvas[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return _on_paper(canvas, seed)


def _strip(ks: NDArray[np.int64], seed: int) -> NDArray[np.uint8]:
    """Return the digits `ks` side by side, well apart, on a strip of paper."""
    rng = np.random.default_rng(seed)
    canvas = np.zeros((64, 20 + 56 * len(ks)), dtype=np.float32)
    left = 8
    for k in ks:
        digit = _cropped(int(k), factor=2)
        top = int(rng.integers(4, 20))
        canvas[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
        left += digit.shape[1] + int(rng.integers(8, 16))
    return _on_paper(canvas, seed)


def test_an_mnist_image_gives_the_probabilities_that_the_classifier_gives_it() -> None:
    expected = READER.classifier.probabilities(_scaled(MNIST[1:200:2]))
    np.testing.assert_allclose(READER.digits_probabilities(MNIST[1:200:2]), expected, atol=1e-5)
    for picture, row in zip(MNIST[1:41:2], expected, strict=False):
        reading = READER.read(picture)
        assert reading.kind == "digit"
        np.testing.assert_allclose(reading.digits[0].probabilities, row, atol=1e-5)


def test_a_faint_speck_in_a_corner_changes_no_reading() -> None:
    for k in SURE[::50]:
        for corner in ((0, 0), (0, 27), (27, 0), (27, 27)):
            speckled = MNIST[k].copy()
            speckled[corner] = 40
            assert READER.read(speckled).text == str(LABELS[k])


def test_digits_off_centre_on_paper_are_read_as_those_sent_as_they_are() -> None:
    chosen = SURE[::7]
    readings = [READER.read(_posted(k, seed=int(k))) for k in chosen]
    assert all(reading.kind == "digit" for reading in readings)
    right = np.mean([reading.text == str(LABELS[k]) for k, reading in zip(chosen, readings, strict=True)])
    assert right > 0.98


@pytest.mark.parametrize("expected", [5, None])
def test_codes_of_well_separated_digits_are_read_exactly(expected: int | None) -> None:
    rng = np.random.default_rng(4)
    right = counted = 0
    for seed in range(60):
        ks = rng.choice(SURE, 5)
        reading = READER.read(_strip(ks, seed), digits=expected)
        right += reading.text == "".join(str(LABELS[k]) for k in ks)
        counted += len(reading.digits) == 5
        assert reading.kind == "strip"
    assert counted >= (60 if expected else 59)  # a short stroke at the end may be taken for the edge of a form
    assert right >= 57


def test_light_digits_on_dark_and_coloured_ones_are_read_too() -> None:
    for k in SURE[::40]:
        dark_on_light = _posted(k, seed=int(k))
        blue = np.stack([dark_on_light, dark_on_light, np.full_like(dark_on_light, 200)], axis=2)
        for picture in (dark_on_light, 255 - dark_on_light, blue, dark_on_light.astype(np.float32)):
            assert READER.read(picture).text == str(LABELS[k])


def test_boxes_are_in_pixels_of_the_picture_sent() -> None:
    canvas = np.zeros((112, 112), dtype=np.float32)
    digit = _cropped(int(SURE[0]), factor=2)
    height, width = digit.shape
    canvas[30 : 30 + height, 50 : 50 + width] = digit
    for enlarged in (1, 15):  # the second has more pixels than are read one by one
        picture = _on_paper(np.kron(canvas, np.ones((enlarged, enlarged), dtype=np.float32)), seed=1)
        box = READER.read(picture).digits[0].box
        found = np.array([box.x, box.y, box.width, box.height])
        np.testing.assert_allclose(found, enlarged * np.array([50, 30, width, height]), atol=2 * enlarged + 3)


def test_the_boxes_of_a_strip_follow_one_another() -> None:
    boxes = [digit.box for digit in READER.read(_strip(SURE[:5], seed=2)).digits]
    assert all(left.x + left.width <= right.x for left, right in pairwise(boxes))


def _nothing_written(reading: Reading) -> bool:
    return (reading.text, reading.formatted, reading.confidence, reading.digits) == ("", "", 0.0, ())


def test_a_picture_without_ink_is_rejected_with_no_ink() -> None:
    blank = _on_paper(np.zeros((60, 200), dtype=np.float32), seed=3)
    asked_and_found: tuple[tuple[Kind, Kind], ...] = (("auto", "digit"), ("digit", "digit"), ("strip", "strip"))
    for kind, found in asked_and_found:
        reading = READER.read(blank, kind=kind)
        assert _nothing_written(reading)
        assert (reading.kind, reading.decision, reading.reason) == (found, "reject", "no_ink")
    assert READER.prepare(blank).shape == (28, 28)
    assert not READER.prepare(blank).any()


def test_a_count_other_than_the_expected_one_is_rejected_but_read() -> None:
    strip = _strip(SURE[:5], seed=5)
    for options in ({"digits": 4}, {"country": "ch"}, {"digits": 5, "country": "in"}):
        reading = READER.read(strip, max_error=1, **options)
        assert (reading.decision, reading.reason) == ("reject", "wrong_length")
        assert reading.text == "".join(str(label) for label in LABELS[SURE[:5]])
    assert READER.read(strip, digits=5, country="FR", max_error=1).decision == "accept"


def test_a_code_is_written_as_its_country_writes_it() -> None:
    ks = SURE[[0, 300, 600, 900, 1_200, 1_500]]
    text = "".join(str(label) for label in LABELS[ks])
    reading = READER.read(_strip(ks, seed=6), country="in")
    assert (reading.text, reading.formatted) == (text, f"{text[:3]} {text[3:]}")
    assert READER.read(_strip(ks, seed=6)).formatted == text


def test_a_reading_is_accepted_exactly_where_its_chance_of_error_is_small_enough() -> None:
    picture = _posted(SURE[7], seed=7)
    error = 1 - READER.read(picture).confidence
    assert 0 < error < 1
    accepted = READER.read(picture, max_error=error)
    rejected = READER.read(picture, max_error=error / 2)
    assert (accepted.decision, accepted.reason) == ("accept", None)
    assert (rejected.decision, rejected.reason) == ("reject", "low_confidence")
    assert accepted.text == rejected.text == str(LABELS[SURE[7]])


def test_candidates_come_best_first_and_begin_with_the_text() -> None:
    for picture in (_posted(SURE[9], seed=9), _strip(SURE[:4], seed=9)):
        reading = READER.read(picture, top=7)
        chances = [candidate.confidence for candidate in reading.candidates]
        assert len(chances) == 7
        assert chances == sorted(chances, reverse=True)
        assert (reading.candidates[0].text, chances[0]) == (reading.text, reading.confidence)
        if reading.kind == "digit":
            assert reading.confidence == pytest.approx(reading.digits[0].confidence)


def test_a_line_and_a_block_are_not_digits() -> None:
    line, block = np.full((60, 200), 255, dtype=np.uint8), np.full((100, 100), 255, dtype=np.uint8)
    line[28:34, 20:180] = 0
    block[30:70, 30:70] = 0
    for picture in (line, block):
        reading = READER.read(picture, max_error=1)
        assert (reading.decision, reading.reason, len(reading.text)) == ("reject", "not_a_digit", 1)


def test_one_expected_digit_is_read_as_a_digit() -> None:
    reading = READER.read(_strip(SURE[[0, 1_000]], seed=11), digits=1)
    assert (reading.kind, len(reading.digits)) == ("digit", 1)


def test_threads_that_share_a_reader_read_what_one_reads() -> None:
    pictures = [_posted(k, seed=int(k)) for k in SURE[:400:10]]
    alone = [READER.read(picture) for picture in pictures]
    with ThreadPoolExecutor(max_workers=8) as threads:
        assert list(threads.map(READER.read, pictures)) == alone


def test_the_picture_sent_is_left_as_it_was() -> None:
    picture = _strip(SURE[:3], seed=12)
    before = picture.copy()
    READER.read(picture)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (20, 60), (2_000, 700), (28, 28, 3), (2, 3, 3)])
def test_pictures_of_any_size_are_answered(shape: tuple[int, ...]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    for kind in ("auto", "digit", "strip"):
        for picture in (noise, np.zeros_like(noise), np.full_like(noise, 255)):
            reading = READER.read(picture, kind=kind)
            assert (reading.text == "") == (reading.reason == "no_ink")


@settings(deadline=None, max_examples=150)
@given(
    hnp.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 30), st.integers(1, 30)),
            st.tuples(st.integers(1, 30), st.integers(1, 30), st.just(3)),
        ),
    ),
    st.sampled_from(["auto", "digit", "strip"]),
)
def test_any_small_picture_is_answered_by_the_contract(picture: NDArray[np.uint8], kind: Any) -> None:
    reading = READER.read(picture, kind=kind, top=2)
    assert len(reading.text) == len(reading.digits)
    assert 0 <= reading.confidence <= 1
    assert (reading.decision == "accept") == (reading.reason is None)
    for digit in reading.digits:
        box = digit.box
        assert 0 <= box.x < box.x + box.width <= picture.shape[1]
        assert 0 <= box.y < box.y + box.height <= picture.shape[0]
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "word"}, "`kind` must be auto, digit, strip or envelope; got 'word'"),
        ({"digits": 0}, "`digits` must be at least 1; got 0"),
        ({"top": 0}, "`top` must be at least 1; got 0"),
        ({"max_error": 1.5}, "`max_error` must be between 0 and 1; got 1.5"),
        ({"country": "atlantis"}, "`country` must be one of .*; got 'atlantis'"),
    ],
)
def test_options_out_of_range_are_refused_with_their_value(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        READER.read(MNIST[0], **options)


def test_an_array_that_is_not_a_picture_is_refused_with_its_shape() -> None:
    with pytest.raises(ValueError, match=r"got shape \(28, 28, 4\)"):
        READER.read(np.zeros((28, 28, 4), dtype=np.uint8))


class _Counting(SlidingNetwork):
    """A sliding network that counts its looks."""

    looks = 0

    def log_chances(self, band: Band) -> NDArray[np.float64]:
        self.looks += 1
        return super().log_chances(band)


def test_without_a_kind_a_digit_on_a_page_costs_one_look_besides_its_own_reading() -> None:
    networks = [_Counting(network.artifact) for network in sliding.shipped()]
    reader = Reader(READER.classifier, networks)
    read, looks = [], []
    for index in SURE[:60]:
        page = np.full((112, 112), 235, np.uint8)
        page[30:86, 40:96] -= np.kron(MNIST[index], np.ones((2, 2), np.uint8)) // 2
        before = sum(network.looks for network in networks)
        read.append(reader.read(page).kind)
        looks.append(sum(network.looks for network in networks) - before)
    assert read.count("digit") >= 57
    assert looks.count(1) >= 54  # a few digits look like two at first


def test_the_shipped_calibration_counts_with_the_shipped_weights_alone(shipped: Artifact) -> None:
    ours = Reader(shipped.classifier)
    assert ours.calibration.name == "shipped"
    assert Reader(shipped.classifier, sliding.shipped()[:1]).calibration.name == "none"
    assert READER.calibration.name == "none"
    picture = MNIST[SURE[0]]
    for max_error in (0.0, 0.001, 0.005, 0.05, 1.0):
        reading = ours.read(picture, max_error=max_error)
        assert reading.threshold == ours.calibration.threshold("digit", max_error) >= 1 - 10 * max_error
        assert (reading.decision == "accept") == (reading.confidence >= reading.threshold)
        assert READER.read(picture, max_error=max_error).threshold == 1 - max_error


def test_digits_finished_together_are_read_as_they_are_alone() -> None:
    asked = [Options(top=1 + index % 5, max_error=0.01 * (index % 3)) for index in range(40)]
    pictures = [MNIST[index] for index in SURE[:20]] + [255 - MNIST[index] // 2 for index in SURE[20:40]]
    begun = [READER.begin(picture, options) for picture, options in zip(pictures, asked, strict=True)]
    pending = [each for each in begun if isinstance(each, PendingDigit)]
    together = dict(zip(map(id, pending), READER.finish(pending), strict=True))
    for each, picture, options in zip(begun, pictures, asked, strict=True):
        found = each if isinstance(each, Reading) else together[id(each)]
        alone = READER.read(picture, **vars(options))
        assert (found.text, found.decision, found.reason) == (alone.text, alone.decision, alone.reason)
        assert found.confidence == pytest.approx(alone.confidence, abs=1e-5)
    assert len(pending) >= 38
