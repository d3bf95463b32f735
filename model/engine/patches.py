"""Convolution by patches: every patch of an image, as a row, times the kernels. It works for any kernel and stride.

Images are (N, height, width, channels), contiguous.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from model.engine.layer import Step, run
from model.engine.workspace import Workspace
from model.types import Array

# Parts of the images are this small so that their patches stay in the cache.
PART_BYTES = 256 << 10
# Up to this many multiply-adds, OpenBLAS multiplies matrices in place; above, it first copies both.
SMALL_PRODUCT = 1_000_000
# With fewer pixels, a product leaves the vector unit partly idle.
LEAST_PIXELS = 4

Part = tuple[slice, slice]
Shape = tuple[int, ...]


def parts(count: int, lines: int, bytes_a_line: int) -> Iterator[Part]:
    """Yield slices of `count` images and of their `lines`: several whole images at a time, or some lines of one."""
    most = max(1, PART_BYTES // (lines * bytes_a_line))
    images = max(1, -(-count // max(1, -(-count // most))))  # the same number in each part
    at_once = lines if most > 1 else max(1, min(lines, PART_BYTES // bytes_a_line))
    for start in range(0, count, images):
        for first in range(0, lines, at_once):
            yield slice(start, min(start + images, count)), slice(first, min(first + at_once, lines))


@dataclass(frozen=True)
class _Copy:
    """The copy that makes the patches for one part of the outputs: from the images, at `offset`, to `target`."""

    part: Part
    offset: int
    strides: tuple[int, ...]
    target: Array
    ones: Array
    patches: Array

    def steps(self, images: Array) -> list[Step]:
        """Return the calls that make the patches of `images`."""
        # The same memory seen as overlapping patches; this constructor takes a tenth of `as_strided`'s time.
        source = np.ndarray(self.target.shape, images.dtype, images, self.offset, self.strides)
        return [partial(np.copyto, self.target, source), partial(self.ones.fill, 1)]


class Patches:
    """The patches of images of one shape, made part by part in the workspace's memory.

    images, outputs: the shapes (N, height, width, channels) and (N, rows, columns, outputs). With a bias, each patch
    ends in a one.
    """

    def __init__(
        self, weights: Array, bias: Array | None, stride: int, images: Shape, outputs: Shape, workspace: Workspace
    ) -> None:
        kernel, _, channels, _ = weights.shape
        item = weights.dtype.itemsize
        right = channels * item
        down, across = images[2] * right, images[1] * images[2] * right
        size, columns = kernel * kernel * channels, outputs[2]
        values = size + (bias is not None)
        self.copies: list[_Copy] = []
        for part in parts(outputs[0], outputs[1], columns * values * item):
            some, lines = part
            n, rows = some.stop - some.start, lines.stop - lines.start
            if channels == 1:
                # Pixels last, so that the copy runs along rows of an image rather than rows of a kernel.
                by_value = workspace.buffer("patches", (n, values, rows * columns), weights.dtype)
                patches, target = by_value.swapaxes(1, 2), by_value[:, :size].reshape(n, kernel, kernel, rows, columns)
                strides = (across, down, right, stride * down, stride * right)
            else:
                # Runs of kernel · channels values, which are contiguous in the images.
                patches = workspace.buffer("patches", (n, rows * columns, values), weights.dtype)
                target = patches[:, :, :size].reshape(n, rows, columns, kernel, kernel * channels)
                strides = (across, stride * down, stride * right, down, item)
            offset = some.start * across + lines.start * stride * down
            self.copies.append(_Copy(part, offset, strides, target, patches[:, :, size:], patches))

    def of(self, images: Array) -> Iterator[tuple[Part, Array]]:
        """Yield each part of the outputs, as slices of images and rows, with its patches (n, pixels, values)."""
        for copy in self.copies:
            run(copy.steps(images))
            yield copy.part, copy.patches


class ByPatches:
    """The convolution of images of one shape into `outputs` (N, rows, columns, outputs)."""

    def __init__(
        self,
        owner: object,
        weights: Array,
        bias: Array | None,
        stride: int,
        images: Shape,
        outputs: Array,
        workspace: Workspace,
    ) -> None:
        self.outputs = outputs
        self._patches = Patches(weights, bias, stride, images, outputs.shape, workspace)
        self._size, features = weights[..., 0].size, weights.shape[3]
        shape = (self._size + (bias is not None), features)
        self._kernels = workspace.buffer((owner, "by patches"), shape, weights.dtype)
        self.take(weights, bias)

    def take(self, weights: Array, bias: Array | None) -> None:
        """Convolve with `weights` (kernel, kernel, channels, outputs) and `bias` (outputs,) from now on."""
        self._kernels[: self._size] = weights.reshape(self._size, -1)
        if bias is not None:
            self._kernels[self._size] = bias

    def steps(self, images: Array) -> list[Step]:
        """Return the calls that write the convolution of `images` into `outputs`."""
        steps: list[Step] = []
        for copy in self._patches.copies:
            n, pixels, values = copy.patches.shape
            groups = _groups(pixels, self._kernels.size)
            rows = copy.patches.reshape(n, groups, -1, values)
            outputs = self.outputs[copy.part].reshape(n, groups, -1, self._kernels.shape[1])
            steps += [*copy.steps(images), partial(np.matmul, rows, self._kernels, out=outputs)]
        return steps


def _groups(pixels: int, multiply_adds: int) -> int:
    """Return the best number of equal parts to split a product into, given its pixels and the multiply-adds of each."""
    for groups in range(1, pixels // LEAST_PIXELS + 1):
        if pixels % groups == 0 and pixels // groups * multiply_adds <= SMALL_PRODUCT:
            return groups
    return 1
