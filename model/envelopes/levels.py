"""Grey pixels -> the level of the paper around each, and how strong ink is there."""

import numpy as np
from numpy.typing import NDArray

from model.picture.morphology import dilated, eroded
from model.picture.resampling import block_maxima

_BLOCK, _WINDOW = 4, 7  # pixels, and blocks: a stroke is narrower than 28 pixels
_AROUND, _NEAR = 12, 5  # pixels of the blocks, and blocks, among which the strength of ink is compared


def paper_level(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the level of the paper (H, W) around each pixel of `grey`: a closing, which fills strokes with paper.

    What is wider than any stroke stays as it is: the edge of a shadow, or of a stamp, is no ink.
    Source: Serra 1982, "Image analysis and mathematical morphology".
    """
    height, width = grey.shape
    level = eroded(dilated(block_maxima(grey, _BLOCK), _WINDOW), _WINDOW)
    return _interpolated(np.ascontiguousarray(_interpolated(level.T, width).T), height)


def strongest_near(away: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how strong ink is around each pixel, (H, W), by how far pixels are `away` from the paper."""
    height, width = away.shape
    strongest = dilated(block_maxima(away, _AROUND), _NEAR)
    return np.repeat(np.repeat(strongest, _AROUND, 0), _AROUND, 1)[:height, :width]


def _interpolated(level: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Return the first `n` rows, (n, W), between those of `level` (H, W), which are _BLOCK rows apart."""
    places = np.clip((np.arange(n) + 0.5) / _BLOCK - 0.5, 0, len(level) - 1)
    above = places.astype(np.int64)
    below = np.minimum(above + 1, len(level) - 1)
    share = (places - above).astype(np.float32)[:, None]
    rows = level[below] - level[above]
    rows *= share
    rows += level[above]
    return rows
