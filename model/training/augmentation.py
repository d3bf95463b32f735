"""Distorted copies of digits: what another hand, pen or scan might have made of the same digit."""

from dataclasses import dataclass

import numpy as np

from model.picture.resampling import sample, sharpened
from model.types import SIDE, Images


@dataclass(frozen=True)
class Distortion:
    """How far a copy may stray: the bounds of uniform draws, and the size of an elastic field.

    rotation: radians. scale, shear: shares of 1. shift: pixels. elastic: standard deviation of the displacement in
    pixels, drawn at each pixel and smoothed by a Gaussian of `smoothness` pixels. sharpening: bounds of the share of
    its Laplacian that is subtracted from the copy: interpolation blurs, and the digits to be read are not blurred.
    Source: Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks": there α = 34 and
    σ = 4, which gives a deviation of about 1.4 pixels.
    """

    rotation: float = 0.2
    scale: float = 0.15
    shear: float = 0.2
    shift: float = 1.0
    elastic: float = 1.2
    smoothness: float = 4.0
    sharpening: tuple[float, float] = (0.0, 0.0)

    def apply(self, images: Images, random: np.random.Generator) -> Images:
        """Return a distorted copy of each of `images`, (N, 28, 28) float32 in [0, 1]."""
        columns, rows = self._affine(len(images), random)
        if self.elastic:
            columns += elastic_field(columns.shape, self.elastic, self.smoothness, random)
            rows += elastic_field(rows.shape, self.elastic, self.smoothness, random)
        copies = sample(images, columns, rows)
        if self.sharpening == (0.0, 0.0):
            return copies
        return sharpened(copies, random.uniform(*self.sharpening, (len(images), 1, 1)).astype(np.float32))

    def _affine(self, count: int, random: np.random.Generator) -> tuple[Images, Images]:
        """Return the columns and rows from which each pixel of the copy is read, each (N, 28, 28)."""
        angle, shear, shift_x, shift_y, scale_x, scale_y = (
            random.uniform(-bound, bound, (count, 1, 1)).astype(np.float32)
            for bound in (self.rotation, self.shear, self.shift, self.shift, self.scale, self.scale)
        )
        y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) - (SIDE - 1) / 2
        columns = (1 + scale_x) * (np.cos(angle) * x + np.sin(angle) * y) + shear * y + shift_x + (SIDE - 1) / 2
        rows = (1 + scale_y) * (np.cos(angle) * y - np.sin(angle) * x) + shift_y + (SIDE - 1) / 2
        return columns, rows


def elastic_field(
    shape: tuple[int, int, int], deviation: float, smoothness: float, random: np.random.Generator
) -> Images:
    """Return displacements (N, H, W) in pixels, drawn at each pixel and smoothed by a Gaussian.

    deviation: the displacements' standard deviation. smoothness: the Gaussian's. Both in pixels.
    """
    down, across = (_smoothing(side, smoothness) for side in shape[1:])
    noise = random.standard_normal(shape, np.float32)
    return np.asarray(deviation * (down @ noise @ across.T), np.float32)


def _smoothing(side: int, smoothness: float) -> Images:
    distance = np.arange(side)[:, None] - np.arange(side)
    weights = np.exp(-0.5 * (distance / smoothness) ** 2)
    # Rows of unit length keep the variance of independent draws, so the field's deviation is `deviation`.
    return np.asarray(weights / np.linalg.norm(weights, axis=1, keepdims=True), np.float32)
