"""Ink of one digit -> MNIST's geometry: the one place that does so, for digits, strips and evaluation."""

import numpy as np
from numpy.typing import NDArray

from model.picture.components import connected_components, masses, substantial
from model.picture.quantiles import median
from model.picture.resampling import averaging
from model.types import SIDE, WHITE, Image, InkMap, Picture

_BOX = 20  # the longer side of a digit in MNIST
_CENTRE = 14.0  # the pixel on which MNIST puts the centre of mass: that of its 60,000 training images lies within
_CENTRE_TOLERANCE = 0.52  # this of it, in both axes, for whole pixels are shifted
_MOST_SLANT = 0.3  # columns for each row: two thirds of MNIST's training images lean less
_LEAST_SHEAR = 0.02  # less moves no row by half a pixel of the 28
_POSITIONS = np.arange(SIDE)
_FULL = np.float32(254 / 255)  # the brightest pixel of each of MNIST's training images is 254 or 255 of 255
_FAINTEST = 8 / 255  # as for ink: what is fainter is compression
_THIN = 2.4  # pixels of the 28: MNIST's strokes are seldom thinner


def to_mnist_geometry(ink: InkMap) -> Image:
    """Return the digit drawn in `ink` as MNIST would hold it.

    ink: (H, W) float32 in [0, 1], whose bounding box of positive values is the digit's.
    Returns (28, 28) float32 in [0, 1]: scaled to fit 20 x 20 with its aspect kept, centre of mass on pixel (14, 14), a
    slant of more than 0.3 reduced to 0.3, the pen's strength restored; all zero where `ink` is all zero.
    Source: the preprocessing of LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
    """
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        return np.zeros((SIDE, SIDE), dtype=np.float32)
    ink = _less_slanted(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = _BOX / max(ink.shape)
    spread = max(1.0, 1 / scale, _missing_thickness(ink, scale) / scale)
    rows_matrix = _resampling(ink.sum(axis=1), scale, spread)
    columns_matrix = _resampling(ink.sum(axis=0), scale, spread)
    return strengthened(rows_matrix @ np.asarray(ink, dtype=np.float32) @ columns_matrix.T)


def already_mnist(picture: Picture) -> Image | None:
    """Return `picture` / 255, at full strength, where it already is in MNIST's geometry, else None.

    picture: (28, 28) or (28, 28, 3) with equal channels, on paper of exactly 0, or of exactly 255 with dark ink.
    All 60,000 training images pass, judged by their bounding box and centre of mass.
    """
    match picture.shape:
        case (28, 28):
            grey = picture
        case (28, 28, 3) if bool((picture == picture[:, :, :1]).all()):
            grey = picture[:, :, 0]
        case _:
            return None
    image = np.asarray(grey, dtype=np.float32) / np.float32(WHITE)
    if 2 * np.count_nonzero(image > 0.5) > image.size:  # dark on light, since paper is the larger part
        image = 1 - image
    if not _fits(image):
        image = _without_specks(image)
        if not _fits(image):
            return None
    strongest = image.max()
    if strongest < _FAINTEST:
        return None
    return image if strongest >= _FULL else image / strongest


def _without_specks(image: Image) -> Image:
    """Return `image` without what is tiny or faint next to its heaviest component."""
    components = connected_components(image > 0)
    if len(components) == 0:
        return image
    mass = masses(components, image)
    kept = substantial(components, mass, beside=int(mass.argmax()))
    return np.where(components.mask(kept), image, np.float32(0))


def _fits(image: Image) -> bool:
    """Return whether the positive pixels of `image` (28, 28) fit 20 x 20 exactly and balance on the middle."""
    by_row, by_column = image.sum(axis=1), image.sum(axis=0)
    rows, columns = by_row.nonzero()[0], by_column.nonzero()[0]
    if len(rows) == 0:
        return False
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    mass = by_row.sum()
    off = max(abs(by_row @ _POSITIONS / mass - _CENTRE), abs(by_column @ _POSITIONS / mass - _CENTRE))
    return bool(_BOX - 1 <= longer <= _BOX and off <= _CENTRE_TOLERANCE)


def _less_slanted(ink: InkMap) -> InkMap:
    """Return `ink` (H, W) sheared until it leans by `_MOST_SLANT` at most, and widened to hold all of it."""
    height, width = ink.shape
    y, x = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    mass = float(ink.sum())
    by_row, by_column = ink.sum(axis=1), ink.sum(axis=0)
    y -= by_row @ y / mass
    x -= by_column @ x / mass
    spread = float(by_row @ (y * y))
    slant = float(y @ ink @ x) / spread if spread > 0 else 0.0  # columns to the right for each row down
    excess = slant - float(np.clip(slant, -_MOST_SLANT, _MOST_SLANT))
    if abs(excess) < _LEAST_SHEAR:
        return ink
    shifts = -excess * y
    shifts -= shifts.min()
    whole = np.floor(shifts).astype(np.int64)
    share = (shifts - whole).astype(np.float32)[:, None]
    upright = np.zeros((height, width + int(whole.max()) + 1), np.float32)
    rows = np.arange(height)[:, None]
    places = np.arange(width) + whole[:, None]
    upright[rows, places] = (1 - share) * ink
    upright[rows, places + 1] += share * ink
    used = np.flatnonzero(upright.any(axis=0))
    return upright[:, used[0] : used[-1] + 1]


def _resampling(profile: NDArray[np.float32], scale: float, spread: float) -> NDArray[np.float32]:
    """Return the matrix (28, n) that scales n pixels and puts the centre of mass of their `profile` (n,) on 14.

    spread: half the width of the tent with which a new pixel averages old ones; a row sums to 1 if its tent is inside.
    """
    n = len(profile)
    centre = (float(profile @ np.arange(n)) / float(profile.sum()) + 0.5) * scale - 0.5
    # Whole pixels, as in MNIST: the box's edge falls on a pixel's edge, and a digit that needs no scaling stays sharp.
    first = np.round(_CENTRE - centre)
    places = (np.arange(SIDE) - first + 0.5) / scale - 0.5
    return averaging(places, n, spread)


def _missing_thickness(ink: InkMap, scale: float) -> float:
    """Return how far the tent must reach, in pixels of the 28, so that a thin pen leaves a stroke like MNIST's."""
    edges = float(np.abs(ink[1:] - ink[:-1]).sum() + np.abs(ink[:, 1:] - ink[:, :-1]).sum())
    edges += float(ink[0].sum() + ink[-1].sum() + ink[:, 0].sum() + ink[:, -1].sum())  # towards the paper around it
    # Steps along the axes overstate the length of a sloping edge by 4 / pi on average, and a stroke has two edges.
    length = edges * np.pi / 4 / 2
    return max(0.0, _THIN - scale * float(ink.sum()) / length)


def strengthened(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `image` (H, W) with the inside of its strokes at 1, as in MNIST, however faint the pen."""
    inside = image[image > image.max() / 2]
    if len(inside) == 0:
        return image
    return np.asarray(np.minimum(image / median(inside), 1), dtype=np.float32)
