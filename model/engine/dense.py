"""Layers for rows, `inputs` (N, features), or for any shape: each operation next to its derivative."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.engine.functions import sigmoid
from model.engine.layer import Layer, Step
from model.engine.workspace import Workspace
from model.types import Array


class Dense(Layer):
    """Each output is a weighted sum of all inputs, plus a bias.

        outputs = inputs @ weights + bias

        input_gradient = gradient @ weights.T
        weights_gradient = inputs.T @ gradient
        bias_gradient = gradient.sum(axis=0)

    inputs: (N, inputs). weights: (inputs, outputs). bias: (outputs,).
    """

    holds_arrays = True

    def __init__(self, inputs: int, outputs: int, dtype: DTypeLike = np.float32) -> None:
        if inputs < 1 or outputs < 1:
            raise ValueError(f"a dense layer needs at least one input and one output; got {inputs} and {outputs}")
        self.weights: Array = np.zeros((inputs, outputs), dtype)
        self.bias: Array = np.zeros(outputs, dtype)

    def specification(self) -> list[Any]:
        return ["Dense", *self.weights.shape]

    def parameters(self) -> dict[str, Array]:
        return {"weights": self.weights, "bias": self.bias}

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        workspace.keep(self, inputs)
        outputs = workspace.buffer(self, (len(inputs), len(self.bias)), self.weights.dtype)
        product = partial(np.matmul, inputs, self.weights, out=outputs)
        return outputs, [product, partial(np.add, outputs, self.bias, out=outputs)]

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:  # noqa: ARG002  # linear: the inputs do not matter
        return np.asarray(gradient @ self.weights.T)

    def parameter_gradients(self, gradient: Array, workspace: Workspace) -> dict[str, Array]:
        return {"weights": workspace.kept[self].T @ gradient, "bias": gradient.sum(axis=0)}


class ReLU(Layer):
    """Values below zero become zero.

        outputs = np.maximum(inputs, 0)

        input_gradient = gradient * (outputs > 0)

    inputs: of any shape. Source: Nair and Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
    """

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        # In place when reading: the values are in the cache, and no backward pass will need them.
        training = workspace.random is not None
        outputs = workspace.buffer(self, inputs.shape, inputs.dtype) if training else inputs
        workspace.keep(self, outputs)
        return outputs, [partial(np.maximum, inputs, np.zeros((), inputs.dtype), out=outputs)]

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        return np.asarray(np.multiply(gradient, workspace.kept[self] > 0, out=gradient))


class Sigmoid(Layer):
    """Any number becomes a probability between 0 and 1.

        outputs = 1 / (1 + np.exp(-inputs))

        input_gradient = gradient * outputs * (1 - outputs)

    inputs: of any shape. The lesson's function; `functions.sigmoid` is computed so that it never overflows.
    """

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        outputs = workspace.buffer(self, inputs.shape, inputs.dtype)
        workspace.keep(self, outputs)
        return outputs, [partial(sigmoid, inputs, out=outputs)]

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        outputs = workspace.kept[self]
        return np.asarray(gradient * outputs * (1 - outputs))


class Dropout(Layer):
    """In training, zeroes each input with probability `rate` and scales the others up, so that the mean stays the same.

        mask = (random.random(inputs.shape, np.float32) >= rate) / (1 - rate)
        outputs = inputs * mask

        input_gradient = gradient * mask

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """

    def __init__(self, rate: float) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"`rate` must be at least 0 and below 1; got {rate}")
        self.rate = rate

    def specification(self) -> list[Any]:
        return ["Dropout", self.rate]

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        if workspace.random is None:
            return inputs, []
        scale = np.asarray(1 / (1 - self.rate), inputs.dtype)
        mask: Array = scale * (workspace.random.random(inputs.shape, np.float32) >= self.rate)
        workspace.keep(self, mask)
        outputs = workspace.buffer(self, inputs.shape, inputs.dtype)
        return outputs, [partial(np.multiply, inputs, mask, out=outputs)]

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        return np.asarray(gradient * workspace.kept[self])
