"""What is printed goes and every stroke stays: digits of the project's pen on forms, ruled paper, and with nothing."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from model.picture.edge_lines import without_edge_lines
from model.picture.ink import Ink
from model.types import InkMap
from synthesis.hand import Hand

HEIGHT = 40
COUNT = 12


def without_printed_lines(ink: InkMap) -> InkMap:
    return Ink(ink, 1).unlined


def _page(code: str, seed: int, room: int = 20) -> InkMap:
    """Return `code` in one hand, `HEIGHT` high, with `room` pixels of paper on each side."""
    random = np.random.default_rng(seed)
    return np.pad(Hand.any(random).number(code, HEIGHT, random, gap=0.35), room)


def _lined(page: InkMap, rows: list[int], columns: list[int], ends: tuple[int, int, int, int]) -> InkMap:
    """Return `page` with lines two pixels thick at `rows` and `columns`, between `ends`: top, bottom, left, right."""
    top, bottom, left, right = ends
    lined = page.copy()
    for row in rows:
        lined[row : row + 2, left:right] = np.maximum(lined[row : row + 2, left:right], 0.7)
    for column in columns:
        lined[top:bottom, column : column + 2] = np.maximum(lined[top:bottom, column : column + 2], 0.7)
    return lined


def _share_right(pages: list[InkMap], lined: list[InkMap], most: float = 0.08) -> float:
    """Return the share of `lined` that come back as in `pages`, but for a share `most` of the ink."""
    cleaned = [without_printed_lines(each) for each in lined]
    return float(np.mean([np.abs(a - b).sum() < most * b.sum() for a, b in zip(cleaned, pages, strict=True)]))


@pytest.mark.parametrize("code", ["22", "77", "44", "75", "22222", "7", "2", "4", "11", "1010"])
@pytest.mark.parametrize("room", [0, 2, 20])
def test_strokes_are_left_as_they_are_however_tight_the_picture(code: str, room: int) -> None:
    pages = [_page(code, seed, room) for seed in range(COUNT)]
    assert sum(not np.array_equal(without_printed_lines(page), page) for page in pages) <= 1


@pytest.mark.parametrize("code", ["3", "78", "24680"])
def test_squared_paper_is_taken_away(code: str) -> None:
    pages = [_page(code, seed) for seed in range(COUNT)]
    lined = [
        _lined(
            page, list(range(6, len(page) - 2, 25)), list(range(9, page.shape[1] - 2, 25)), (0, len(page), 0, 10_000)
        )
        for page in pages
    ]
    assert _share_right(pages, lined, most=0.15) >= 0.9  # a little of each line stays where it runs into a stroke


@pytest.mark.parametrize("room", [4, 9])
def test_a_frame_that_stands_off_the_edge_is_taken_away(room: int) -> None:
    pages = [_page(str(seed % 10), seed) for seed in range(20)]
    lined = []
    for page in pages:
        top, bottom, left, right = 20 - room, len(page) - 20 + room, 20 - room - 4, page.shape[1] - 20 + room + 4
        lined.append(_lined(page, [top, bottom - 2], [left, right - 2], (top, bottom, left, right)))
    assert _share_right(pages, lined) >= 0.9


def test_underlines_and_the_boxes_of_a_number_are_taken_away() -> None:
    pages = [_page("50419", seed) for seed in range(COUNT)]
    under = [_lined(page, [len(page) - 15, len(page) - 9], [], (0, 0, 15, page.shape[1] - 15)) for page in pages]
    assert _share_right(pages, under) >= 0.9
    boxed = []
    for page in pages:
        gaps = np.flatnonzero(~(page > 0).any(axis=0))
        sides = [8, *(int(at) for at in gaps[1:-1] if at - 1 in gaps and at - 2 not in gaps), page.shape[1] - 10]
        boxed.append(_lined(page, [11, len(page) - 13], sides, (11, len(page) - 11, 8, page.shape[1] - 8)))
    assert _share_right(pages, boxed) >= 0.8


def test_dashed_lines_are_taken_away() -> None:
    pages = [_page("38", seed) for seed in range(COUNT)]
    lined = []
    for page in pages:
        whole = _lined(page, [10, len(page) - 12], [], (0, 0, 5, page.shape[1] - 5))
        gaps = np.arange(page.shape[1]) % 10 >= 6
        lined.append(np.where(gaps, page, whole))
    assert _share_right(pages, lined) >= 0.9


@pytest.mark.parametrize("without_lines", [without_printed_lines, without_edge_lines])
@settings(deadline=None, max_examples=150)
@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 60), st.integers(1, 60)), elements=st.floats(0, 1, width=16)))
def test_ink_is_only_ever_taken_away_and_the_input_left_unchanged(
    without_lines: Callable[[InkMap], InkMap], ink: InkMap
) -> None:
    before = ink.copy()
    cleaned = without_lines(ink)
    np.testing.assert_array_equal(ink, before)
    assert cleaned.shape == ink.shape
    assert ((cleaned == ink) | (cleaned == 0)).all()
    assert cleaned.any() == ink.any()
