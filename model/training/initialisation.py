"""The weights that training starts from. Biases start at zero; weights must differ, or neurons would stay alike."""

import math

import numpy as np

from model.engine.convolution import Conv2D
from model.engine.dense import Dense
from model.engine.layer import Layer


def lesson_uniform(layers: list[Layer], seed: int) -> None:
    """Set weights uniform in [0, 1) from NumPy's legacy generator, in the lesson's order: one row per neuron."""
    generator = np.random.RandomState(seed)  # the lesson's own generator: its seed is part of its figures
    for layer in layers:
        if isinstance(layer, Dense):
            inputs, outputs = layer.weights.shape
            layer.weights[...] = generator.rand(outputs, inputs).T


def he(layers: list[Layer], seed: int) -> None:
    """Set weights normal with variance 2 / inputs, which keeps a signal's size through ReLU.

    Source: He et al. 2015, "Delving deep into rectifiers".
    """
    generator = np.random.default_rng(seed)
    for layer in layers:
        if isinstance(layer, Dense | Conv2D):
            deviation = np.sqrt(2 / math.prod(layer.weights.shape[:-1]))
            layer.weights[...] = deviation * generator.standard_normal(layer.weights.shape)
