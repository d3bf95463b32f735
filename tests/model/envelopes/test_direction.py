"""In which direction a piece is written."""

import numpy as np
import pytest
from PIL import Image

from model.envelopes.direction import directions_of
from model.envelopes.finding import find_marks
from model.envelopes.piece import Piece
from model.types import Array
from tests.model.envelopes.drawn import Pixels, by_pen, on_paper, piece


def _rotated(picture: Pixels, degrees: float) -> Pixels:
    """Return `picture` turned clockwise, with paper around it."""
    image = Image.fromarray(picture)
    return np.asarray(image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=235))


def _directions(picture: Pixels, corners: Array | None = None) -> list[float]:
    height, width = picture.shape[:2]
    whole = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    on = Piece(whole if corners is None else corners, whole=corners is None)
    (marks,) = find_marks(picture, Piece(whole, whole=True))
    return directions_of(marks, on)


def _apart(degrees: float, other: float) -> float:
    return abs((degrees - other + 90) % 180 - 90)


@pytest.mark.parametrize("degrees", [0, 17, 63, 90, 121, 168, 200, 290])
def test_the_direction_of_the_lines_is_the_first_one(degrees: float) -> None:
    found = _directions(_rotated(piece(by_pen("75011")).picture, degrees))
    assert _apart(found[0], degrees) < 2
    assert len(found) <= 3
    assert all(0 <= each < 180 for each in found)


def test_a_direction_along_the_pieces_sides_is_asked_first() -> None:
    page = np.zeros((400, 400), np.float32)
    for middle in range(60, 341, 40):  # a grid of dots is written in four directions alike
        page[middle : middle + 8, 60:341:20] = 1
        page[middle : middle + 8, 61:342:20] = 1
    picture = _rotated(on_paper(page), 40)
    side = np.array([np.cos(np.radians(40)), np.sin(np.radians(40))]) * 300
    down = np.array([-side[1], side[0]])
    start = np.array(picture.shape[1::-1]) / 2 - (side + down) / 2
    corners = np.stack([start, start + side, start + side + down, start + down])
    found = _directions(picture, corners)
    assert min(_apart(found[0], 40), _apart(found[0], 130)) < 2


def test_a_single_mark_has_some_direction() -> None:
    page = np.zeros((100, 100), np.float32)
    page[40:50, 30:60] = 1
    assert len(_directions(on_paper(page))) >= 1
