"""Layers that only rearrange or shrink images: (N, height, width, channels)."""

from functools import partial
from typing import Any

import numpy as np

from model.engine.layer import Layer, Step
from model.engine.workspace import Workspace
from model.types import Array


class ToImages(Layer):
    """Rows (N, side · width) as images (N, side, width, 1), side pixels high and as wide as the rows are long.

        outputs = inputs.reshape(len(inputs), side, -1, 1)

        input_gradient = gradient.reshape(inputs.shape)

    side: pixels.
    """

    def __init__(self, side: int = 28) -> None:
        if side < 1:
            raise ValueError(f"`side` must be at least 1; got {side}")
        self.side = side

    def specification(self) -> list[Any]:
        return ["ToImages", self.side]

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:  # noqa: ARG002  # nothing is computed
        return np.ascontiguousarray(inputs).reshape(len(inputs), self.side, -1, 1), []

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:  # noqa: ARG002  # nothing is computed
        return gradient.reshape(len(gradient), -1)


class Flatten(Layer):
    """Images (N, height, width, channels) as rows (N, height · width · channels).

        outputs = inputs.reshape(len(inputs), -1)

        input_gradient = gradient.reshape(inputs.shape)

    What the first dense layer after convolutions takes.
    """

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        workspace.keep(self, inputs.shape)
        return inputs.reshape(len(inputs), -1), []

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        return gradient.reshape(workspace.kept[self])


class MaxPool(Layer):
    """The greatest of each 2 × 2 pixels; where a side is odd, its last row or column is left out.

        windows = sliding_window_view(inputs, (2, 2), axis=(1, 2))[:, ::2, ::2]
        outputs = windows.max(axis=(4, 5))

        input_gradient = np.zeros(inputs.shape)
        windows_gradient = sliding_window_view(input_gradient, (2, 2), axis=(1, 2), writeable=True)[:, ::2, ::2]
        windows_gradient[...] = gradient[..., None, None] * (windows == outputs[..., None, None])

    Of equal pixels, only one gets the gradient: in a blank area all are equal.
    """

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        count, height, width, channels = inputs.shape
        inputs = inputs[:, : height // 2 * 2, : width // 2 * 2]
        tall = workspace.buffer((self, "tall"), (count, height // 2, width // 2 * 2, channels), inputs.dtype)
        outputs = workspace.buffer(self, (count, height // 2, width // 2, channels), inputs.dtype)
        workspace.keep(self, (inputs, tall, (height, width)))
        return outputs, [
            partial(np.maximum, inputs[:, ::2], inputs[:, 1::2], out=tall),
            partial(np.maximum, tall[:, :, ::2], tall[:, :, 1::2], out=outputs),
        ]

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        inputs, tall, (height, width) = workspace.kept[self]
        of_tall = workspace.buffer((self, "of_tall"), tall.shape, gradient.dtype)
        _share(gradient, tall[:, :, ::2], tall[:, :, 1::2], of_tall[:, :, ::2], of_tall[:, :, 1::2])
        whole = workspace.zeroed((self, "gradient"), (len(tall), height, width, tall.shape[3]), gradient.dtype)
        of_inputs = whole[:, : height // 2 * 2, : width // 2 * 2]
        _share(of_tall, inputs[:, ::2], inputs[:, 1::2], of_inputs[:, ::2], of_inputs[:, 1::2])
        return whole


def _share(gradient: Array, first: Array, second: Array, of_first: Array, of_second: Array) -> None:
    """Give `gradient` to the greater of `first` and `second`, or to `first` where they are equal."""
    np.multiply(gradient, first >= second, out=of_first)
    np.subtract(gradient, of_first, out=of_second)
