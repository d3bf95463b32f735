"""Winograd's convolution: 3 × 3 kernels at stride 1, with 4 multiplications for every 9.

Images are (N, height, width, channels), contiguous. Each 4 × 4 tile d of an image and each kernel g give 2 × 2 outputs,
`Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A`. Summed over the channels, the product in the middle is 16 matrix products. With tiles and
kernels flattened, each transform is a matrix product as well, with the Kronecker product of its matrix with itself:
element-wise operations over runs of a tile's length would take NumPy several times as long.
Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", F(2 × 2, 3 × 3).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from model.engine.layer import Step
from model.engine.patches import Part, Shape, parts
from model.engine.workspace import Workspace
from model.types import Array

_B = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.float32)
_G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], np.float32)
_A = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], np.float32)
OF_TILES, OF_KERNELS = np.kron(_B, _B), np.kron(_G, _G)
# A 17th plane of products, where there is one, is the bias, which is added to each of the four outputs.
OF_PRODUCTS = np.append(np.kron(_A, _A), np.ones((4, 1), np.float32), axis=1)

# With fewer channels, the transforms cost more than the multiplications that they save.
LEAST_CHANNELS = 16
# With fewer tiles, reading the transformed kernels (16 / 9 as large) takes longer than multiplying by them.
LEAST_TILES = 10


def suits(weights: Array, stride: int, outputs: Shape) -> bool:
    """Return whether `weights` (kernel, kernel, channels, outputs) are best applied so to make `outputs` (N, …)."""
    count, rows, columns, _ = outputs
    enough = min(weights.shape[2:]) >= LEAST_CHANNELS and count * rows * columns >= 4 * LEAST_TILES
    return weights.shape[:2] == (3, 3) and stride == 1 and enough


@dataclass(frozen=True)
class _Part:
    """Two pieces of memory between which the values of a part go to and fro, in the shapes that each step needs.

    The transforms multiply one image at a time: small products are fast.
    """

    offset: int
    tiles: Array  # (4, 4, n, lines, columns, channels)
    tiles_by_image: Array  # (n, 16, lines · columns · channels)
    spread_by_image: Array  # likewise
    spread: Array  # (16, n · lines · columns, channels)
    products: Array  # (16, n · lines · columns, outputs)
    bias: Array  # (0 or 1, n · lines · columns, outputs), below the products
    products_by_image: Array  # (n, 16 or 17, lines · columns · outputs)
    sums_by_image: Array  # (n, 4, lines · columns · outputs)
    sums: Array  # (n, lines, 2, columns, 2, outputs)
    outputs: Array  # likewise


class Winograd:
    """The convolution of images of one shape into `outputs` (N, height - 2, width - 2, outputs)."""

    def __init__(
        self, owner: object, weights: Array, bias: Array | None, images: Shape, outputs: Array, workspace: Workspace
    ) -> None:
        count, height, width, channels = images
        dtype, features = weights.dtype, weights.shape[3]
        self.outputs, self._larger, pairs = outputs, None, outputs
        # Outputs come in blocks of 2 × 2: where a side is odd, an extra row or column is made and dropped.
        even = (count, height + height % 2, width + width % 2, channels)
        if even != images:
            self._larger = workspace.buffer("even images", even, dtype)
            pairs = workspace.buffer("even outputs", (count, even[1] - 2, even[2] - 2, features), dtype)
        self._pairs, right = pairs, channels * dtype.itemsize
        down, across = even[2] * right, even[1] * even[2] * right
        self._strides = (down, right, across, 2 * down, 2 * right, dtype.itemsize)
        self._planes = 16 + (bias is not None)
        self._parts = [
            self._part(part, part[0].start * across + part[1].start * 2 * down, channels, workspace)
            for part in parts(count, pairs.shape[1] // 2, 16 * pairs.shape[2] // 2 * right)
        ]
        self._kernels = workspace.buffer((owner, "winograd"), (16, channels, features), dtype)
        self._bias = None if bias is None else workspace.buffer((owner, "bias"), bias.shape, dtype)
        self.take(weights, bias)

    def _part(self, part: Part, offset: int, channels: int, workspace: Workspace) -> _Part:
        some, lines = part
        n, m = some.stop - some.start, lines.stop - lines.start
        columns, features, dtype = self._pairs.shape[2] // 2, self._pairs.shape[3], self._pairs.dtype
        tiles = workspace.buffer("tiles", (4, 4, n, m, columns, channels), dtype)
        spread = workspace.buffer("spread", (16, n * m * columns, channels), dtype)
        products = workspace.buffer("tiles", (self._planes, n * m * columns, features), dtype)
        sums = workspace.buffer("spread", (2, 2, n, m, columns, features), dtype)
        return _Part(
            offset=offset,
            tiles=tiles,
            tiles_by_image=tiles.reshape(16, n, -1).swapaxes(0, 1),
            spread_by_image=spread.reshape(16, n, -1).swapaxes(0, 1),
            spread=spread,
            products=products[:16],
            bias=products[16:],
            products_by_image=products.reshape(self._planes, n, -1).swapaxes(0, 1),
            sums_by_image=sums.reshape(4, n, -1).swapaxes(0, 1),
            sums=sums.transpose(2, 3, 0, 4, 1, 5),
            outputs=self._pairs[some, 2 * lines.start : 2 * lines.stop].reshape(n, m, 2, columns, 2, features),
        )

    def take(self, weights: Array, bias: Array | None) -> None:
        """Convolve with `weights` (3, 3, channels, outputs) and `bias` (outputs,) from now on."""
        np.matmul(OF_KERNELS, weights.reshape(9, -1), out=self._kernels.reshape(16, -1))
        if self._bias is not None:
            self._bias[...] = bias

    def steps(self, images: Array) -> list[Step]:
        """Return the calls that write the convolution of `images` into `outputs`."""
        if self._larger is None:
            return self._steps(images)
        _, height, width, _ = images.shape
        return [
            partial(np.copyto, self._larger[:, :height, :width], images),
            partial(self._larger[:, height:].fill, 0),
            partial(self._larger[:, :, width:].fill, 0),
            *self._steps(self._larger),
            partial(np.copyto, self.outputs, self._pairs[:, : height - 2, : width - 2]),
        ]

    def _steps(self, images: Array) -> list[Step]:
        steps: list[Step] = []
        for part in self._parts:
            # The same memory seen as overlapping tiles.
            tiles = np.ndarray(part.tiles.shape, images.dtype, images, part.offset, self._strides)
            bias = [] if self._bias is None else [partial(np.copyto, part.bias, self._bias)]
            steps += [
                partial(np.copyto, part.tiles, tiles),
                partial(np.matmul, OF_TILES, part.tiles_by_image, out=part.spread_by_image),
                partial(np.matmul, part.spread, self._kernels, out=part.products),
                *bias,
                partial(np.matmul, OF_PRODUCTS[:, : self._planes], part.products_by_image, out=part.sums_by_image),
                partial(np.copyto, part.outputs, part.sums),
            ]
        return steps
