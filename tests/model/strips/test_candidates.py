"""The best readings are those found by trying all, and a code is written as its country writes it."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.strips.candidates import best_readings
from model.strips.postal import FORMATS


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_best_readings_are_those_found_by_trying_all(n: int, top: int, seed: int) -> None:
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
        ("fr", "123", "123"),  # not a French code: left as it was read
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
