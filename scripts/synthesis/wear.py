"""What small scans, poor copies and compression do to a picture of a strip."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from synthesis.worlds import Dice

Pixels = NDArray[np.uint8]

_SCANNED = (8.0, 13.0)  # pixels of a digit's height in the smallest picture that the strip went through
_SHOWN = (10.0, 20.0)  # the same in the picture that is sent
_SMOOTH = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)


def worn(picture: Pixels, height: float, dice: Dice) -> Pixels:
    """Return `picture` (H, W, 3), with digits of `height` pixels, as a small, faint, hard or blocky copy of it."""
    image = Image.fromarray(picture)
    if dice.chance(0.7):
        scanned = dice.uniform(_SCANNED)
        image = _resized(image, min(1.0, scanned / height), dice)
        if dice.chance(0.7):  # enlarged again: blurred, but with more pixels
            image = _resized(image, max(1.0, dice.uniform(_SHOWN) / scanned), dice)
    elif dice.chance(0.5):
        image = image.filter(ImageFilter.GaussianBlur(dice.uniform((0.03, 0.07)) * height))
    content = np.asarray(image, np.float64)
    paper = np.percentile(content, 85, axis=(0, 1))
    match dice.random.integers(3):
        case 0:  # faint
            content = paper + (content - paper) * dice.uniform((0.25, 0.7))
        case 1:  # a copy whose paper has become white, and whose pen has become blacker or lost its faint parts
            content = 255 - (paper - content - dice.uniform((0, 25))) * dice.uniform((1, 2))
    content = content + dice.random.normal(0, dice.uniform((0, 4)), (*content.shape[:2], 1))
    image = Image.fromarray(np.clip(content, 0, 255).astype(np.uint8))
    if dice.chance(0.2):
        return np.asarray(image)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(dice.random.integers(30, 75)))
    return np.asarray(Image.open(file))


def _resized(image: Image.Image, factor: float, dice: Dice) -> Image.Image:
    size = tuple(max(4, round(side * factor)) for side in image.size)
    return image.resize(size, _SMOOTH[int(dice.random.integers(len(_SMOOTH)))], reducing_gap=2.0)  # type: ignore[arg-type]  # two sides
