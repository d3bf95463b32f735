"""One digit from a picture: all of its parts, and none of its neighbours'."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.picture.components import Piece
from model.picture.ink import Ink
from model.picture.one_digit import find_digit
from model.training.mnist import Digits


def _ink(height: int, width: int, *blocks: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Return an ink map with `blocks` (top, bottom, left, right) written."""
    strength = np.zeros((height, width), dtype=np.float32)
    for top, bottom, left, right in blocks:
        strength[top:bottom, left:right] = 1
    return strength


def _piece(strength: NDArray[np.float32]) -> Piece:
    digit = find_digit(Ink(strength, 1), strength)
    assert digit is not None
    return digit.piece


def test_no_ink_has_no_digit() -> None:
    blank = np.zeros((20, 20), np.float32)
    assert find_digit(Ink(blank, 1), blank) is None


def test_one_digit_takes_all_its_parts_and_no_neighbour_that_the_edge_cuts() -> None:
    parts = [(20, 50, 30, 36), (20, 26, 38, 50), (38, 44, 40, 46)]
    piece = _piece(_ink(70, 80, *parts, (15, 45, 0, 6), (68, 70, 0, 80), (2, 3, 60, 61)))
    assert (piece.top, piece.left, *piece.ink.shape) == (20, 30, 30, 20)
    assert piece.ink.sum() == 30 * 6 + 6 * 12 + 6 * 6


def test_a_broken_digit_that_fills_its_crop_keeps_what_the_edge_touches() -> None:
    five = _ink(40, 24, (0, 5, 4, 24), (8, 40, 0, 20))
    piece = _piece(five)
    assert piece.ink.sum() == five.sum()


def test_a_digits_faint_strokes_are_its_own_and_a_neighbours_are_not() -> None:
    strength = _ink(60, 90, (10, 50, 40, 46), (10, 50, 0, 6))
    strength[28:32, 46:60] = 0.08
    strength[28:32, 6:20] = 0.08
    piece = _piece(strength)
    assert (piece.left, *piece.ink.shape) == (40, 40, 20)


FIVE = ((20, 60, 40, 48), (20, 28, 50, 66))  # a body, and a bar that does not touch it


def test_a_neighbour_that_the_edge_cuts_and_the_line_of_a_box_are_left_out() -> None:
    piece = _piece(_ink(80, 100, *FIVE, (22, 60, 0, 10), (75, 77, 0, 100)))
    assert (piece.left, *piece.ink.shape) == (40, 40, 26)


def test_of_two_digits_side_by_side_one_is_the_others_rival() -> None:
    strength = _ink(60, 100, (10, 50, 20, 40), (10, 50, 60, 80))
    digit = find_digit(Ink(strength, 1), strength)
    assert digit is not None
    assert digit.piece.ink.shape == (40, 20)
    assert [rival.ink.shape for rival in digit.rivals] == [(40, 20)]


def test_a_mark_at_a_distance_is_neither_a_part_nor_a_rival() -> None:
    strength = _ink(80, 120, *FIVE, (64, 72, 95, 103))
    digit = find_digit(Ink(strength, 1), strength)
    assert digit is not None
    assert (digit.piece.left, *digit.piece.ink.shape) == (40, 40, 26)
    assert not digit.rivals


def test_a_punch_hole_does_not_lead() -> None:
    y, x = np.mgrid[:80, :120]
    disc = ((y - 40) ** 2 + (x - 85) ** 2 < 22**2).astype(np.float32)
    piece = _piece(
        np.maximum(disc, _ink(80, 120, *((top, bottom, left - 30, right - 30) for top, bottom, left, right in FIVE)))
    )
    assert (piece.left, *piece.ink.shape) == (10, 40, 26)


def test_of_very_many_parts_the_leading_one_is_never_lost() -> None:
    bars = [(10, 70, left, left + 4) for left in range(10, 290, 8)]
    assert _piece(_ink(80, 300, *bars)).ink.any()


def test_digits_that_fill_a_picture_of_16_pixels_keep_their_bars_and_stems(digits: Digits) -> None:
    lost = 0
    for image in digits.images[:200]:
        rows, columns = np.flatnonzero(image.max(axis=1) > 60), np.flatnonzero(image.max(axis=0) > 60)
        tight = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        strength = np.asarray(tight.resize((16, 16), Image.Resampling.BOX), np.float32) / np.float32(255)
        lost += _piece(strength).ink.sum() < 0.9 * strength.sum()
    assert lost <= 4
