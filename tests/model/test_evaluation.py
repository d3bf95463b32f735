"""Scores, compared with cases worked out by hand."""

import numpy as np
import pytest

from model import evaluation


def sure_of(classes: list[int], confidence: list[float]) -> np.ndarray:
    rows = np.full((len(classes), 10), 0.0)
    for row, digit, chance in zip(rows, classes, confidence, strict=True):
        row[:] = (1 - chance) / 9
        row[digit] = chance
    return rows


def test_wilsons_interval_agrees_with_textbooks() -> None:
    low, high = evaluation.wilson_interval(9131, 10_000)
    assert low == pytest.approx(0.9074, abs=1e-4)
    assert high == pytest.approx(0.9185, abs=1e-4)
    with pytest.raises(ValueError, match="got 5 of 3"):
        evaluation.wilson_interval(5, 3)


def test_the_error_among_the_surest_counts_equal_confidences_together() -> None:
    probabilities = sure_of([1, 1, 1, 1], [0.99, 0.9, 0.8, 0.7])
    labels = np.array([1, 1, 2, 1])
    assert evaluation.error_among_surest(probabilities, labels) == pytest.approx([0, 0, 1 / 3, 1 / 4])
    alike = sure_of([1, 1, 1, 1], [0.9, 0.8, 0.8, 0.7])
    assert evaluation.error_among_surest(alike, labels) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 4])


def test_bins_of_equal_count_tell_how_often_answers_of_about_one_confidence_are_right() -> None:
    confidence = np.tile(np.linspace(0.2, 0.9, evaluation.BINS), 4)
    bins = evaluation.reliability(confidence, np.repeat([1, 1, 1, 0], evaluation.BINS))
    assert [each.n for each in bins] == [4] * evaluation.BINS
    assert [each.confidence for each in bins] == pytest.approx(np.linspace(0.2, 0.9, evaluation.BINS))
    assert {each.right for each in bins} == {0.75}
    assert [each.n for each in evaluation.reliability(np.array([0.5, 0.4]), np.array([1, 0]))] == [1, 1]


def test_a_threshold_lets_through_digits_until_they_expect_too_many_errors() -> None:
    probabilities = sure_of([1, 1, 1, 1], [0.9, 0.99, 0.7, 0.8])
    for rate, least, accepted in ((0.02, 0.99, 1), (0.06, 0.9, 2), (0.2, 0.7, 4)):
        assert evaluation.threshold(probabilities, rate) == pytest.approx(least)
        assert evaluation.accepted_above(probabilities, np.array([1, 2, 1, 1]), least) == (accepted, 1)
    assert evaluation.accepted_above(probabilities, np.array([1, 2, 1, 1]), 0.9) == (2, 1)
    assert evaluation.threshold(probabilities, 0.001) > 1


def test_the_confusion_matrix_has_the_real_digit_in_its_rows() -> None:
    matrix = evaluation.confusion_matrix(sure_of([7], [0.9]), np.array([1]))
    assert matrix[1, 7] == 1
    assert matrix.sum() == 1


def test_a_calibrated_forecast_has_no_calibration_error() -> None:
    labels = np.tile([1, 1, 1, 1, 2], 30)
    assert evaluation.calibration_error(sure_of([1] * 150, [0.8] * 150), labels) == pytest.approx(0)
    assert evaluation.calibration_error(sure_of([1] * 150, [1.0] * 150), labels) == pytest.approx(0.2)
