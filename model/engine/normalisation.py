"""Pixels -> a network's inputs: centred and scaled by statistics of the training images."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from model.types import Array

# The lesson divides by `1e-9 + sigmas` with pixels from 0 to 255; ours run from 0 to 1.
LESSON_EPSILON = 1e-9 / 255


@dataclass(frozen=True)
class Normalisation:
    """`(x - mean) / deviation`, flattened to rows. Each is one number, or one per pixel, (784,)."""

    mean: Array
    deviation: Array

    @classmethod
    def identity(cls, dtype: DTypeLike = np.float32) -> Self:
        """Return the normalisation that changes nothing."""
        return cls(np.zeros((), dtype), np.ones((), dtype))

    @classmethod
    def of_all_pixels(cls, images: Array, dtype: DTypeLike = np.float32) -> Self:
        """Return that with one mean and deviation for all pixels of `images` (N, 28, 28): no pixel can blow up."""
        return cls(images.mean(dtype=np.float64).astype(dtype), images.std(dtype=np.float64).astype(dtype))

    @classmethod
    def of_each_pixel(cls, images: Array, dtype: DTypeLike = np.float64) -> Self:
        """Return the lesson's, with each pixel's own mean and deviation. Pixels that never vary in training blow up."""
        rows = images.reshape(len(images), -1).astype(np.float64)
        return cls(rows.mean(axis=0).astype(dtype), (rows.std(axis=0) + LESSON_EPSILON).astype(dtype))

    def apply(self, images: Array, out: Array | None = None) -> Array:
        """Return `images` (N, …) as normalised rows (N, features) of the statistics' dtype, in `out` if it is given."""
        rows = images.reshape(len(images), -1).astype(self.mean.dtype, copy=False)
        centred: Array = np.subtract(rows, self.mean, out=out)
        centred /= self.deviation
        return centred
