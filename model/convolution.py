"""Convolution: every patch of an image, as a row, times the kernels. Images are (N, height, width, channels)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.layer import Array, Layer
from model.workspace import Workspace

# Patches repeat each pixel kernel² times. Few enough images at a time that their patches stay in the cache.
PATCH_BYTES = 3 << 20


class Conv2D(Layer):
    """Each output pixel is a square patch of the inputs times `weights` (kernel, kernel, inputs, outputs), plus `bias`.

    padding: zero pixels around the image, fewer than `kernel`. bias: whether there is one; a batch normalisation that
    follows has its own.
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

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        kernel = len(self.weights)
        count, height, width, channels = inputs.shape
        if self.padding:
            margin = self.padding
            padded = workspace.zeroed(
                (self, "padded"), (count, height + 2 * margin, width + 2 * margin, channels), inputs.dtype
            )
            padded[:, margin:-margin, margin:-margin] = inputs
            inputs = padded
        workspace.keep(self, inputs)
        rows, columns = ((side + 2 * self.padding - kernel) // self.stride + 1 for side in (height, width))
        if min(rows, columns) < 1:
            raise ValueError(
                f"a convolution's images must be at least {kernel} pixels wide and high; got {inputs.shape}"
            )
        outputs = workspace.buffer(self, (count, rows, columns, self.weights.shape[3]), self.weights.dtype)
        _convolve(inputs, self.weights, self.stride, outputs, workspace)
        if self.bias is not None:
            flat = outputs.reshape(count, -1)
            flat += workspace.repeated((self, "bias"), self.bias, rows * columns, outputs.dtype)
        return outputs

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        """Return the gradient's own convolution, with the kernels turned half round; strides leave zeros in between."""
        kernel, margin = len(self.weights), len(self.weights) - 1 - self.padding
        count, padded_height, padded_width, channels = workspace.kept[self].shape
        height, width = padded_height - 2 * self.padding, padded_width - 2 * self.padding
        spread = workspace.zeroed(
            (self, "spread"), (count, height + kernel - 1, width + kernel - 1, gradient.shape[3]), gradient.dtype
        )
        rows, columns = (margin + self.stride * (size - 1) + 1 for size in gradient.shape[1:3])
        spread[:, margin : rows : self.stride, margin : columns : self.stride] = gradient
        turned = np.ascontiguousarray(self.weights[::-1, ::-1].transpose(0, 1, 3, 2))
        inputs = workspace.buffer((self, "gradient"), (count, height, width, channels), gradient.dtype)
        _convolve(spread, turned, 1, inputs, workspace)
        return inputs

    def parameter_gradients(self, gradient: Array, workspace: Workspace) -> dict[str, Array]:
        outputs = gradient.shape[3]
        weights = np.zeros(self.weights.shape, gradient.dtype)
        for part, patches in _patches(workspace.kept[self], len(self.weights), self.stride, gradient.shape, workspace):
            if self.weights.shape[2] == 1:
                product = (patches @ gradient[part].reshape(len(patches), -1, outputs)).sum(axis=0)
            else:
                product = patches.reshape(-1, patches.shape[-1]).T @ gradient[part].reshape(-1, outputs)
            weights += product.reshape(weights.shape)
        if self.bias is None:
            return {"weights": weights}
        return {"weights": weights, "bias": gradient.sum(axis=0).sum(axis=(0, 1))}


def _convolve(images: Array, kernels: Array, stride: int, outputs: Array, workspace: Workspace) -> None:
    """Write into `outputs` (N, rows, columns, outputs) the patches of `images` times `kernels`."""
    matrix = kernels.reshape(-1, kernels.shape[3])
    for part, patches in _patches(images, len(kernels), stride, outputs.shape, workspace):
        if images.shape[3] == 1:
            np.matmul(patches.swapaxes(1, 2), matrix, out=outputs[part].reshape(len(patches), -1, outputs.shape[3]))
        else:
            np.matmul(patches.reshape(-1, len(matrix)), matrix, out=outputs[part].reshape(-1, outputs.shape[3]))


def _patches(
    images: Array, kernel: int, stride: int, outputs: tuple[int, ...], workspace: Workspace
) -> Iterator[tuple[slice, Array]]:
    """Yield a few images at a time, as a slice, with their patches in one buffer of the workspace.

    images: (N, height, width, channels), contiguous. Yields (n, rows · columns, kernel² · channels), so that the copy
    goes by runs of kernel · channels; with one channel (n, kernel², rows · columns), so that it goes by rows.
    """
    count, _, _, channels = images.shape
    rows, columns = outputs[1:3]
    across, down, right, item = images.strides
    size = kernel * kernel * channels
    step = max(1, PATCH_BYTES // (rows * columns * size * images.itemsize))
    if channels == 1:
        shape, strides = (kernel, kernel, rows, columns), (down, right, stride * down, stride * right)
    else:
        shape, strides = (rows, columns, kernel, kernel * channels), (stride * down, stride * right, down, item)
    for start in range(0, count, step):
        part = slice(start, min(start + step, count))
        n = part.stop - start
        patches = workspace.buffer("patches", (n, *shape), images.dtype)
        # The same memory seen as overlapping patches; this constructor takes a tenth of `as_strided`'s time.
        patches[...] = np.ndarray((n, *shape), images.dtype, images, start * across, (across, *strides))
        yield part, patches.reshape(n, -1, rows * columns) if channels == 1 else patches.reshape(n, -1, size)
