"""A form printed in a colour of its own is taken away, and no pen's ink ever is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.picture.inks import inks_apart

PAPER, ORANGE, BLUE, BLACK, RED = (240, 238, 235), (240, 140, 60), (40, 60, 160), (25, 25, 28), (200, 40, 50)
Colour = tuple[int, int, int]


def _form(pen: Colour, boxes: Colour | None) -> NDArray[np.uint8]:
    """Return two upright strokes of a pen, each in a box."""
    picture = np.full((60, 110, 3), PAPER, np.uint8)
    for left in (10, 60):
        if boxes is not None:
            picture[8:52, left : left + 40] = boxes
            picture[10:50, left + 2 : left + 38] = PAPER
        picture[16:46, left + 18 : left + 22] = pen
    return picture


@pytest.mark.parametrize(("pen", "boxes"), [(BLACK, ORANGE), (BLUE, ORANGE), (BLUE, RED), (RED, BLUE), (BLACK, BLUE)])
def test_boxes_of_another_colour_go_and_the_pen_stays(pen: Colour, boxes: Colour) -> None:
    found = inks_apart(_form(pen, boxes))
    assert found is not None
    assert found.factor == 1
    assert found.pen[16:46, 28:32].max() < 40
    assert found.pen[8:52, 10:12].min() > 200
    assert found.form[16:46, 28:32].min() > 200
    assert found.form[8:52, 10:12].max() < 40


@pytest.mark.parametrize("pen", [BLACK, BLUE, ORANGE, RED])
def test_one_ink_is_left_as_it_is(pen: Colour) -> None:
    assert inks_apart(_form(pen, None)) is None
    assert inks_apart(_form(pen, pen)) is None


def test_a_grey_form_that_a_coloured_pen_fills_is_the_form() -> None:
    picture = _form(BLUE, BLACK)
    for left in (10, 60):
        for column in (left + 3, left + 33):
            picture[11:49, column : column + 4] = BLUE
    found = inks_apart(picture)
    assert found is not None
    assert found.pen[16:46, 28:32].max() < 40


def test_a_word_in_another_colour_beside_the_writing_is_no_form() -> None:
    picture = np.concatenate([_form(BLACK, None), _form(RED, None)], axis=1)
    assert inks_apart(picture) is None


def test_of_a_large_picture_every_nth_pixel_is_looked_at() -> None:
    found = inks_apart(np.kron(_form(BLACK, ORANGE), np.ones((15, 15, 1), np.uint8)))
    assert found is not None
    assert found.factor == 2
    assert found.pen.shape == (450, 825)
