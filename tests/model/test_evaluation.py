"""Scores, against cases that can be worked out by hand."""

import numpy as np
import pytest

from model import evaluation
from model.losses import SoftmaxCrossEntropy


def sure_of(classes: list[int], confidence: list[float]) -> np.ndarray:
    rows = np.full((len(classes), 10), 0.0)
    for row, digit, chance in zip(rows, classes, confidence, strict=True):
        row[:] = (1 - chance) / 9
        row[digit] = chance
    return rows


def test_wilsons_interval_is_that_of_the_books() -> None:
    low, high = evaluation.wilson_interval(9131, 10_000)
    assert low == pytest.approx(0.9074, abs=1e-4)
    assert high == pytest.approx(0.9185, abs=1e-4)
    with pytest.raises(ValueError, match="got 5 of 3"):
        evaluation.wilson_interval(5, 3)


def test_the_accepted_share_grows_until_the_error_rate_is_met() -> None:
    probabilities = sure_of([1, 1, 1, 1], [0.99, 0.9, 0.8, 0.7])
    labels = np.array([1, 1, 2, 1])
    assert evaluation.accepted_share(probabilities, labels, 0.0) == 0.5
    assert evaluation.accepted_share(probabilities, labels, 0.25) == 1.0


def test_a_threshold_lets_through_what_the_accepted_share_counts() -> None:
    probabilities = sure_of([1, 1, 1, 1], [0.99, 0.9, 0.8, 0.7])
    labels = np.array([1, 1, 2, 1])
    assert evaluation.threshold(probabilities, labels, 0.0) == 0.9
    assert evaluation.accepted_above(probabilities, labels, 0.9) == (2, 0)
    assert evaluation.threshold(probabilities, labels, 0.25) == 0.7
    assert evaluation.accepted_above(probabilities, labels, 0.7) == (4, 1)
    assert evaluation.accepted_above(probabilities, np.array([2, 1, 1, 1]), evaluation.threshold(
        probabilities, np.array([2, 1, 1, 1]), 0.0)) == (0, 0)  # fmt: skip


def test_the_confusion_matrix_has_the_real_digit_in_its_rows() -> None:
    matrix = evaluation.confusion_matrix(sure_of([7], [0.9]), np.array([1]))
    assert matrix[1, 7] == 1
    assert matrix.sum() == 1


def test_a_calibrated_forecast_has_no_calibration_error() -> None:
    labels = np.array([1] * 80 + [2] * 20)
    shuffled = labels[np.random.default_rng(0).permutation(100)]
    assert evaluation.calibration_error(sure_of([1] * 100, [0.8] * 100), np.tile([1, 1, 1, 1, 2], 30)[:100]) < 0.1
    assert evaluation.calibration_error(sure_of([1] * 100, [1.0] * 100), shuffled) == pytest.approx(0.2)


def test_the_temperature_undoes_a_scaling() -> None:
    random = np.random.default_rng(0)
    logits = 2 * random.standard_normal((5000, 10))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(10, p=row) for row in chances])
    assert evaluation.fit_temperature(3 * logits, labels, SoftmaxCrossEntropy()) == pytest.approx(3, rel=0.1)
