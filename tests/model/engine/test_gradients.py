"""The gradients of every layer and every loss agree with central finite differences, in float64."""

import importlib
import json
import pkgutil
from collections.abc import Callable

import numpy as np
import pytest

import model
from model.engine.batch_norm import BatchNorm
from model.engine.convolution import Conv2D
from model.engine.dense import Dense, Dropout, ReLU, Sigmoid
from model.engine.layer import Layer
from model.engine.losses import LOSSES
from model.engine.pooling import Flatten, MaxPool, ToImages
from model.engine.registry import LAYERS, layer_from
from model.engine.workspace import Workspace
from model.types import Array

TOLERANCE = 1e-5
Shape = tuple[int, ...]
CASES: dict[str, list[tuple[Callable[[], Layer], Shape]]] = {
    "Dense": [(lambda: Dense(5, 4, np.float64), (3, 5))],
    "ReLU": [(ReLU, (3, 5))],
    "Sigmoid": [(Sigmoid, (3, 5))],
    "Dropout": [(lambda: Dropout(0.4), (3, 5))],
    "Conv2D": [
        (lambda: Conv2D(3, 4, dtype=np.float64), (2, 6, 5, 3)),
        (lambda: Conv2D(1, 4, 5, dtype=np.float64), (2, 6, 7, 1)),
        (lambda: Conv2D(3, 2, 3, 2, 1, bias=False, dtype=np.float64), (2, 7, 6, 3)),
        (lambda: Conv2D(1, 2, 3, 2, 2, dtype=np.float64), (2, 6, 6, 1)),
        (lambda: Conv2D(2, 3, 1, 3, dtype=np.float64), (2, 6, 5, 2)),
        # Winograd's method, an odd side, then patches and back.
        (lambda: Conv2D(16, 17, dtype=np.float64), (2, 6, 7, 16)),
        (lambda: Conv2D(16, 16, 3, 1, 1, bias=False, dtype=np.float64), (2, 6, 6, 16)),
        (lambda: Conv2D(17, 16, 3, 2, dtype=np.float64), (1, 7, 8, 17)),
    ],
    "BatchNorm": [(lambda: BatchNorm(3, np.float64), (4, 2, 3, 3)), (lambda: BatchNorm(5, np.float64), (6, 5))],
    "MaxPool": [(MaxPool, (2, 4, 6, 3)), (MaxPool, (2, 5, 3, 2))],
    "ToImages": [(lambda: ToImages(3), (2, 9))],
    "Flatten": [(Flatten, (2, 3, 2, 2))],
}

# The cost of strings has its own tests (test_ctc.py).
ROW_LOSSES = [name for name in LOSSES if name != "TemporalClassification"]


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


