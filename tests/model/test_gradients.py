"""Every layer's and loss's gradient agrees with central finite differences, in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.layers import LAYERS, Dense, Dropout, Layer, ReLU, Sigmoid
from model.losses import LOSSES
from model.workspace import Workspace

Array = NDArray[Any]
TOLERANCE = 1e-5
CASES: dict[str, Callable[[], Layer]] = {
    "Dense": lambda: Dense(5, 4, np.float64),
    "ReLU": ReLU,
    "Sigmoid": Sigmoid,
    "Dropout": lambda: Dropout(0.4),
}


def training_workspace() -> Workspace:
    return Workspace(np.random.default_rng(7))


def numeric_gradient(cost: Callable[[], float], values: Array, step: float = 1e-6) -> Array:
    gradient = np.zeros_like(values)
    for index in np.ndindex(values.shape):
        kept = values[index]
        values[index] = kept + step
        above = cost()
        values[index] = kept - step
        below = cost()
        values[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(found: Array, expected: Array) -> float:
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-12))


def test_every_layer_and_loss_has_its_case() -> None:
    assert CASES.keys() == LAYERS.keys()
    assert {layer.__name__ for layer in Layer.__subclasses__()} == LAYERS.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_layers_gradients_agree_with_finite_differences(name: str) -> None:
    random = np.random.default_rng(1)
    layer = CASES[name]()
    for parameter in layer.parameters().values():
        parameter[...] = random.standard_normal(parameter.shape)
    inputs = random.standard_normal((3, 5))
    weights = random.standard_normal(layer.forward(inputs, Workspace()).shape)

    def cost() -> float:
        return float((layer.forward(inputs, training_workspace()) * weights).sum())

    workspace = training_workspace()
    layer.forward(inputs, workspace)
    assert relative_error(layer.input_gradient(weights, workspace), numeric_gradient(cost, inputs)) < TOLERANCE
    gradients = layer.parameter_gradients(weights, workspace)
    assert gradients.keys() == layer.parameters().keys()
    for key, parameter in layer.parameters().items():
        assert relative_error(gradients[key], numeric_gradient(cost, parameter)) < TOLERANCE


@pytest.mark.parametrize("name", LOSSES)
def test_a_losss_gradient_agrees_with_finite_differences(name: str) -> None:
    random = np.random.default_rng(2)
    loss, logits = LOSSES[name](), random.standard_normal((4, 10))
    targets = np.eye(10)[[3, 1, 4, 1]]
    expected = numeric_gradient(lambda: loss.value(logits, targets), logits)
    assert relative_error(loss.gradient(logits, targets), expected) < TOLERANCE


@pytest.mark.parametrize("name", LOSSES)
def test_extreme_logits_give_finite_costs_and_probabilities(name: str) -> None:
    loss, logits = LOSSES[name](), np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]])
    assert np.isfinite(loss.value(logits, np.eye(3)[[1, 0]]))
    assert loss.probabilities(logits).sum(axis=1) == pytest.approx(1)


def test_dropout_changes_nothing_outside_training() -> None:
    inputs = np.ones((2, 5))
    assert Dropout(0.5).forward(inputs, Workspace()) is inputs
