"""Convolution of images (N, height, width, channels): the layer. `patches` and `winograd` are its two methods."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.engine import winograd
from model.engine.layer import Layer, Step, run
from model.engine.patches import ByPatches, Patches, Shape
from model.engine.winograd import Winograd
from model.engine.workspace import Workspace
from model.types import Array

Method = ByPatches | Winograd


class Conv2D(Layer):
    """Each output pixel is a square patch of the inputs times the weights, plus a bias.

        padded = np.pad(inputs, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
        patches = sliding_window_view(padded, (kernel, kernel), axis=(1, 2))[:, ::stride, ::stride]
        outputs = np.einsum("nyxcij,ijco->nyxo", patches, weights) + bias

        weights_gradient = np.einsum("nyxcij,nyxo->ijco", patches, gradient)
        bias_gradient = gradient.sum(axis=(0, 1, 2))
        padded_gradient = np.zeros(padded.shape)
        patches_gradient = sliding_window_view(padded_gradient, (kernel, kernel), axis=(1, 2), writeable=True)
        for i, j in np.ndindex(kernel, kernel):
            patches_gradient[:, ::stride, ::stride, :, i, j] += gradient @ weights[i, j].T
        height, width = inputs.shape[1:3]
        input_gradient = padded_gradient[:, padding : padding + height, padding : padding + width]

    inputs: (N, height, width, inputs). weights: (kernel, kernel, inputs, outputs). bias: (outputs,).
    padding: zero pixels around the image, fewer than `kernel`. bias: whether there is one; a batch normalisation after
    the layer brings its own.
    """

    holds_arrays = True

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,  # noqa: FBT001, FBT002  # a specification is a list: its values come by position
        dtype: DTypeLike = np.float32,
    ) -> None:
        if min(inputs, outputs, kernel, stride) < 1:
            sizes = f"{inputs}, {outputs}, {kernel} and {stride}"
            raise ValueError(f"a convolution's inputs, outputs, kernel and stride must be at least 1; got {sizes}")
        if not 0 <= padding < kernel:
            raise ValueError(f"`padding` must be at least 0 and below the kernel's {kernel}; got {padding}")
        self.stride, self.padding = stride, padding
        self.weights: Array = np.zeros((kernel, kernel, inputs, outputs), dtype)
        self.bias: Array | None = np.zeros(outputs, dtype) if bias else None

    def specification(self) -> list[Any]:
        kernel, _, inputs, outputs = self.weights.shape
        return ["Conv2D", inputs, outputs, kernel, self.stride, self.padding, self.bias is not None]

    def parameters(self) -> dict[str, Array]:
        return {"weights": self.weights} if self.bias is None else {"weights": self.weights, "bias": self.bias}

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        images, steps = self._padded(inputs, workspace)
        workspace.keep(self, images)
        # Read-only weights, as in a loaded network, are given to the method when it is made.
        fixed = not self.weights.flags.writeable
        method = workspace.plan((self, images.shape, fixed), lambda: self._method(images.shape, workspace))
        if not fixed:
            steps.append(partial(method.take, self.weights, self.bias))
        return method.outputs, [*steps, *method.steps(images)]

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        """Return the gradient convolved with the kernels turned by 180 degrees, with zeros where a stride skips."""
        kernel, margin = len(self.weights), len(self.weights) - 1 - self.padding
        count, padded_height, padded_width, channels = workspace.kept[self].shape
        height, width = padded_height - 2 * self.padding, padded_width - 2 * self.padding
        shape = (count, height + kernel - 1, width + kernel - 1, gradient.shape[3])
        spread = workspace.zeroed((self, "spread"), shape, self.weights.dtype)
        rows, columns = (margin + self.stride * (size - 1) + 1 for size in gradient.shape[1:3])
        spread[:, margin : rows : self.stride, margin : columns : self.stride] = gradient
        turned = np.ascontiguousarray(self.weights[::-1, ::-1].transpose(0, 1, 3, 2))
        inputs = workspace.buffer((self, "gradient"), (count, height, width, channels), self.weights.dtype)
        method = workspace.plan(
            (self, "gradient", spread.shape),
            lambda: convolution((self, "turned"), turned, None, 1, spread.shape, inputs, workspace),
        )
        method.take(turned, None)
        run(method.steps(spread))
        return inputs

    def parameter_gradients(self, gradient: Array, workspace: Workspace) -> dict[str, Array]:
        inputs, outputs, size = workspace.kept[self], gradient.shape[3], self.weights[..., 0].size
        patches = workspace.plan(
            (self, "patches", inputs.shape),
            lambda: Patches(self.weights, self.bias, self.stride, inputs.shape, gradient.shape, workspace),
        )
        matrix = np.zeros((size + (self.bias is not None), outputs), gradient.dtype)
        for part, rows in patches.of(inputs):
            gradients = gradient[part].reshape(len(rows), -1, outputs)
            if self.weights.shape[2] == 1:
                matrix += (rows.swapaxes(1, 2) @ gradients).sum(axis=0)
            else:
                matrix += rows.reshape(-1, len(matrix)).T @ gradients.reshape(-1, outputs)
        weights = matrix[:size].reshape(self.weights.shape)
        return {"weights": weights} if self.bias is None else {"weights": weights, "bias": matrix[size]}

    def _method(self, images: Shape, workspace: Workspace) -> Method:
        """Return what convolves `images` (N, height, width, channels), already padded."""
        rows, columns = ((side - len(self.weights)) // self.stride + 1 for side in images[1:3])
        if min(rows, columns) < 1:
            kernel = len(self.weights)
            raise ValueError(
                f"a convolution's images, padded, must be at least {kernel} pixels wide and high; got {images}"
            )
        outputs = workspace.buffer(self, (images[0], rows, columns, self.weights.shape[3]), self.weights.dtype)
        return convolution((self, "kernels"), self.weights, self.bias, self.stride, images, outputs, workspace)

    def _padded(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        """Return `inputs` as a method takes them, in the weights' dtype and padded, and the calls that make them so."""
        margin = self.padding
        if not margin and inputs.dtype == self.weights.dtype and inputs.flags.c_contiguous:
            return inputs, []
        count, height, width, channels = inputs.shape
        shape = (count, height + 2 * margin, width + 2 * margin, channels)
        owner, dtype = (self, "padded"), self.weights.dtype

        def pad() -> None:
            # Zeroed again if other widths have been padded in this memory since.
            padded = workspace.zeroed(owner, shape, dtype)
            padded[:, margin : margin + height, margin : margin + width] = inputs

        return workspace.buffer(owner, shape, dtype), [pad]


def convolution(
    owner: object,
    weights: Array,
    bias: Array | None,
    stride: int,
    images: Shape,
    outputs: Array,
    workspace: Workspace,
) -> Method:
    """Return the fastest method to convolve arrays of shape `images` into `outputs`; `owner`'s memory has kernels."""
    if winograd.suits(weights, stride, outputs.shape):
        return Winograd(owner, weights, bias, images, outputs, workspace)
    return ByPatches(owner, weights, bias, stride, images, outputs, workspace)
