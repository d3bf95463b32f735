"""Pictures of real digits on papers, tables and in shadows, for the tests of ink."""

import numpy as np
from numpy.typing import NDArray

from tests.real_digits import real_digits

Floats = NDArray[np.float32]
DIGITS = real_digits().images.astype(np.float32) / 255


def stroke(random: np.random.Generator, height: int, width: int) -> Floats:
    """Return a real digit, two or three times its size, somewhere on (height, width): 0 to 1."""
    digit = np.kron(
        DIGITS[random.integers(len(DIGITS))][4:24, 4:24], np.ones((size := int(random.integers(2, 4)),) * 2)
    )
    canvas = np.zeros((height, width), np.float32)
    top, left = random.integers(4, height - 20 * size - 4), random.integers(4, width - 20 * size - 4)
    canvas[top : top + 20 * size, left : left + 20 * size] = digit
    return canvas


def drawn(ink: Floats, paper: float, pen: float) -> Floats:
    return np.asarray(paper + ink * (pen - paper), np.float32)


def photographed(picture: Floats, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return `picture` with a little noise, half of the time as a negative."""
    noisy = picture + random.normal(0, 2, picture.shape)
    return np.clip(255 - noisy if random.random() < 0.5 else noisy, 0, 255).astype(np.uint8)


def askew(height: int, width: int, rectangle: tuple[float, float, float, float], degrees: float) -> NDArray[np.bool_]:
    """Return which of (height, width) pixels lie in `rectangle` (top, left, bottom, right), turned about its middle."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    top, left, bottom, right = rectangle
    y, x = y - (top + bottom) / 2, x - (left + right) / 2
    angle = np.radians(degrees)
    down, across = y * np.cos(angle) - x * np.sin(angle), x * np.cos(angle) + y * np.sin(angle)
    return np.asarray((np.abs(down) < (bottom - top) / 2) & (np.abs(across) < (right - left) / 2))


def agreement(found: Floats, ink: Floats) -> float:
    """Return the pixels that are written in both, as a share of those that are in either."""
    written, meant = found > 0.5, ink > 0.5
    return float((written & meant).sum() / (written | meant).sum())
