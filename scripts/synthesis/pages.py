"""Pictures made from MNIST's digits, as if written on a page or a form; used to measure the reader."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
PAPER, PEN = 235, 60
PAGE, SIDE = 112, 28
_NOISE = 2.0


def on_paper(ink: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return `ink` (H, W), 0 to 255, as a dark pen on light paper."""
    return np.asarray(PAPER - (PAPER - PEN) / 255 * ink.astype(np.float32), np.float32)


def scanned(page: NDArray[np.float32], random: np.random.Generator) -> Pixels:
    """Return `page` (H, W), 0 to 255, with a little noise."""
    return np.clip(page + random.normal(0, _NOISE, page.shape), 0, 255).astype(np.uint8)


def off_centre(digit: Pixels, random: np.random.Generator) -> Pixels:
    """Return a page of 112 × 112 with the digit somewhere on it, one to three times its size."""
    large = np.kron(digit, np.ones((factor := int(random.integers(1, 4)), factor), np.uint8))
    page = np.full((PAGE, PAGE), PAPER, np.float32)
    top, left = random.integers(0, PAGE - SIDE * factor + 1, 2)
    page[top : top + SIDE * factor, left : left + SIDE * factor] = on_paper(large)
    return scanned(page, random)


def ruled(digit: Pixels, random: np.random.Generator, *, touching: bool) -> tuple[Pixels, Pixels]:
    """Return the digit as cut out of a form, with lines of its box at one to four edges, and the same without them.

    The box is the digit's own 20 × 20 or wider, plus 2 to 6 pixels on each side, all enlarged one to three times. With
    `touching`, one or two of the lines run along the digit's outermost pixels or up to 2 pixels inside them. The lines
    are 1 to 3 pixels wide (at most the factor of enlargement), half of them tilted by up to 3 degrees, as dark as the
    pen or fainter. The picture extends up to 6 pixels beyond them.
    """
    factor = int(random.integers(1, 4))
    large = np.kron(digit, np.ones((factor, factor), np.uint8)).astype(np.float32)
    rows, columns = np.flatnonzero(large.any(axis=1)), np.flatnonzero(large.any(axis=0))
    cut = large[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    lined = random.permutation(4) < random.integers(1, 5)  # top, bottom, left, right
    widths = random.integers(1, factor + 1, 4) * lined
    gaps = random.integers(2, 7, 4) * factor
    # A form's cell is as wide for a 1 as for a 0.
    narrow = max(0, 14 * factor - cut.shape[1])
    left_share = int(random.integers(0, narrow + 1))
    gaps[2:] += left_share, narrow - left_share
    if touching:
        touched = random.permutation(np.flatnonzero(lined))[: random.integers(1, 3)]
        gaps[touched] = -random.integers(0, 2 * factor + 1, len(touched))
    beyond = random.integers(1, 7, 4) * lined
    top, bottom, left, right = np.maximum(gaps + beyond + widths, 1)
    height, width = cut.shape[0] + top + bottom, cut.shape[1] + left + right
    plain = np.zeros((height, width), np.float32)
    plain[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    tilt = np.tan(np.radians(random.uniform(-3, 3))) * float(random.integers(0, 2))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    down, across = y - tilt * (x - width / 2), x + tilt * (y - height / 2)
    distances = (
        down - (top - gaps[0] - (widths[0] + 1) / 2),
        down - (top + cut.shape[0] + gaps[1] + (widths[1] - 1) / 2),
        across - (left - gaps[2] - (widths[2] + 1) / 2),
        across - (left + cut.shape[1] + gaps[3] + (widths[3] - 1) / 2),
    )
    lines = plain.copy()
    strength = 255 * float(random.uniform(0.5, 1))
    for side in np.flatnonzero(lined):
        cover = np.clip(widths[side] / 2 + 0.5 - np.abs(distances[side]), 0, 1)
        np.maximum(lines, strength * cover, out=lines)
    return scanned(on_paper(lines), random), scanned(on_paper(plain), random)
