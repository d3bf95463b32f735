"""Print in the fonts of this machine: words that hold no code, and printed digits."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.picture.mnist_geometry import to_mnist_geometry
from model.training.mnist import Digits

PATTERNS = ("*.ttf", "*.otf", "*-latin-400-normal.woff", "*-latin-700-normal.woff")
"""The files that are taken: those of Debian's font packages, and two weights of each npm package @fontsource/NAME."""
_FINE = 64  # pixels of print before it is reduced
_ALL = "0123456789AEHKMRWabdeghkmnpqtw"  # a font that has these is one to write with; icon fonts show one box for all

Layer = NDArray[np.float32]


@dataclass(frozen=True)
class Fonts:
    """Fonts to print with, by path, and the SHA-256 of all files together."""

    paths: tuple[Path, ...]
    sha256: str

    def text(self, text: str, font: int, height: float) -> Layer:
        """Return `text` in the font with that number, (H, W) ink from 0 to 1, capitals being `height` pixels high."""
        face = ImageFont.truetype(self.paths[font], max(8, round(1.4 * height)))
        left, top, right, bottom = (round(side) for side in face.getbbox(text))
        sheet = Image.new("L", (max(1, right - left), max(1, bottom - top)))
        ImageDraw.Draw(sheet).text((-left, -top), text, fill=255, font=face)
        return np.asarray(sheet, np.float32) / np.float32(255)

    def digits(self) -> Digits:
        """Return the ten digits of each font in MNIST's geometry."""
        images = [
            np.rint(255 * to_mnist_geometry(self.text(digit, font, _FINE))).astype(np.uint8)
            for font in range(len(self.paths))
            for digit in "0123456789"
        ]
        return Digits(np.stack(images), np.tile(np.arange(10, dtype=np.uint8), len(self.paths)), self.sha256)

    def about(self) -> dict[str, object]:
        """Return what an artifact's header says of them."""
        names = sorted({path.stem for path in self.paths})
        return {"name": f"print in {len(names)} fonts: {', '.join(names)}", "sha256": self.sha256,
                "licence": "SIL OFL 1.1, Apache 2.0 or Bitstream Vera"}  # fmt: skip


def find(folders: Sequence[Path]) -> Fonts:
    """Return the fonts in `folders` and below whose files match PATTERNS. Raises ValueError where there are none."""
    found = sorted(
        {path.name: path for folder in folders for pattern in PATTERNS for path in folder.rglob(pattern)}.items()
    )
    paths = tuple(path for _, path in found if _writes(path))
    if not paths:
        raise ValueError(
            f"no fonts in {', '.join(map(str, folders))}: "
            f"install Debian's package fonts-dejavu, or an npm package @fontsource/NAME"
        )
    content = hashlib.sha256()
    for path in paths:
        content.update(path.read_bytes())
    return Fonts(paths, content.hexdigest())


def _writes(path: Path) -> bool:
    """Return whether the font shows each of `_ALL` differently."""
    try:
        face = ImageFont.truetype(path, 32)
    except OSError:
        return False
    return len({bytes(face.getmask(letter)) for letter in _ALL}) == len(_ALL)
