"""The weights that training starts from. Biases start at zero; weights must differ, or neurons would stay twins."""

import math
from collections.abc import Callable

import numpy as np

from model.layers import Conv2D, Dense, Layer


def lesson_uniform(layers: list[Layer], seed: int) -> None:
    """Set weights uniform in [0, 1) from NumPy's legacy generator, in the lesson's order: one row a neuron."""
    generator = np.random.RandomState(seed)  # the lesson's own generator: its seed is part of its figures
    for layer in layers:
        if isinstance(layer, Dense):
            inputs, outputs = layer.weights.shape
            layer.weights[...] = generator.rand(outputs, inputs).T


def he(layers: list[Layer], seed: int) -> None:
    """Set weights normal with variance 2 / inputs, which keeps a signal's size through ReLU.

    Source: He et al. 2015, "Delving deep into rectifiers".
    """
    _normal(layers, seed, lambda inputs, _: 2 / inputs)


def glorot(layers: list[Layer], seed: int) -> None:
    """Set weights normal with variance 2 / (inputs + outputs), for sigmoids.

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
    """
    _normal(layers, seed, lambda inputs, outputs: 2 / (inputs + outputs))


def _normal(layers: list[Layer], seed: int, variance: Callable[[int, int], float]) -> None:
    generator = np.random.default_rng(seed)
    for layer in layers:
        if isinstance(layer, Dense | Conv2D):
            *inputs, outputs = layer.weights.shape
            deviation = np.sqrt(variance(math.prod(inputs), outputs))
            layer.weights[...] = deviation * generator.standard_normal(layer.weights.shape)
