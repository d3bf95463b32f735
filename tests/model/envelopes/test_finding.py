"""The marks that are found on a piece, and what is left out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.envelopes.finding import find_marks
from model.envelopes.marks import Marks
from model.envelopes.piece import Piece
from model.types import Array, Picture
from tests.model.envelopes.drawn import Pixels, on_paper, printed, put

_LETTERS = "WEKHTAN"


def _whole(picture: Picture) -> Piece:
    height, width = picture.shape[:2]
    return Piece(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64), whole=True)


def _found(picture: Picture) -> list[Marks]:
    return find_marks(picture, _whole(picture))


def _written(left: int = 40, top: int = 60) -> NDArray[np.float32]:
    page = np.zeros((200, 300), np.float32)
    put(page, printed(_LETTERS), left, top)
    return page


def _coloured(ink: NDArray[np.float32], colour: Array) -> Pixels:
    return np.asarray(235 + ink[:, :, None] * (colour - 235.0), np.uint8)


def test_each_letter_is_a_mark_in_its_place() -> None:
    (marks,) = _found(on_paper(_written()))
    assert len(marks) == len(_LETTERS)
    boxes = marks.boxes(0)
    rows, columns = (np.flatnonzero(_written().max(axis=axis) > 0.5) for axis in (1, 0))
    extent = (columns[0], columns[-1] + 1, rows[0], rows[-1] + 1)
    found = (boxes[:, 0].min(), boxes[:, 1].max(), boxes[:, 2].min(), boxes[:, 3].max())
    np.testing.assert_allclose(found, np.array(extent) - 0.5, atol=2)


def test_boxes_printed_in_orange_vanish_around_blue_writing() -> None:
    frames = np.zeros((200, 300), np.float32)
    for left in range(30, 250, 40):
        frames[40:110, left : left + 36] = 1
        frames[43:107, left + 3 : left + 33] = 0
    picture = np.minimum(_coloured(frames, np.array([235, 130, 50])), _coloured(_written(), np.array([30, 40, 130])))
    marks = _found(picture)[0]
    assert len(marks) == len(_LETTERS)
    assert marks.boxes(0)[:, 3].max() < 90


def test_red_writing_is_found_beside_black_writing() -> None:
    red = _coloured(_written(top=130), np.array([228, 40, 50]))
    black, red_ones = _found(np.minimum(_coloured(_written(), np.array([30, 30, 30])), red))
    assert len(black) == len(red_ones) == len(_LETTERS)
    assert black.boxes(0)[:, 3].max() < 120 < red_ones.boxes(0)[:, 2].min()


def test_the_soft_edge_of_a_shadow_is_no_ink() -> None:
    picture = on_paper(_written()).astype(np.float32)
    picture *= np.interp(np.arange(300), [90, 120], [1, 0.5]).astype(np.float32)
    (marks,) = _found(picture)
    assert len(marks) == len(_LETTERS)


def test_ink_on_dark_paper_is_found() -> None:
    dark = 80 - 40 * _written()
    (marks,) = _found(np.asarray(dark, np.uint8))
    assert len(marks) == len(_LETTERS)


def test_what_lies_beside_the_piece_is_left_out() -> None:
    picture = np.concatenate([on_paper(_written()), on_paper(_written(left=20))], axis=1)
    corners = np.array([(0, 0), (300, 0), (300, 200), (0, 200)], np.float64)
    for across in (0, 300):
        marks = find_marks(picture, Piece(corners + np.array([across, 0]), whole=False))[0]
        places = marks.to_picture(np.stack([marks.x, marks.y], axis=1))
        assert len(marks) == len(_LETTERS)
        assert places[:, 0].min() >= across
        assert places[:, 0].max() < across + 300


@pytest.mark.parametrize("shape", [(1, 1), (4, 3_000), (3_000, 1, 3), (60, 80), (60, 80, 3)])
def test_an_empty_or_a_very_thin_picture_has_no_marks(shape: tuple[int, ...]) -> None:
    assert _found(np.full(shape, 200, np.uint8)) == []


def test_marks_of_a_large_picture_lead_back_to_its_pixels() -> None:
    small = on_paper(_written())
    (marks,) = _found(small.repeat(8, axis=0).repeat(8, axis=1))
    assert marks.factor == 2
    (expected,) = _found(small)
    middles = [each.to_picture(each.boxes(0).reshape(-1, 2, 2).mean(axis=2)) for each in (marks, expected)]
    np.testing.assert_allclose((middles[0] + 1) / 8, middles[1] + 0.5, atol=0.5)


def test_only_so_many_marks_are_kept_the_largest() -> None:
    picture = np.full((900, 900), 235, np.uint8)
    for row in range(4, 890, 16):
        for column in range(4, 890, 16):
            size = 5 if row > 300 else 8
            picture[row : row + size, column : column + size] = 30
    (marks,) = _found(picture)
    assert len(marks) == 2_000
    assert np.sum(marks.areas > 36) == 19 * 56
