"""A part of a piece, cut out upright."""

import numpy as np
import pytest
from PIL import Image

from model.envelopes.cutting import Frame, cut_ink, marks_within
from model.envelopes.finding import find_marks
from model.envelopes.lines import Segment, find_segments
from model.envelopes.marks import Marks
from model.envelopes.piece import Piece
from model.types import Array
from tests.model.envelopes.drawn import by_pen, on_paper, put

_DEGREES = 25.0
_SIZE = 360, 420
_ABOVE, _CODE = "4444", "75011"


def _turned(points: Array, *, back: bool = False) -> Array:
    """Return `points` (N, 2) of the upright page where they lie in the picture of it turned, or `back`."""
    angle = np.radians(_DEGREES if not back else -_DEGREES)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middles = np.array(_SIZE[::-1]) / 2, np.array(_lain()[0].shape[::-1]) / 2
    before, after = middles[::-1] if back else middles
    return np.asarray((points - before) @ turn.T + after)


def _lain() -> tuple[np.ndarray, np.ndarray]:
    """Return a picture of two lines of digits that lie by 25 degrees, and the upright ink of the lower one."""
    page, code = np.zeros(_SIZE, np.float32), np.zeros(_SIZE, np.float32)
    put(page, by_pen(_ABOVE, 30), 120, 130)
    put(code, by_pen(_CODE, 30), 120, 175)
    image = Image.fromarray(on_paper(np.maximum(page, code)))
    return np.asarray(image.rotate(-_DEGREES, Image.Resampling.BICUBIC, expand=True, fillcolor=235)), code


@pytest.fixture(scope="module")
def marks() -> Marks:
    picture, _ = _lain()
    height, width = picture.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    return find_marks(picture, Piece(corners, whole=True))[0]


@pytest.fixture(scope="module")
def segment(marks: Marks) -> Segment:
    """The lower line."""
    return max(find_segments(marks, marks.boxes(_DEGREES)), key=lambda each: each.box[2])


def _frame(segment: Segment, step: float = 1.0) -> Frame:
    return Frame.around(segment.box, _DEGREES, segment.slope, step, 0.35 * segment.height)


def test_a_tilted_line_is_cut_out_upright_without_the_line_above_it(marks: Marks, segment: Segment) -> None:
    frame = _frame(segment)
    ink = cut_ink(marks, frame, segment.members)
    rows, columns = np.mgrid[: frame.rows, : frame.columns] + 0.5
    upright = _turned(frame.to_marks(np.stack([columns.ravel(), rows.ravel()], axis=1)), back=True).astype(int)
    expected = _lain()[1][upright[:, 1], upright[:, 0]].reshape(ink.shape)
    assert ink.shape == (frame.rows, frame.columns)
    assert ink.max() == 1
    assert ink.sum() == pytest.approx(expected.sum(), rel=0.15)
    assert np.corrcoef(ink.ravel(), expected.ravel())[0, 1] > 0.9


def test_a_finer_frame_shows_the_same_place(marks: Marks, segment: Segment) -> None:
    coarse, fine = _frame(segment, 1.0), _frame(segment, 0.5)
    np.testing.assert_allclose(coarse.to_marks(np.array([(10, 6)])), fine.to_marks(np.array([(20, 12)])), atol=1)
    inks = [cut_ink(marks, each, segment.members).sum() * each.step**2 for each in (coarse, fine)]
    assert inks[0] == pytest.approx(inks[1], rel=0.1)


def test_a_part_of_a_frame_lies_where_its_columns_do(segment: Segment) -> None:
    frame = _frame(segment)
    part = frame.part(30, 70, 0.5)
    assert (part.rows, part.columns) == (2 * frame.rows, 80)
    np.testing.assert_allclose(part.to_marks(np.array([(80, 0)])), frame.to_marks(np.array([(70, 0)])))


def test_upside_down_a_frame_begins_at_the_other_end(segment: Segment) -> None:
    frame = _frame(segment)
    over = frame.upside_down()
    points = np.array([(0, 0), (10, 3)])
    np.testing.assert_allclose(over.to_marks(points), frame.to_marks((frame.columns, frame.rows) - points))
    np.testing.assert_allclose(over.upside_down().to_marks(points), frame.to_marks(points))


def test_the_places_of_a_frame_are_those_that_its_points_lead_to(segment: Segment) -> None:
    frame = _frame(segment, 0.7)
    x, y = frame.places()
    np.testing.assert_allclose(frame.to_marks(np.array([(12.5, 4.5)]))[0], (x[4, 12], y[4, 12]), atol=1e-3)


def test_marks_within_are_those_of_which_half_lies_there_or_in_which_a_digit_was_seen(
    marks: Marks, segment: Segment
) -> None:
    frame = _frame(segment)
    edge = segment.box[0] - 0.35 * segment.height
    boxes = marks.boxes(_DEGREES)[segment.members]
    right = boxes[3, 0] + 0.3 * (boxes[3, 1] - boxes[3, 0]) - edge
    seen = boxes[3, :2].mean() - edge
    assert set(marks_within(marks, frame, 0, right, ())) == set(segment.members[:3])
    assert set(marks_within(marks, frame, 0, right, (seen,))) == set(segment.members[:4])
