"""Small mail pieces for tests: print in the font that comes with matplotlib, and codes in that print or by a pen."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from model.types import Array
from synthesis.hand import Hand
from synthesis.typeset import Fonts

Pixels = NDArray[np.uint8]
Ink = NDArray[np.float32]

PRINT = Fonts((Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf",), "")
HEIGHT = 20
"""Pixels of a capital letter, or of a digit."""
CODE, TOWN, SENDER = "75011", "Paris", "13001"
_PAPER, _PEN = 235, 40


@dataclass(frozen=True)
class Drawn:
    """The picture (H, W) of a piece, and the corners (4, 2) of its code, x and y, clockwise from the upper left."""

    picture: Pixels
    corners: Array

    def turned(self, quarters: int) -> "Drawn":
        """Return the same turned clockwise by so many `quarters`: the corners still begin where one reads."""
        picture, corners = self.picture, self.corners
        for _ in range(quarters):
            corners = np.stack([len(picture) - corners[:, 1], corners[:, 0]], axis=1)
            picture = np.rot90(picture, -1)
        return Drawn(np.ascontiguousarray(picture), corners)


def printed(text: str, height: int = HEIGHT) -> Ink:
    """Return `text` in print, (H, W) from 0 to 1."""
    return PRINT.text(text, 0, height)


def by_pen(code: str, height: int = HEIGHT) -> Ink:
    """Return `code` in one careful hand."""
    random = np.random.default_rng(4)
    return Hand.any(random).number(code, height, random, gap=0.35)


def put(page: Ink, ink: Ink, left: int, top: int) -> Array:
    """Put `ink` on the `page`; return the corners (4, 2) around it."""
    height, width = ink.shape
    part = page[top : top + height, left : left + width]
    np.maximum(part, ink, out=part)
    return np.array([(left, top), (left + width, top), (left + width, top + height), (left, top + height)], float)


def on_paper(ink: Ink) -> Pixels:
    """Return a picture of `ink`, dark on light."""
    noise = np.random.default_rng(0).normal(0, 1.5, ink.shape)
    return np.clip(_PAPER - (_PAPER - _PEN) * ink + noise, 0, 255).astype(np.uint8)


def piece(code: Ink | None, sender: str = "", lines: tuple[str, ...] = ("Camille Moreau", "12 rue des Lilas")) -> Drawn:
    """Return a piece with an address, and `code` before its town; with a printed `sender`, above at the left."""
    page = np.zeros((340, 560), np.float32)
    top = 190
    for line in lines:
        put(page, printed(line), 240, top)
        top += 38
    corners = np.zeros((4, 2))
    left = 240
    if code is not None:
        corners = put(page, code, left, top)
        left += code.shape[1] + 14
    put(page, printed(TOWN), left, top)
    if sender:
        for row, line in enumerate(("Max Petit", "3 quai du Port", f"{sender} Marseille")):
            put(page, printed(line, 14), 14, 14 + 26 * row)
    return Drawn(on_paper(page), corners)
