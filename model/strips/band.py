"""A line of writing -> the band that the network slides over: digits as high as MNIST's, with paper on both sides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.mnist_geometry import strengthened
from model.picture.resampling import averaging
from model.strips.line import LONGEST, Line
from model.types import SIDE, InkMap

DIGIT_HEIGHT = 20
"""Rows of a digit in a band, as in MNIST's images."""
MARGIN = 14
"""Columns of paper on either side of the ink: half of what the network sees at once, so that it sees every digit."""
_STEP = 8  # a band's width is a multiple of this, so that memory is needed for few widths
MOST_COLUMNS = LONGEST * DIGIT_HEIGHT + 2 * MARGIN + _STEP
"""Columns of the widest band: the longest line fits in."""


@dataclass(frozen=True)
class Band:
    """What the network sees of a line: (rows, W) float32 in [0, 1], and where the line's pixels lie in it.

    Column x of the line lies at x * scale + MARGIN in the band; the line's middle lies in the middle row.
    """

    image: InkMap
    scale: float


def band_of(line: Line, rows: int = SIDE) -> Band:
    """Return `line` with digits of DIGIT_HEIGHT rows in a band of `rows`.

    Whatever lies above or below the band is cut off. The strength that thin strokes
    lose in averaging is restored.
    """
    scale = DIGIT_HEIGHT / line.height
    height, width = line.strength.shape
    seen = min(round_up(width * scale + 2 * MARGIN), MOST_COLUMNS)
    down = _resampling(rows, height, scale, line.middle - rows / 2 / scale)
    across = _resampling(seen, width, scale, -MARGIN / scale)
    return Band(strengthened(np.asarray(down @ line.strength @ across.T, np.float32)), scale)


def round_up(width: float) -> int:
    """Return the smallest band width that is at least `width`."""
    return int(np.ceil(width / _STEP)) * _STEP


def _resampling(n_new: int, n: int, scale: float, start: float) -> NDArray[np.float32]:
    """Return the matrix (n_new, n) that scales `n` pixels, from pixel `start` on, by `scale`."""
    places = (np.arange(n_new) + 0.5) / scale + start - 0.5
    return averaging(places, n, max(1.0, 1 / scale))
