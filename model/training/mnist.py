"""MNIST's IDX files, and who may see which of their images (see data/README.md)."""

import gzip
import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.types import Images

LICENCE = "CC BY-SA 3.0"
"""The licence under which MNIST is commonly distributed (see data/README.md)."""
FIT = slice(0, 50_000)
"""Training images that fit the weights."""
VALIDATION = slice(50_000, 55_000)
"""Training images for every choice, early stop and calibration."""
STRIPS = slice(55_000, 60_000)
"""Training images that no weights and no choice see: the project's own test strips."""


@dataclass(frozen=True)
class Digits:
    """Images (N, 28, 28) uint8, ink bright on dark, their labels (N,) uint8, and the image file's SHA-256."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    sha256: str

    def __getitem__(self, part: slice) -> "Digits":
        return Digits(self.images[part], self.labels[part], self.sha256)

    def __len__(self) -> int:
        return len(self.images)

    def ink(self) -> "Ink":
        """Return them as a classifier reads them: a copy four times as large, so make it once per training."""
        return Ink(as_ink(self.images), self.labels, self.sha256)


@dataclass(frozen=True)
class Ink:
    """Digits as a classifier reads them: images (N, 28, 28) float32 in [0, 1], else as in `Digits`."""

    images: Images
    labels: NDArray[np.uint8]
    sha256: str

    def __getitem__(self, part: slice) -> "Ink":
        return Ink(self.images[part], self.labels[part], self.sha256)

    def __len__(self) -> int:
        return len(self.images)


def load(folder: Path, part: str = "train") -> Digits:
    """Return MNIST's `part` from `folder`: 60,000 images for "train".

    The other part is for testing: only evaluate.py and compare.py load it, for figures and never for choices. The files
    may be unpacked or `.gz`. Raises FileNotFoundError or ValueError with one sentence on what to do.
    """
    images, content = _read_idx(folder, f"{part}-images-idx3-ubyte", dimensions=3)
    labels, _ = _read_idx(folder, f"{part}-labels-idx1-ubyte", dimensions=1)
    if len(images) != len(labels) or images.shape[1:] != (28, 28) or labels.max(initial=0) > 9:
        raise ValueError(f"{folder} holds {images.shape} images and {labels.shape} labels: expected MNIST's")
    return Digits(images, labels, hashlib.sha256(content).hexdigest())


def as_ink(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return `images`, 0 to 255, as float32, 0 to 1: what a classifier reads."""
    return np.divide(images, np.float32(255), dtype=np.float32)


def _read_idx(folder: Path, name: str, dimensions: int) -> tuple[NDArray[np.uint8], bytes]:
    plain, packed = folder / name, folder / f"{name}.gz"
    if plain.exists():
        content = plain.read_bytes()
    elif packed.exists():
        content = gzip.decompress(packed.read_bytes())
    else:
        raise FileNotFoundError(f"{plain} is not there: run `make data` to fetch MNIST")
    header_size = 4 + 4 * dimensions
    # IDX: two zero bytes, the type (8 is uint8), the number of dimensions, then each dimension, big-endian.
    if len(content) < header_size or content[:4] != bytes([0, 0, 8, dimensions]):
        raise ValueError(f"{name} in {folder} is not an IDX file of {dimensions} dimensions: run `make data` again")
    shape = struct.unpack(f">{dimensions}I", content[4:header_size])
    if len(content) != header_size + int(np.prod(shape)):
        raise ValueError(f"{name} in {folder} is cut short or too long: run `make data` again")
    return np.frombuffer(content, np.uint8, offset=header_size).reshape(shape), content
