"""Pictures made from digits: what a form adds, the reader removes again."""

import numpy as np
import pytest

from model.artifact import Artifact
from model.reader import Reader
from model.training.mnist import Digits
from synthesis.non_digits import kinds
from synthesis.pages import PAPER, off_centre, ruled


@pytest.mark.parametrize("touching", [False, True])
def test_the_lines_of_a_box_only_add_ink(digits: Digits, touching: bool) -> None:
    random = np.random.default_rng(0)
    for digit in digits.images[:100]:
        lined, plain = ruled(digit, random, touching=touching)
        assert lined.shape == plain.shape
        assert min(plain.shape) >= 16
        assert (lined.astype(int) - plain.astype(int)).max() <= 20  # noise of 2 in each
        assert lined.mean() < plain.mean() - 1


@pytest.mark.long
@pytest.mark.parametrize(("touching", "loss"), [(False, 0.006), (True, 0.03)])
def test_digits_in_boxes_are_read_nearly_as_well_as_those_without(
    digits: Digits, shipped: Artifact, touching: bool, loss: float
) -> None:
    reader, random = Reader(shipped.classifier), np.random.default_rng(0)
    right = np.zeros(2)
    for digit, label in zip(digits.images[:1000], digits.labels[:1000], strict=True):
        right += [
            reader.read(page, kind="digit").text == str(label) for page in ruled(digit, random, touching=touching)
        ]
    assert right[0] >= right[1] - loss * 1000
    assert right[1] > 980


def test_every_kind_of_non_digit_is_a_grey_picture_on_paper(digits: Digits) -> None:
    random = np.random.default_rng(0)
    for name, (_, make) in kinds(digits.images).items():
        for _ in range(5):
            page = make(random)
            assert page.dtype == np.uint8, name
            assert page.ndim == 2, name
            assert page.shape >= (28, 28)


def test_a_page_shows_its_digit_once_on_paper(digits: Digits) -> None:
    random = np.random.default_rng(0)
    for digit in digits.images[:50]:
        page = off_centre(digit, random)
        assert page.shape == (112, 112)
        assert abs(float(np.median(page)) - PAPER) < 3
        assert (page < 150).any()
