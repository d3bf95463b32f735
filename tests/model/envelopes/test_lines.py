"""Lines of writing among the marks of a piece."""

import numpy as np
import pytest
from PIL import Image

from model.envelopes.finding import find_marks
from model.envelopes.lines import Segment, closeness, find_segments, typical_slope
from model.envelopes.marks import Marks
from model.envelopes.piece import Piece
from tests.model.envelopes.drawn import Ink, by_pen, on_paper, printed, put


def _marks(ink: Ink, degrees: float = 0) -> Marks:
    """Return the marks of `ink` turned clockwise by `degrees`."""
    image = Image.fromarray(on_paper(ink)).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=235)
    picture = np.asarray(image)
    height, width = picture.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    (marks,) = find_marks(picture, Piece(corners, whole=True))
    return marks


def _segments(ink: Ink, degrees: float = 0) -> list[Segment]:
    marks = _marks(ink, degrees)
    return find_segments(marks, marks.boxes(degrees))


def _page(*texts: tuple[str, int, int], height: int = 260, width: int = 460) -> Ink:
    page = np.zeros((height, width), np.float32)
    for text, left, top in texts:
        put(page, printed(text), left, top)
    return page


@pytest.mark.parametrize("degrees", [0, 35, 90, 152, 180, 300])
def test_a_line_is_one_segment_at_any_angle(degrees: float) -> None:
    (segment,) = _segments(_page(("75011 WARNK", 120, 120)), degrees)
    assert len(segment.members) == 10
    assert segment.height == pytest.approx(20, abs=3)
    assert abs(np.degrees(np.arctan(segment.slope))) < 3


def test_a_slightly_wrong_direction_shows_in_the_slope() -> None:
    marks = _marks(_page(("75011 WARNEKTH", 100, 60), ("HAMMERFEST 4711", 100, 140)), 8)
    segments = find_segments(marks, marks.boxes(0))
    assert np.degrees(np.arctan(typical_slope(segments))) == pytest.approx(8, abs=1.5)
    assert typical_slope(find_segments(marks, marks.boxes(8))) == 0
    assert closeness(segments) < closeness(find_segments(marks, marks.boxes(8)))


def test_lines_stay_apart_and_so_do_words_with_a_wide_gap() -> None:
    found = _segments(_page(("WARNEK", 30, 60), ("HAMBURG", 30, 100), ("THETA", 300, 60)))
    assert sorted(len(each.members) for each in found) == [5, 6, 7]
    assert all(each.box[3] - each.box[2] < 30 for each in found)


def test_the_members_of_a_line_go_from_left_to_right() -> None:
    marks = _marks(_page(("75011 WARNEK", 30, 60)))
    boxes = marks.boxes(0)
    (segment,) = find_segments(marks, boxes)
    assert (np.diff(boxes[segment.members, 0]) > 0).all()


def test_frames_around_digits_are_left_out() -> None:
    page = np.zeros((300, 420), np.float32)
    for number in range(5):
        frame = slice(40, 90), slice(30 + 64 * number, 90 + 64 * number)
        page[frame] = 1
        page[frame][3:-3, 3:-3] = 0
        put(page, by_pen(str(number + 2), 32), 42 + 64 * number, 48)
    (segment,) = _segments(page)
    assert len(segment.members) == 5
    assert segment.height < 45


def test_rules_and_marks_of_another_size_belong_to_no_line_of_writing() -> None:
    page = _page(("WARNEK", 30, 60))
    page[56:100, 200:203] = 1  # an upright rule
    page[30:120, 230:330] = 1  # a block
    found = _segments(page)
    assert [len(each.members) for each in found if len(each.members) > 1] == [6]


def test_a_line_of_hundreds_of_marks_is_one_segment() -> None:
    page = np.zeros((120, 3_000), np.float32)
    for left in range(20, 2_960, 16):
        page[20:40, left : left + 8] = 1
    (segment,) = _segments(page)
    assert len(segment.members) == len(range(20, 2_960, 16))


def test_nothing_written_gives_no_segments() -> None:
    page = np.zeros((60, 200), np.float32)
    page[20:23, 20:80] = 1  # a dash: too low for writing
    assert _segments(page) == []
