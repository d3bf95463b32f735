"""Distorted copies of bands: what another hand, another pen, or another estimate of slant and height might give."""

from dataclasses import dataclass

import numpy as np

from model.picture.resampling import sample, sharpened
from model.strips.band import MARGIN, round_up
from model.training.augmentation import elastic_field
from model.types import SIDE, Images

_LEAST_MARGIN = 10  # columns of paper after the widest copy


@dataclass(frozen=True)
class BandDistortion:
    """How far a copy may stray: the bounds of uniform draws.

    narrowing: bounds of how much narrower copies are. height: a share of 1. shear: columns a row. shift: rows. elastic:
    standard deviation of the displacement in pixels, smooth over `smoothness` pixels. contrast: bounds of a factor for
    the ink, which is cut off at full strength. sharpening: bounds of the share of its Laplacian that is subtracted.
    """

    narrowing: tuple[float, float] = (-0.1, 0.25)
    height: float = 0.18
    shear: float = 0.12
    shift: float = 2.0
    elastic: float = 0.8
    smoothness: float = 4.0
    contrast: tuple[float, float] = (0.8, 1.6)
    sharpening: tuple[float, float] = (-0.05, 0.5)

    def apply(self, bands: Images, random: np.random.Generator) -> Images:
        """Return distorted copies (N, 28, W') of `bands`, (N, rows, W) float32 in [0, 1]; the widest fits W'."""
        count, rows, width = bands.shape
        width = round_up((width - MARGIN) / (1 + self.narrowing[0]) + _LEAST_MARGIN)
        height, shear, shift = (
            random.uniform(-bound, bound, (count, 1, 1)).astype(np.float32)
            for bound in (self.height, self.shear, self.shift)
        )
        narrowing = random.uniform(*self.narrowing, (count, 1, 1)).astype(np.float32)
        y, x = np.mgrid[:SIDE, :width].astype(np.float32)
        y -= (SIDE - 1) / 2
        shape = (count, SIDE, width)
        fields = [elastic_field(shape, self.elastic, self.smoothness, random) for _ in ("columns", "rows")]
        columns = (1 + narrowing) * x + shear * y + fields[0]
        down = (1 + height) * y + shift + (rows - 1) / 2 + fields[1]
        copies = sample(bands, columns, down)
        contrast = random.uniform(*self.contrast, (count, 1, 1)).astype(np.float32)
        copies = np.minimum(copies * contrast, 1)
        return sharpened(copies, random.uniform(*self.sharpening, (count, 1, 1)).astype(np.float32))
