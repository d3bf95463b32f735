"""Where a run of digits stands among the lines around it."""

import numpy as np
import pytest

from model.envelopes.layout import Layout, Place, upright_share
from model.envelopes.piece import Piece
from model.types import Array

Quad = tuple[float, float, float, float]
_CODE: Quad = (100, 200, 200, 220)  # u0, u1, v0, v1
_MIDDLE = np.array([0.5, 0.5])


def _place(*lines: Quad, height: float = 20, turned: bool = False) -> Place:
    return _layout(*[(each, 20.0) for each in (_CODE, *lines)]).place(_CODE, height, _MIDDLE, 0.0, turned=turned)


def _layout(*lines: tuple[Quad, float]) -> Layout:
    """Return the layout of lines with these boxes and heights, of ten marks each."""
    boxes, heights = np.array([box for box, _ in lines], np.float64), np.array([height for _, height in lines])
    return Layout(boxes, heights, np.full(len(lines), 10))


def _row(number: int, left: float = 100, right: float = 300) -> Quad:
    """Return the box of a line so many lines below the code."""
    return left, right, 200 + 35.0 * number, 220 + 35.0 * number


def test_the_lines_of_the_block_above_and_below_are_counted() -> None:
    place = _place(_row(-1), _row(-2), _row(1), _row(9), _row(-1, 2_000, 2_200))
    assert (place.above, place.below) == (2, 1)
    assert not place.before
    assert not place.after


def test_two_words_on_a_line_are_one_line() -> None:
    assert _place(_row(-1, 100, 190), _row(-1, 210, 300)).above == 1


def test_words_beside_the_code_are_seen_where_they_are_near() -> None:
    after, before, far = (215, 330, 200, 220), (10, 85, 198, 221), (600, 700, 200, 220)
    assert (_place(after).after, _place(after).before) == (True, False)
    assert (_place(before).after, _place(before).before) == (False, True)
    assert (_place(far).after, _place(far).before) == (False, False)
    assert not _place((215, 225, 200, 220)).after, "a single mark is no word"


def test_a_line_that_goes_on_beyond_the_code_is_a_word_beside_it() -> None:
    place = _layout(((100, 400, 200, 220), 20.0)).place(_CODE, 20, _MIDDLE, 0.0, turned=False)
    assert (place.before, place.after) == (False, True)


def test_upside_down_everything_is_on_the_other_side() -> None:
    lines = _row(-1), _row(-2), (215, 330, 200, 220)
    place = _place(*lines, turned=True)
    assert (place.above, place.below) == (0, 2)
    assert (place.before, place.after) == (True, False)


def test_writing_of_quite_another_height_is_no_line_of_the_block() -> None:
    lines = _layout((_CODE, 20.0), ((100, 300, 140, 190), 60.0))
    assert lines.place(_CODE, 20, _MIDDLE, 0.0, turned=False).above == 0


def test_tall_compares_with_the_larger_writing_on_the_piece() -> None:
    assert _place(_row(-1), _row(-2), height=30).tall == pytest.approx(1.5)
    lines = _layout((_CODE, 20.0), (_row(-1), 20.0), ((100, 300, 90, 130), 40.0))
    assert lines.place(_CODE, 20, _MIDDLE, 0.0, turned=False).tall == pytest.approx(0.5)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("askew", [-8, 0, 8])
def test_shares_are_those_of_the_piece_once_it_is_upright(degrees: float, askew: float) -> None:
    """A piece as one reads it, with its code at 30 % of the width and 80 % of the height, lies by `degrees`."""
    angle = np.radians(degrees + askew)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    size = np.array([300, 160])

    def lain(shares: Array) -> Array:
        return np.asarray(((shares - 0.5) * size) @ turn.T + 400)

    corners = lain(np.array([(0, 0), (1, 0), (1, 1), (0, 1)]))
    # `find_piece` begins with the long side that leads right, or down.
    first = max(range(0, 4, 2), key=lambda k: (corners[(k + 1) % 4] - corners[k]) @ (1, 0.5))
    piece = Piece(np.roll(corners, -first, axis=0), whole=False)
    found = upright_share(piece, lain(np.array([[0.3, 0.8]]))[0], degrees + askew)
    np.testing.assert_allclose(found, [0.3, 0.8], atol=1e-6)


def test_the_share_on_an_upright_standing_piece_follows_the_writing() -> None:
    standing = Piece(np.array([(100, 0), (100, 300), (0, 300), (0, 0)], np.float64), whole=False)
    np.testing.assert_allclose(upright_share(standing, np.array([80.0, 240.0]), 0), [0.8, 0.8])
    np.testing.assert_allclose(upright_share(standing, np.array([80.0, 240.0]), 180), [0.2, 0.2])
