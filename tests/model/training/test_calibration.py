"""Temperatures and the search for them."""

import numpy as np
import pytest

from model.engine.losses import SoftmaxCrossEntropy
from model.training.calibration import fit_temperature, least


def test_the_temperature_undoes_a_scaling() -> None:
    random = np.random.default_rng(0)
    logits = 2 * random.standard_normal((5000, 10))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(10, p=row) for row in chances])
    assert fit_temperature(3 * logits, labels, SoftmaxCrossEntropy()) == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("at", [-1.9, 0.0, 0.3, 4.0])
def test_the_least_cost_is_found_wherever_the_valley_lies(at: float) -> None:
    asked: list[float] = []

    def cost(x: float) -> float:
        asked.append(x)
        return float(abs(x - at) ** 1.5)

    assert least(cost, -2, 4, tolerance=1e-6) == pytest.approx(at, abs=2e-6)
    assert all(-2 <= x <= 4 for x in asked)
    assert len(asked) == len(set(asked)) <= 36
