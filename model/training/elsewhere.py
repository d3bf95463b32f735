"""Digits of Turkish and Italian writers under an open licence, to write strips with and to train on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.picture.mnist_geometry import to_mnist_geometry
from model.picture.resampling import averaging
from model.training.mnist import Digits


@dataclass(frozen=True)
class Source:
    """A set of digits at the UCI Machine Learning Repository, as bits, white on black.

    arrays: the names of the images (N, side, side) uint8 and the labels (N,) uint8 in its .npz file. narrower: the
    share of their width that digits have in writing; the set was made with digits stretched to fill their squares.
    """

    name: str
    arrays: tuple[str, str]
    side: int
    narrower: float
    licence: str = "CC BY 4.0"


SOURCES = {
    "optdigits": Source("optdigits (UCI 80), the training writers", ("x_train", "y_train"), 32, 1.0),
    "semeion": Source("Semeion (UCI 178)", ("x", "y"), 16, 0.7),
}
"""By the name of the file without its ending."""
_FINE = 64  # pixels a side: bits are smoothed at this size, so that stairs become strokes
_PEN = 0.8  # of a bit: how far smoothing reaches


@dataclass(frozen=True)
class Set:
    """Digits in MNIST's geometry, and where they come from. `digits.sha256` is that of both arrays' bytes."""

    source: Source
    digits: Digits

    @property
    def fit(self) -> Digits:
        """Those that fit weights: the first four fifths; their order is by writer."""
        return self.digits[: self._cut]

    @property
    def validation(self) -> Digits:
        """The others, for choices."""
        return self.digits[self._cut :]

    @property
    def _cut(self) -> int:
        return len(self.digits) * 4 // 5

    def about(self) -> dict[str, Any]:
        """Return what an artifact's header says of them."""
        return {
            "name": self.source.name,
            "images": [0, self._cut],
            "sha256": self.digits.sha256,
            "licence": self.source.licence,
        }


def load(path: Path) -> Set:
    """Return the digits of `path`, a file named after one of SOURCES: see data/README.md.

    Raises ValueError where the name or the content is another, OSError where the file cannot be read.
    """
    source = SOURCES.get(path.stem)
    if source is None:
        raise ValueError(f"{path} must be named {' or '.join(f'{name}.npz' for name in SOURCES)}")
    try:
        with np.load(path, allow_pickle=False) as file:
            bits, labels = (file[name] for name in source.arrays)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} must be an .npz with the arrays {' and '.join(source.arrays)}: {error}") from error
    if bits.shape[1:] != (source.side, source.side) or labels.shape != bits.shape[:1] or labels.max(initial=0) > 9:
        raise ValueError(
            f"{path} must hold images (N, {source.side}, {source.side}) and labels (N,) from 0 to 9; "
            f"got {bits.shape} and {labels.shape}"
        )
    content = hashlib.sha256(np.ascontiguousarray(bits).tobytes() + np.ascontiguousarray(labels).tobytes())
    images = np.stack([_as_written(each > 0, source.narrower) for each in bits])
    return Set(source, Digits(images, labels.astype(np.uint8), content.hexdigest()))


def _as_written(bits: NDArray[np.bool_], narrower: float) -> NDArray[np.uint8]:
    """Return `bits` (side, side) as grey strokes in MNIST's geometry, (28, 28) uint8."""
    side = len(bits)
    padded = np.pad(bits, 1).astype(np.float32)
    down = averaging(_places(side, _FINE), side + 2, 1 + _PEN)
    across = averaging(_places(side, round(narrower * _FINE)), side + 2, 1 + _PEN)
    smooth = down @ padded @ across.T
    ink = np.clip((smooth - 0.5) * _FINE / side + 0.5, 0, 1)
    return np.rint(255 * to_mnist_geometry(np.where(ink > 0.02, ink, np.float32(0)))).astype(np.uint8)


def _places(side: int, count: int) -> NDArray[np.float64]:
    """Return `count` places across `side` bits and the one of paper on either side."""
    return (np.arange(count) + 0.5) * (side + 2) / count - 0.5