def test_every_layer_has_its_case() -> None:
    for module in pkgutil.walk_packages(model.__path__, "model."):
        importlib.import_module(module.name)
    assert CASES.keys() == LAYERS.keys()
    assert {layer.__name__ for layer in Layer.__subclasses__()} == LAYERS.keys()


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name, cases in CASES.items() for case in range(len(cases))]
)
def test_a_layers_gradients_agree_with_finite_differences(name: str, case: int) -> None:
    random = np.random.default_rng(1)
    make, shape = CASES[name][case]
    layer = make()
    for parameter in layer.parameters().values():
        parameter[...] = random.standard_normal(parameter.shape)
    inputs = random.standard_normal(shape)
    weights = random.standard_normal(layer.forward(inputs.copy(), Workspace()).shape)

    def cost() -> float:
        return float((layer.forward(inputs, training_workspace()) * weights).sum())

    workspace = training_workspace()
    layer.forward(inputs, workspace)
    gradients = layer.parameter_gradients(weights, workspace)
    assert gradients.keys() == layer.parameters().keys()
    for key, parameter in layer.parameters().items():
        assert relative_error(gradients[key], numeric_gradient(cost, parameter)) < TOLERANCE
    found = layer.input_gradient(weights.copy(), workspace)
    assert relative_error(found, numeric_gradient(cost, inputs)) < TOLERANCE


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name, cases in CASES.items() for case in range(len(cases))]
)
def test_a_layer_comes_back_from_its_specification(name: str, case: int) -> None:
    layer = CASES[name][case][0]()
    again = layer_from(json.loads(json.dumps(layer.specification())), np.float64)
    assert again.specification() == layer.specification()
    for held in (Layer.parameters, Layer.statistics):
        shapes, others = ({key: value.shape for key, value in held(each).items()} for each in (layer, again))
        assert shapes == others


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "channels"), [(3, 1, 0, 2), (3, 2, 1, 3), (5, 1, 2, 1), (2, 3, 0, 1)]
)
def test_a_convolution_is_the_sum_over_its_patches(kernel: int, stride: int, padding: int, channels: int) -> None:
    random = np.random.default_rng(4)
    layer = Conv2D(channels, 4, kernel, stride, padding, dtype=np.float64)
    for parameter in layer.parameters().values():
        parameter[...] = random.standard_normal(parameter.shape)
    inputs = random.standard_normal((3, 9, 8, channels))
    padded = np.pad(inputs, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    outputs = layer.forward(inputs, Workspace())
    for row, column in np.ndindex(outputs.shape[1:3]):
        patch = padded[:, row * stride : row * stride + kernel, column * stride : column * stride + kernel]
        expected = np.tensordot(patch, layer.weights, 3) + layer.bias
        assert outputs[:, row, column] == pytest.approx(expected)
    assert outputs.shape[1] == (9 + 2 * padding - kernel) // stride + 1


def test_only_one_of_the_equal_pixels_in_a_pool_gets_the_gradient() -> None:
    pool, workspace = MaxPool(), training_workspace()
    pool.forward(np.zeros((1, 4, 4, 2)), workspace)
    gradient = pool.input_gradient(np.ones((1, 2, 2, 2)), workspace)
    assert gradient.sum() == 8
    assert gradient[0, ::2, ::2].sum() == 8


def test_batch_normalisation_centres_and_scales_in_training_and_follows_what_it_sees() -> None:
    norm = BatchNorm(3, np.float64)
    inputs = np.random.default_rng(1).normal(5, 2, (50, 4, 4, 3))
    workspace = training_workspace()
    outputs = norm.forward(inputs, workspace)
    assert outputs.mean(axis=(0, 1, 2)) == pytest.approx(0, abs=1e-9)
    assert outputs.std(axis=(0, 1, 2)) == pytest.approx(1, abs=1e-5)
    for _ in range(300):
        norm.observe(workspace)
    assert norm.forward(inputs, Workspace()) == pytest.approx(outputs, abs=1e-3)


@pytest.mark.parametrize("name", ROW_LOSSES)
def test_a_losss_gradient_agrees_with_finite_differences(name: str) -> None:
    random = np.random.default_rng(2)
    loss, logits = LOSSES[name](), random.standard_normal((4, 10))
    targets = np.eye(10)[[3, 1, 4, 1]]
    targets[2] = random.dirichlet(np.ones(10))  # a soft target, and one that sums to less than one
    targets[3] *= 0.5
    expected = numeric_gradient(lambda: loss.value(logits, targets), logits)
    assert relative_error(loss.gradient(logits, targets), expected) < TOLERANCE


@pytest.mark.parametrize("name", ROW_LOSSES)
def test_extreme_logits_give_finite_costs_and_probabilities(name: str) -> None:
    loss, logits = LOSSES[name](), np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]])
    assert np.isfinite(loss.value(logits, np.eye(3)[[1, 0]]))
    assert loss.probabilities(logits).sum(axis=1) == pytest.approx(1)


def test_dropout_changes_nothing_outside_training() -> None:
    inputs = np.ones((2, 5))
    assert Dropout(0.5).forward(inputs, Workspace()) is inputs
