"""Batch normalisation: each channel is normalised over the mini-batch, then scaled and shifted by learnt numbers."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.engine.layer import Layer, Step
from model.engine.workspace import Workspace
from model.types import Array

# Prevents a division by zero where a channel never varies.
EPSILON = 1e-5
# The share of the running statistics that one mini-batch replaces.
MOMENTUM = 0.05


class BatchNorm(Layer):
    """Each channel, the last axis of (N, …, channels), normalised over the mini-batch, then scaled and shifted.

        axes = tuple(range(inputs.ndim - 1))
        mean, deviation = inputs.mean(axes), np.sqrt(inputs.var(axes) + EPSILON)
        normalised = (inputs - mean) / deviation
        outputs = scale * normalised + shift

        scale_gradient = (gradient * normalised).sum(axes)
        shift_gradient = gradient.sum(axes)
        count = inputs[..., 0].size
        input_gradient = scale / deviation * (gradient - (shift_gradient + normalised * scale_gradient) / count)

    When reading, mean and deviation are running averages, so the layer is just `a · inputs + b`: `folding` moves it
    into the weights of the layer before. The workspace has a `random` only in training.
    Source: Ioffe and Szegedy 2015, "Batch normalization".
    """

    holds_arrays = True

    def __init__(self, channels: int, dtype: DTypeLike = np.float32) -> None:
        if channels < 1:
            raise ValueError(f"`channels` must be at least 1; got {channels}")
        self.scale: Array = np.ones(channels, dtype)
        self.shift: Array = np.zeros(channels, dtype)
        self.mean: Array = np.zeros(channels, dtype)
        self.variance: Array = np.ones(channels, dtype)

    def specification(self) -> list[Any]:
        return ["BatchNorm", len(self.scale)]

    def parameters(self) -> dict[str, Array]:
        return {"scale": self.scale, "shift": self.shift}

    def statistics(self) -> dict[str, Array]:
        return {"mean": self.mean, "variance": self.variance}

    def observe(self, workspace: Workspace) -> None:
        _, mean, variance = workspace.kept[self]
        self.mean += MOMENTUM * (mean - self.mean)
        self.variance += MOMENTUM * (variance - self.variance)

    def factors(self) -> tuple[Array, Array]:
        """Return `a` and `b`, each (channels,), of `a · inputs + b`, which is this layer when reading."""
        factor = self.scale / np.sqrt(self.variance + EPSILON)
        return factor, self.shift - factor * self.mean

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        outputs = workspace.buffer(self, inputs.shape, inputs.dtype)
        rows, out = (array.reshape(len(inputs), -1) for array in (inputs, outputs))
        return outputs, [partial(self._normalise, rows, out, workspace)]

    def _normalise(self, rows: Array, out: Array, workspace: Workspace) -> None:
        if workspace.random is None:
            factor, offset = self.factors()
        else:
            mean = self._sum_by_channel(rows) / (rows.size // len(self.scale))
            # A float32 sum of squares is exact enough: a layer's outputs have means and deviations of similar size.
            square = self._sum_by_channel(rows, rows) / (rows.size // len(self.scale))
            variance = np.maximum(square - mean * mean, 0)
            workspace.keep(self, (rows, mean, variance))
            factor = self.scale / np.sqrt(variance + EPSILON)
            offset = self.shift - factor * mean
        self._affine(rows, factor, offset, out, workspace)

    def parameter_gradients(self, gradient: Array, workspace: Workspace) -> dict[str, Array]:
        rows, mean, variance = workspace.kept[self]
        gradients = gradient.reshape(rows.shape)
        shift = self._sum_by_channel(gradients)
        scale = (self._sum_by_channel(gradients, rows) - mean * shift) / np.sqrt(variance + EPSILON)
        workspace.keep((self, "gradients"), (scale, shift))
        return {"scale": scale.astype(self.scale.dtype), "shift": shift.astype(self.shift.dtype)}

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        """Return `scale / deviation · (g - mean(g) - x̂ · mean(g · x̂))`, where x̂ are the normalised inputs."""
        rows, mean, variance = workspace.kept[self]
        scale, shift = workspace.kept[self, "gradients"]
        count, deviation = rows.size // len(self.scale), np.sqrt(variance + EPSILON)
        by_input = -self.scale * scale / (deviation * deviation * count)
        constant = -self.scale * shift / (deviation * count) - by_input * mean
        gradients = gradient.reshape(rows.shape)
        outputs = workspace.buffer(self, gradient.shape, gradient.dtype)
        own = outputs.reshape(rows.shape)
        self._affine(rows, by_input, constant, own, workspace)
        pixels = rows.shape[1] // len(self.scale)
        gradients *= workspace.repeated((self, "factor"), self.scale / deviation, pixels, gradients.dtype)
        own += gradients
        return outputs

    def _sum_by_channel(self, rows: Array, other: Array | None = None) -> Array:
        """Return each channel's sum of `rows` (N, pixels · channels), or of their product with `other`, as float64."""
        # First over the images, in long runs; then over the pixels.
        sums = rows.sum(axis=0) if other is None else np.einsum("ij,ij->j", rows, other)
        return np.asarray(sums.reshape(-1, len(self.scale)).sum(axis=0, dtype=np.float64))

    def _affine(self, rows: Array, factor: Array, offset: Array, out: Array, workspace: Workspace) -> None:
        pixels = rows.shape[1] // len(self.scale)
        np.multiply(rows, workspace.repeated((self, "factor"), factor, pixels, rows.dtype), out=out)
        out += workspace.repeated((self, "offset"), offset, pixels, rows.dtype)
