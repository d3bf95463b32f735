"""Counting turns scores into chances that never fall as the score rises."""

import numpy as np
import pytest

from model.confidence.isotonic import BIN, Isotonic


def test_the_chances_that_scores_were_drawn_with_are_found() -> None:
    random = np.random.default_rng(0)
    scores = random.uniform(-3, 3, 20_000)
    chances = 1 / (1 + np.exp(-2 * scores))
    found = Isotonic.fitted(scores, (random.random(len(scores)) < chances).astype(np.float64), np.ones(len(scores)))
    at = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(found.chances(at), 1 / (1 + np.exp(-2 * at)), atol=0.05)


def test_chances_never_fall_even_where_surer_readings_are_more_often_wrong() -> None:
    random = np.random.default_rng(1)
    scores = np.arange(20 * BIN, dtype=np.float64)
    right = (random.random(len(scores)) < np.where(scores % 700 < 300, 0.9, 0.5)).astype(np.float64)
    chances = Isotonic.fitted(scores, right, np.ones(len(scores))).chances(scores)
    assert (np.diff(chances) >= 0).all()
    assert chances.mean() == pytest.approx(right.mean(), abs=0.02)


def test_readings_of_which_none_is_wrong_are_not_certain_and_more_of_them_are_surer() -> None:
    few, many = (Isotonic.fitted(np.zeros(n), np.ones(n), np.ones(n)).chances(np.zeros(1))[0] for n in (100, 1000))
    assert few == pytest.approx(1 - 0.5 / 101)
    assert 1 > many > few
