"""A network prepares its calls once per shape; whatever they read, they give what its layers give afresh."""

import numpy as np
import pytest

from model.engine.convolution import Conv2D
from model.engine.dense import ReLU
from model.engine.folding import folded
from model.engine.layer import Layer, run
from model.engine.losses import SoftmaxCrossEntropy
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.engine.pooling import ToImages
from model.engine.workspace import Workspace
from model.types import Array
from tests.model.classifiers.test_classifiers import convolutional
from tests.model.engine.test_gradients import CASES


def afresh(network: Network, images: Array) -> Array:
    """Return the logits of `images` by each layer's own forward pass, in memory that was never used."""
    return network.forward(network.normalisation.apply(images), Workspace())


def fix(network: Network) -> None:
    for array in (network.parameters() | network.statistics()).values():
        array.flags.writeable = False


@pytest.mark.parametrize("name", CASES)
def test_a_layers_steps_can_be_repeated_after_its_inputs_have_changed(name: str) -> None:
    random = np.random.default_rng(1)
    for make, shape in CASES[name]:
        layer, workspace, inputs = make(), Workspace(), np.empty(shape)
        for parameter in layer.parameters().values():
            parameter[...] = random.standard_normal(parameter.shape)
        outputs, steps = layer.steps(inputs, workspace)
        for _ in range(2):
            inputs[...] = random.standard_normal(shape)
            expected = layer.forward(inputs.copy(), Workspace())
            run(steps)
            assert outputs == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("fold", [False, True])
def test_logits_are_the_layers_own_whatever_was_read_before(fold: bool, fixed: bool) -> None:
    random = np.random.default_rng(2)
    network = folded(convolutional()) if fold else convolutional()
    if fixed:
        fix(network)
    for count in (1, 8, 1, 3, 30, 1, 8):
        images = random.random((count, 28, 28), np.float32)
        assert network.logits(images) == pytest.approx(afresh(network, images), abs=1e-4)


def test_padding_is_zero_where_widths_alternate() -> None:
    random = np.random.default_rng(3)
    layers: list[Layer] = [ToImages(6), Conv2D(1, 16, 3, 1, 1), ReLU(), Conv2D(16, 16, 3, 1, 1)]
    network = Network(layers, SoftmaxCrossEntropy(), Normalisation.identity())
    for array in network.parameters().values():
        array[...] = random.standard_normal(array.shape)
    fix(network)
    for width in (10, 7, 10, 7, 10, 40, 7, 7):
        images = random.standard_normal((3, 6, width), np.float32)
        assert network.logits(images) == pytest.approx(afresh(network, images), abs=1e-4)


def test_weights_changed_in_training_are_used_in_the_next_reading() -> None:
    network, images = convolutional(), np.random.default_rng(4).random((2, 28, 28), np.float32)
    for _ in range(4):
        assert network.logits(images) == pytest.approx(afresh(network, images), abs=1e-4)
        for array in (network.parameters() | network.statistics()).values():
            array *= 0.9


def test_logits_outlive_the_next_reading() -> None:
    network, random = convolutional(), np.random.default_rng(5)
    first = network.logits(random.random((2, 28, 28), np.float32))
    before = first.copy()
    network.logits(random.random((2, 28, 28), np.float32))
    assert np.array_equal(first, before)
