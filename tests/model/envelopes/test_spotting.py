"""Digits as one network sees them in a line, and the runs that may be a code."""

import numpy as np
import pytest

from model.envelopes.cutting import Frame
from model.envelopes.finding import find_marks
from model.envelopes.lines import Segment, find_segments
from model.envelopes.marks import Marks
from model.envelopes.piece import Piece
from model.envelopes.spotting import Looked, Peak, look_at, runs_of
from model.strips import sliding
from model.types import Array
from tests.model.envelopes.drawn import Ink, on_paper, printed, put

_CODE = "75294"
_LEFT = 80


def _page() -> Ink:
    page = np.zeros((200, 400), np.float32)
    put(page, printed(_CODE, 24), _LEFT, 90)
    return page


@pytest.fixture(scope="module")
def looked() -> tuple[Looked, Looked]:
    """The line as it is seen, and upside down."""
    picture = on_paper(_page())
    corners = np.array([(0, 0), (400, 0), (400, 200), (0, 200)], np.float64)
    (marks,) = find_marks(picture, Piece(corners, whole=True))
    (segment,) = find_segments(marks, marks.boxes(0))
    seen = list(look_at(marks, segment, 0.0, sliding.shipped()[-1]))
    first = next(each for each in seen if not each.turned)
    second = next(each for each in seen if each.turned)
    return first, second


def _middles() -> Array:
    """Return x of the middles of the code's digits."""
    inked = np.flatnonzero(np.diff(_page().max(axis=0) > 0.3, prepend=False, append=False))
    return np.asarray(inked.reshape(-1, 2).mean(axis=1))


def test_a_printed_code_is_seen_with_each_digit_in_its_place(looked: tuple[Looked, Looked]) -> None:
    upright, _ = looked
    assert not upright.turned
    assert "".join(str(peak.digit) for peak in upright.peaks) == _CODE
    columns = np.array([peak.column for peak in upright.peaks])
    places = upright.frame.to_marks(np.stack([columns, np.full(len(columns), upright.frame.rows / 2)], axis=1))
    np.testing.assert_allclose(places[:, 0], _middles(), atol=4)
    np.testing.assert_allclose(places[:, 1], 90 + 12, atol=5)


def test_upside_down_the_columns_lead_to_the_same_line(looked: tuple[Looked, Looked]) -> None:
    _, over = looked
    assert over.turned
    assert over.peaks
    columns = np.array([peak.column for peak in over.peaks])
    assert (np.diff(columns) > 0).all()
    places = over.frame.to_marks(np.stack([columns, np.full(len(columns), over.frame.rows / 2)], axis=1))
    assert (np.diff(places[:, 0]) < 0).all()
    assert np.abs(places[:, :1] - _middles()).min(axis=1).max() < 8


def test_the_middle_of_a_run_lies_in_the_middle_of_its_digits(looked: tuple[Looked, Looked]) -> None:
    (run,) = runs_of(looked[0], {5})
    np.testing.assert_allclose(run.middle, [(_middles()[0] + _middles()[-1]) / 2, 102], atol=4)
    assert run.text == _CODE
    assert run.score <= 0
    assert run.pitch * looked[0].frame.step == pytest.approx(float(np.median(np.diff(_middles()))), abs=2)


def _seen(text: str, columns: list[float], chances: list[float] | None = None) -> Looked:
    frame = Frame(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]), 1.0, 40, 400)
    segment = Segment(np.arange(len(text)), (0, 400, 0, 40), 30, 0, 0, ruled=False)
    seen = zip(text, chances or [0.9] * len(text), columns, strict=True)
    peaks = tuple(Peak(int(digit), chance, column) for digit, chance, column in seen)
    return Looked(segment, frame, 30, peaks, turned=False)


def test_runs_have_as_many_digits_as_a_code_and_know_the_gaps_beside_them() -> None:
    looked = _seen("1275011", [0, 20, 100, 120, 140, 160, 180])
    runs = {run.text: run for run in runs_of(looked, {5})}
    assert set(runs) == {"12750", "27501", "75011"}
    best = runs["75011"]
    assert (best.pitch, best.uneven, best.before, best.after) == (20, 0, 4, np.inf)
    assert runs["27501"].uneven == 3
    assert runs["12750"].after == 1
    assert best.overlaps(runs["12750"])


def test_a_zip_code_with_four_more_digits_is_a_run_and_so_is_its_beginning() -> None:
    looked = _seen("123456789", [20.0 * number for number in range(9)])
    runs = [run.text for run in runs_of(looked, {5, 9})]
    assert sorted(runs, key=len)[-1] == "123456789"
    assert "12345" in runs
    assert len(runs) == 6


def test_the_least_sure_digit_is_known() -> None:
    (run,) = runs_of(_seen("7501", [0, 20, 40, 60], [0.9, 0.5, 0.0, 0.9]), {4})
    assert run.least == pytest.approx(1e-4)
    assert run.score == pytest.approx(np.mean(np.log([0.9, 0.5, 1e-4, 0.9])))


def test_too_few_digits_are_no_run() -> None:
    assert not list(runs_of(_seen("75", [0, 20]), {4, 5, 9}))
    assert not list(runs_of(_seen("", []), {1, 5}))
    assert [run.text for run in runs_of(_seen("75", [0, 20]), {1})] == ["7", "5"]


def test_a_blot_shows_no_digits() -> None:
    page = np.zeros((200, 400), np.float32)
    page[90:95, 60:300] = 1
    page[85:100, 60:66] = 1
    corners = np.array([(0, 0), (400, 0), (400, 200), (0, 200)], np.float64)
    for marks in find_marks(on_paper(page), Piece(corners, whole=True)):
        assert isinstance(marks, Marks)
        for segment in find_segments(marks, marks.boxes(0)):
            assert not [
                run for looked in look_at(marks, segment, 0, sliding.shipped()[-1]) for run in runs_of(looked, {5})
            ]
