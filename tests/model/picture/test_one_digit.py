"""One digit from a picture: all of its parts, and none of its neighbours'."""

import numpy as np
from numpy.typing import NDArray

from model.picture.one_digit import find_digit


def _ink(height: int, width: int, *blocks: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Return an ink map with `blocks` (top, bottom, left, right) written."""
    strength = np.zeros((height, width), dtype=np.float32)
    for top, bottom, left, right in blocks:
        strength[top:bottom, left:right] = 1
    return strength


def test_no_ink_has_no_digit() -> None:
    assert find_digit(np.zeros((20, 20), dtype=np.float32)) is None


def test_one_digit_takes_all_its_parts_and_no_neighbour_that_the_edge_cuts() -> None:
    parts = [(20, 50, 30, 36), (20, 26, 38, 50), (38, 44, 40, 46)]
    piece = find_digit(_ink(70, 80, *parts, (15, 45, 0, 6), (68, 70, 0, 80), (2, 3, 60, 61)))
    assert piece is not None
    assert (piece.top, piece.left, *piece.ink.shape) == (20, 30, 30, 20)
    assert piece.ink.sum() == 30 * 6 + 6 * 12 + 6 * 6


def test_a_broken_digit_that_fills_its_crop_keeps_what_the_edge_touches() -> None:
    five = _ink(40, 24, (0, 5, 4, 24), (8, 40, 0, 20))
    piece = find_digit(five)
    assert piece is not None
    assert piece.ink.sum() == five.sum()


def test_a_digits_faint_strokes_are_its_own_and_a_neighbours_are_not() -> None:
    strength = _ink(60, 90, (10, 50, 40, 46), (10, 50, 0, 6))
    strength[28:32, 46:60] = 0.03
    strength[28:32, 6:20] = 0.03
    piece = find_digit(strength)
    assert piece is not None
    assert (piece.left, *piece.ink.shape) == (40, 40, 20)


FIVE = ((20, 60, 40, 48), (20, 28, 50, 66))  # a body, and a bar that does not touch it


def test_a_neighbour_that_the_edge_cuts_and_the_line_of_a_box_are_left_out() -> None:
    piece = find_digit(_ink(80, 100, *FIVE, (22, 60, 0, 10), (75, 77, 0, 100)))
    assert piece is not None
    assert (piece.left, *piece.ink.shape) == (40, 40, 26)


def test_two_digits_side_by_side_are_both_kept() -> None:
    piece = find_digit(_ink(60, 100, (10, 50, 20, 40), (10, 50, 60, 80)))
    assert piece is not None
    assert piece.ink.shape == (40, 60)
