"""Sets of digits from elsewhere, to measure the reader on: pictures as users would send them, and their labels."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pictures import read_picture

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class LabelledPictures:
    """Pictures, each (H, W, 3) uint8, and the character that each shows, or None."""

    pictures: list[Pixels]
    labels: list[str | None]


def usps(folder: Path) -> LabelledPictures:
    """Return the digits of US zip codes: 16 × 16, white on black."""
    return _from_arrays(folder / "usps_train.npz")


def paper(folder: Path) -> LabelledPictures:
    """Return the pen-on-paper scans."""
    return _from_arrays(folder / "paper_digits.npz")


def photographed(folder: Path) -> LabelledPictures:
    """Return the photographed characters: digits and letters."""
    return _from_arrays(folder / "photographed_characters.npz")


def registers(folder: Path) -> LabelledPictures:
    """Return the crops from old registers, in the order of their sorted paths; each one's folder is its label."""
    paths = sorted((folder / "register_digits").glob("[0-9]/*.jpg"))
    if not paths:
        raise FileNotFoundError(f"{folder / 'register_digits'} must have folders 0 to 9 with .jpg pictures; found none")
    return LabelledPictures([read_picture(path) for path in paths], [path.parent.name for path in paths])


SETS: dict[str, Callable[[Path], LabelledPictures]] = {
    "usps_train": usps,
    "register_digits": registers,
    "paper_digits": paper,
    "photographed_characters": photographed,
}


def _from_arrays(path: Path) -> LabelledPictures:
    try:
        with np.load(path, allow_pickle=False) as file:
            grey, labels = file["x"], file["y"]
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"{path} must be an .npz with arrays x (N, H, W) uint8 and y (N,): {error}") from error
    return LabelledPictures([np.repeat(picture[:, :, None], 3, axis=2) for picture in grey], [str(y) for y in labels])
