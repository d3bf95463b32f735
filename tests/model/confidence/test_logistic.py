"""Logistic regression finds the chances that the data were drawn with."""

import numpy as np
import pytest

from model.confidence.logistic import Logistic

_TRUE, _BIAS = np.array([2.0, 1.0, 0.0]), 0.5


def _drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    features = random.normal(3.0, 2.0, (count, 3))
    chances = 1 / (1 + np.exp(-((features - 3.0) / 2.0 @ _TRUE + _BIAS)))
    return features, (random.random(count) < chances).astype(np.float64)


def test_the_coefficients_that_data_were_drawn_with_are_found() -> None:
    features, right = _drawn(20_000)
    found = Logistic.fitted(features, right, np.ones(len(right)), penalty=1e-3)
    np.testing.assert_allclose(found.coefficients, _TRUE, atol=0.1)
    assert found.bias == pytest.approx(_BIAS, abs=0.1)
    assert found.chances(features).mean() == pytest.approx(right.mean(), abs=1e-6)


def test_a_row_that_counts_twice_is_as_good_as_two_rows() -> None:
    features, right = _drawn(200)
    twice = Logistic.fitted(np.vstack([features, features[:50]]), np.append(right, right[:50]), np.ones(250), 0.1)
    weights = np.where(np.arange(200) < 50, 2.0, 1.0)
    np.testing.assert_allclose(
        Logistic.fitted(features, right, weights, 0.1).chances(features), twice.chances(features), atol=1e-6
    )


def test_a_feature_that_never_varies_has_no_say_and_parted_classes_do_not_run_away() -> None:
    features = np.array([[0.0, 7.0], [1.0, 7.0], [2.0, 7.0], [3.0, 7.0]])
    found = Logistic.fitted(features, np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4), 0.1)
    assert found.coefficients[1] == 0
    assert 0.9 < found.chances(np.array([3.0, 7.0])) < 1
    np.testing.assert_array_equal(found.chances(features[0]), found.chances(np.array([0.0, 99.0])))


def test_a_feature_that_speaks_against_its_sense_counts_for_nothing() -> None:
    features, right = _drawn(2_000)
    features[:, 1] *= -1
    found = Logistic.fitted(features, right, np.ones(len(right)), 0.1)
    assert found.coefficients[1] == 0
    alone = Logistic.fitted(features[:, [0, 2]], right, np.ones(len(right)), 0.1)
    np.testing.assert_allclose(found.chances(features), alone.chances(features[:, [0, 2]]), atol=1e-6)
