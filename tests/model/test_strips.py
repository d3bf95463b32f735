"""A strip of separate digits falls into its digits, is read as a code, and is written as its country writes it."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.strips.candidates import best_readings
from model.strips.pieces import find_digits
from model.strips.postal import FORMATS


def _ink(height: int, width: int, *blocks: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Return an ink map with `blocks` (top, bottom, left, right) written."""
    strength = np.zeros((height, width), dtype=np.float32)
    for top, bottom, left, right in blocks:
        strength[top:bottom, left:right] = 1
    return strength


ONE, TWO = (10, 40, 10, 16), (12, 42, 30, 45)


def test_digits_are_found_from_left_to_right_with_their_places() -> None:
    pieces = find_digits(_ink(60, 80, TWO, ONE, (8, 38, 60, 70)))
    assert [(piece.top, piece.left, *piece.ink.shape) for piece in pieces] == [
        (10, 10, 30, 6),
        (12, 30, 30, 15),
        (8, 60, 30, 10),
    ]


def test_a_bar_that_stands_over_its_digit_belongs_to_it() -> None:
    pieces = find_digits(_ink(60, 80, ONE, TWO, (5, 9, 34, 50)))
    assert [piece.left for piece in pieces] == [10, 30]
    assert pieces[1].top == 5
    assert pieces[1].ink[4:7].sum() == 0  # the gap between bar and body


def test_what_is_cut_out_holds_no_ink_of_a_neighbour() -> None:
    leaning = np.zeros((50, 60), dtype=np.float32)
    for row in range(30):  # two strokes that lean so that their boxes overlap
        leaning[10 + row, 30 - row // 3 : 33 - row // 3] = 1
        leaning[10 + row, 38 - row // 3 : 41 - row // 3] = 1
    pieces = find_digits(leaning)
    assert len(pieces) == 2
    assert [piece.ink.sum() for piece in pieces] == [90, 90]


def test_dots_dashes_and_specks_between_digits_are_left_out() -> None:
    strip = _ink(60, 120, ONE, TWO, (38, 41, 52, 55), (24, 27, 60, 72), (10, 40, 90, 96), (3, 4, 110, 111))
    assert [piece.left for piece in find_digits(strip)] == [10, 30, 90]


def test_a_broken_end_that_nearly_touches_is_joined() -> None:
    pieces = find_digits(_ink(60, 80, ONE, TWO, (12, 18, 47, 52)))
    assert [(piece.left, piece.ink.shape[1]) for piece in pieces] == [(10, 6), (30, 22)]


def test_a_rule_along_the_edge_is_no_digit() -> None:
    strip = _ink(60, 120, ONE, TWO, (0, 60, 117, 120), (0, 2, 0, 120))
    assert [piece.left for piece in find_digits(strip)] == [10, 30]


def test_no_ink_has_no_digits() -> None:
    assert find_digits(np.zeros((20, 20), dtype=np.float32)) == []


def test_any_ink_at_all_is_at_least_one_piece() -> None:
    strip = _ink(60, 120, (5, 55, 10, 11), (50, 58, 20, 110))  # a high thin line, a low heavy one
    assert len(find_digits(strip)) == 1


def test_a_texture_is_cut_into_no_more_pieces_than_a_code_may_have() -> None:
    texture = np.kron(np.indices((40, 500)).sum(axis=0) % 2 == 0, np.ones((2, 1)))[:, ::1].astype(np.float32)
    texture[:, 1::4] = 0
    texture[:, 3::4] = 0
    assert 1 <= len(find_digits(texture)) <= 64


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_best_readings_are_those_of_trying_them_all(n: int, top: int, seed: int) -> None:
    chances = np.random.default_rng(seed).dirichlet(np.full(10, 0.3), size=n).astype(np.float32)
    everything = sorted(
        (
            float(np.prod([chances[i, d] for i, d in enumerate(digits)], dtype=np.float64))
            for digits in itertools.product(range(10), repeat=n)
        ),
        reverse=True,
    )
    readings = best_readings(chances, top)
    assert len({text for text, _ in readings}) == len(readings) == min(top, 10**n)
    np.testing.assert_allclose([chance for _, chance in readings], everything[:top], rtol=1e-6)
    for text, chance in readings:
        np.testing.assert_allclose(chance, np.prod([chances[i, int(d)] for i, d in enumerate(text)]), rtol=1e-5)


def test_a_single_digit_has_ten_readings_at_most() -> None:
    assert len(best_readings(np.full((1, 10), 0.1, dtype=np.float32), 50)) == 10


@pytest.mark.parametrize(
    ("country", "digits", "written"),
    [
        ("fr", "01000", "01000"),
        ("us", "12345", "12345"),
        ("us", "123456789", "12345-6789"),
        ("in", "110001", "110 001"),
        ("se", "11455", "114 55"),
        ("pl", "00950", "00-950"),
        ("fr", "123", "123"),  # no French code: left as it was read
    ],
)
def test_a_code_is_written_as_its_country_writes_it(country: str, digits: str, written: str) -> None:
    assert FORMATS[country].written(digits) == written


def test_the_lengths_are_those_of_the_countries() -> None:
    assert {FORMATS[country].lengths for country in ("fr", "de", "es", "it")} == {(5,)}
    assert {FORMATS[country].lengths for country in ("ch", "be", "at")} == {(4,)}
    assert FORMATS["us"].lengths == (5, 9)
    assert FORMATS["in"].lengths == (6,)
    assert all(len(country) == 2 and country.islower() for country in FORMATS)
