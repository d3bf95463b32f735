"""Marks, looked at by any angle and at any place."""

import numpy as np
import pytest

from model.envelopes.finding import find_marks
from model.envelopes.marks import Marks
from model.envelopes.piece import Piece


@pytest.fixture
def marks() -> Marks:
    """A bar of 40 x 10 pixels at (30, 20), and a square of 12 at (100, 60), in the right part of a picture."""
    picture = np.full((100, 350), 235, np.uint8)
    picture[20:30, 230:270] = 40
    picture[60:72, 300:312] = 40
    corners = np.array([(200, 0), (350, 0), (350, 100), (200, 100)], np.float64)
    (found,) = find_marks(picture, Piece(corners, whole=False))
    return found


def test_boxes_are_measured_along_the_writing(marks: Marks) -> None:
    np.testing.assert_allclose(marks.boxes(0), [(29.5, 69.5, 19.5, 29.5), (99.5, 111.5, 59.5, 71.5)])
    # Writing that runs downwards: u is y, and v is -x.
    np.testing.assert_allclose(marks.boxes(90), [(19.5, 29.5, -69.5, -29.5), (59.5, 71.5, -111.5, -99.5)])
    diagonal = marks.boxes(45)[1]
    np.testing.assert_allclose(diagonal[1::2] - diagonal[::2], 12 * np.sqrt(2), atol=0.1)


def test_areas_count_each_marks_own_pixels(marks: Marks) -> None:
    assert marks.areas.tolist() == [400, 144]
    assert len(marks) == 2


def test_places_say_which_mark_lies_there_or_close_by(marks: Marks) -> None:
    x, y = np.array([50.5, 105.5, 28.9, 26.5, 500], np.float32), np.array([25.5, 65.5, 25.5, 25.5, 500], np.float32)
    assert marks.labels_at(x, y).tolist() == [1, 2, 0, 0, 0]
    assert marks.labels_at(x + np.float32(0.3), y).tolist() == [1, 2, 1, 0, 0]


def test_grey_and_paper_are_those_of_the_place(marks: Marks) -> None:
    x, y = np.array([50, 80, 30], np.float32), np.array([25, 25, 25], np.float32)
    np.testing.assert_allclose(marks.grey_at(x, y), [40, 235, (40 + 235) / 2], atol=0.5)
    np.testing.assert_allclose(marks.paper_at(x, y), 235, atol=0.5)


def test_places_lead_to_the_picture(marks: Marks) -> None:
    assert marks.to_picture(np.array([(30, 20), (0, 0)])).tolist() == [[230, 20], [200, 0]]


def test_fine_grey_comes_from_the_pictures_own_pixels() -> None:
    large = np.full((2_600, 2_600), 235, np.uint8)
    large[1_200:1_236, 1_200:1_400] = 80
    large[1_200:1_236:3, 1_200:1_400] = 20
    whole = np.array([(0, 0), (2_600, 0), (2_600, 2_600), (0, 2_600)], np.float64)
    (marks,) = find_marks(large, Piece(whole, whole=True))
    assert marks.factor == 3
    x, y = np.full(3, 1_300 / 3, np.float32), np.array([1_215.5, 1_216.5, 1_217.5], np.float32) / np.float32(3)
    fine, coarse = marks.grey_at(x, y, fine=True), marks.grey_at(x, y)
    np.testing.assert_allclose(fine.tolist(), [20, 80, 80], atol=1)
    np.testing.assert_allclose(coarse.tolist(), [60] * 3, atol=1)
