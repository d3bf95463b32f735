"""Pictures of more than 8 bits a pixel -> 8 bits, by the range of the device that made them.

The range is never the picture's own: spread over 0 to 255, a crease in blank paper is as black as a pen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.errors import UnreadableError

_BITS_PER_SAMPLE, _PHOTOMETRIC, _MAX_SAMPLE_VALUE, _SAMPLE_FORMAT = 258, 262, 281, 339
# The highest values of masks and fractions, and of 8, 10, 12, 14 and 16 bits: sensors of any of these store 16.
_EIGHT_BITS = 255.0
_RANGES = (1.0, _EIGHT_BITS, 1023.0, 4095.0, 16383.0, 65535.0)
_OVERSHOOT = 0.1  # of the range: resampled fractions go beyond their range by less
_SAMPLES = 256  # of a band, each way
# Writing that is lighter than its paper holds the highest value: paper is below the first share of it, and it is above
# the second share of its device's range. Otherwise it may be a crease in a dark picture of nothing.
_DARK, _BRIGHT = 0.4, 0.8


@dataclass(frozen=True)
class Shades:
    """What the values of a picture mean: `white` is the highest that may be, and means black where `inverted`."""

    white: float
    inverted: bool
    unsigned: bool

    def eight_bits(self, band: Image.Image) -> Image.Image:
        """Return a band of the picture with 8 bits a pixel."""
        shades = np.rint(np.clip(_values(band, unsigned=self.unsigned) * (255 / self.white), 0, 255)).astype(np.uint8)
        return Image.fromarray(255 - shades if self.inverted else shades)


def is_deep(image: Image.Image) -> bool:
    """Return whether `image` is grey with more than 8 bits a pixel."""
    return image.mode in ("F", "I") or image.mode.startswith("I;16")


def shades_of(image: Image.Image, bands: Iterable[Image.Image]) -> Shades:
    """Return what the values of a deep `image`, which is looked at in `bands`, mean.

    They have the least range that holds them: 0 to 1, or that of 8, 10, 12, 14 or 16 bits; greater numbers that of the
    least power of two. A TIFF's own word goes before: its greatest value, and that 0 is white.
    Raises UnreadableError where values are not finite, or negative.
    """
    tags = dict(getattr(image, "tag_v2", {}))
    unsigned = image.mode == "I" and tags.get(_BITS_PER_SAMPLE) == (32,) and tags.get(_SAMPLE_FORMAT, (1,)) == (1,)
    low, high, middle = _looked_at(_values(band, unsigned=unsigned) for band in bands)
    inverted = tags.get(_PHOTOMETRIC) == 0
    fractions = image.mode == "F"
    white = _holding(high / (1 + _OVERSHOOT) if fractions else high, _RANGES)
    light_on_dark = middle - low < high - middle
    dubious = light_on_dark and not (middle < _DARK * high and high > _BRIGHT * white)
    if (said := _first(tags.get(_MAX_SAMPLE_VALUE))) >= max(high, 1):
        white = said
    elif (dubious or inverted) and not (fractions and white <= _EIGHT_BITS):
        white = _holding(high, _RANGES[-1:])
    if low < -_OVERSHOOT * white:
        raise UnreadableError(
            f"the image holds values from {low:g} to {high:g}; expected 0 to 1, 0 to 255 or 0 to 65535"
        )
    return Shades(white, inverted, unsigned)


def _looked_at(bands: Iterable[NDArray[np.float32]]) -> tuple[float, float, float]:
    """Return the lowest, highest and middle value. Raises UnreadableError where some are not finite."""
    lows, highs, samples = [], [], []
    for values in bands:
        lows.append(values.min())
        highs.append(values.max())
        samples.append(values[:: max(1, values.shape[0] // _SAMPLES), :: max(1, values.shape[1] // _SAMPLES)].ravel())
    low, high = float(np.min(lows)), float(np.max(highs))
    if not (np.isfinite(low) and np.isfinite(high)):
        raise UnreadableError("the image holds values that are not finite; expected numbers")
    return low, high, float(np.median(np.concatenate(samples)))


def _first(values: Any) -> float:
    """Return the first number of a tag's value; 0 where there is none."""
    number = next(iter(values), 0) if isinstance(values, tuple) else values
    return float(number) if isinstance(number, int) else 0.0


def _holding(high: float, ranges: tuple[float, ...]) -> float:
    """Return the least of `ranges` that holds `high`, or else the least power of two."""
    return next((each for each in ranges if high <= each), 2.0 ** np.ceil(np.log2(max(high, 1.0))))


def _values(band: Image.Image, *, unsigned: bool) -> NDArray[np.float32]:
    values = np.asarray(band)
    return (values.view(np.uint32) if unsigned else values).astype(np.float32)
