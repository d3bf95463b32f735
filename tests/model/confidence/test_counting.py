"""Counts of errors: exact intervals, tests of a share, and what weighted counts are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.confidence.counting import chance_of_as_few, chance_of_as_many, effective, effective_counts, exact_interval


@pytest.mark.parametrize(
    ("wrong", "n", "low", "high"),
    [(0, 100, 0.0, 0.0362), (1, 100, 0.0003, 0.0545), (5, 100, 0.0164, 0.1128), (100, 100, 0.9638, 1.0)],
)
def test_the_interval_is_that_of_the_tables(wrong: int, n: int, low: float, high: float) -> None:
    assert exact_interval(wrong, n) == pytest.approx((low, high), abs=1e-4)


def test_of_nothing_nothing_is_known() -> None:
    assert exact_interval(0, 0) == (0.0, 1.0)
    assert effective(np.array([]), np.array([])) == (0, 0)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_as_many_and_fewer_are_all_there_is(wrong: int, more: int, share: float) -> None:
    n = wrong + more
    assert chance_of_as_many(wrong + 1, n, share) + chance_of_as_few(wrong, n, share) == pytest.approx(1, abs=1e-9)


def test_readings_that_stand_for_many_count_as_fewer_than_they_are() -> None:
    alike, wrong = np.ones(10), np.array([1.0, *[0.0] * 9])
    assert effective(alike, wrong) == effective(10 * alike, wrong) == (1, 10)
    few, n = effective(np.array([10.0, *[1.0] * 9]), wrong)
    assert n < 10
    assert few / n >= 10 / 19
    assert len(effective_counts(alike, wrong)) == 10
