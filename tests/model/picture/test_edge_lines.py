"""Rules are erased and digits stay: real digits with lines drawn beside and through them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.picture.edge_lines import without_edge_lines
from tests.real_digits import real_digits

Ink = NDArray[np.float32]
MNIST: Ink = np.asarray(real_digits().images / 255, np.float32)


def _page(k: int) -> Ink:
    """Return digit `k` three times its size, in the middle of 100 x 90."""
    page = np.zeros((100, 90), np.float32)
    page[8:92, 3:87] = np.kron(MNIST[k], np.ones((3, 3), np.float32))
    return page


def _with_line(page: Ink, at: float, tilt: float, strength: float) -> Ink:
    """Return `page` with a line two pixels wide through row `at` of its middle."""
    y, x = np.mgrid[: page.shape[0], : page.shape[1]]
    distance = np.abs(y - at - tilt * (x - page.shape[1] / 2))
    lined: Ink = np.maximum(page, strength * np.clip(1.5 - distance, 0, 1)).astype(np.float32)
    return lined


@pytest.mark.parametrize("tilt", [0.0, 0.04, -0.06])
@pytest.mark.parametrize("strength", [0.5, 1.0])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_line_along_any_edge_is_taken_away_and_the_digit_left(tilt: float, strength: float, turns: int) -> None:
    for k in range(0, 5_000, 500):
        page = np.rot90(_page(k), turns)
        lined = _with_line(page, 8.0, tilt, strength)
        assert np.abs(without_edge_lines(lined) - page).sum() < 0.02 * page.sum()


def test_a_line_through_a_digits_foot_leaves_nearly_all_of_the_digit() -> None:
    left = 0
    for k in range(250, 5_000, 250):
        page = _page(k)
        foot = int(np.flatnonzero(page.any(axis=1))[-1])
        lined = _with_line(page, foot - 2.0, 0.02, 0.8)
        cleaned = without_edge_lines(lined)
        left += np.array_equal(cleaned, lined)
        assert np.array_equal(cleaned, lined) or np.abs(cleaned - page).sum() < 0.2 * page.sum()
    assert left <= 1  # of 19: in doubt a line stays


def test_a_whole_box_round_a_digit_is_taken_away() -> None:
    for k in range(0, 5_000, 500):
        page = _page(k)
        boxed = page.copy()
        boxed[[5, 6, 94, 95]] = boxed[:, [2, 3, 86, 87]] = 1
        assert np.abs(without_edge_lines(boxed) - page).sum() < 0.03 * page.sum()


def test_digits_without_lines_are_left_as_they_are() -> None:
    for k in range(0, 5_000, 25):
        page = _page(k)
        assert np.array_equal(without_edge_lines(page), page)


def test_digits_that_fill_their_crop_are_left_as_they_are() -> None:
    changed = 0
    for k in range(0, 5_000, 25):
        page = _page(k)
        rows, columns = np.flatnonzero(page.any(axis=1)), np.flatnonzero(page.any(axis=0))
        crop = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        changed += not np.array_equal(without_edge_lines(crop), crop)
    assert changed <= 1  # of 200


def test_a_large_picture_loses_its_lines_too() -> None:
    page = np.kron(_page(2_600), np.ones((8, 8), np.float32))
    lined = page.copy()
    lined[40:56] = 1
    assert np.abs(without_edge_lines(lined) - page).sum() < 0.02 * page.sum()
