"""Print: lines in one font, and which fonts each world prints and writes with."""

import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthesis.envelopes.line import Box, Layer, Line, ink_box
from synthesis.typeset import Fonts

HANDS = {
    "fit": ("caveat", "kalam", "patrick-hand", "indie-flower", "shadows-into-light", "gochi-hand",
            "architects-daughter"),
    "test": ("homemade-apple", "reenie-beanie", "handlee", "nothing-you-could-do", "just-another-hand",
             "cedarville-cursive", "la-belle-aurore"),
}  # fmt: skip
"""Fonts that look like handwriting, by the name of their npm package @fontsource/NAME, for each world."""


def family(path: Path) -> str:
    """Return the family of the font in a file: `patrick-hand`, `dejavusans`."""
    return path.stem.partition("-latin")[0].partition("-" if "-latin" not in path.stem else "\0")[0].lower()


def hands_of(fonts: Fonts, world: str) -> tuple[Path, ...]:
    """Return the handwriting fonts of the world `fit` or `test`; there may be none."""
    return tuple(path for path in fonts.paths if family(path) in HANDS[world])


def prints_of(fonts: Fonts, world: str) -> tuple[Path, ...]:
    """Return the printing fonts of the world `fit` or `test`: half of all families each. Raises ValueError without."""
    half = list(HANDS).index(world)
    hands = {name for names in HANDS.values() for name in names}
    families = {family(path).replace("condensed", "") for path in fonts.paths} - hands
    mine = {name for name in families if zlib.crc32(name.encode()) % 2 == half}
    paths = tuple(path for path in fonts.paths if family(path).replace("condensed", "") in mine)
    if not paths:
        raise ValueError(f"no printing font for the world {world!r} among {', '.join(sorted(families))}: add fonts")
    return paths


def capital_face(path: Path, height: float) -> ImageFont.FreeTypeFont:
    """Return the font in which capitals are `height` pixels high."""
    _, top, _, bottom = ImageFont.truetype(path, 100).getbbox("H", anchor="ls")
    return ImageFont.truetype(path, max(6.0, 100 * height / max(1, bottom - top)))


@dataclass(frozen=True)
class Print:
    """Prints in one font.

    wide: extra pixels between characters in shares of their height. dots: whether by needles. worn: the share of ink
    that is missing, in specks, as from a tired ribbon or a rough paper.
    """

    path: Path
    wide: float = 0.0
    dots: bool = False
    worn: float = 0.0

    def line(self, text: str, height: float) -> Line:
        """Return `text` with capitals `height` pixels high, as `Lettering` asks."""
        face = capital_face(self.path, height)
        extra = self.wide * height
        starts = [face.getlength(text[:i]) + i * extra for i in range(len(text) + 1)]
        room, rise = round(0.4 * height) + 2, round(1.5 * height) + 2
        size = (round(starts[-1]) + 2 * room, rise + round(0.6 * height) + 2)
        sheet = Image.new("L", size)
        draw = ImageDraw.Draw(sheet)
        if extra:
            for letter, start in zip(text, starts, strict=False):
                draw.text((room + start, rise), letter, fill=255, font=face, anchor="ls")
        else:
            draw.text((room, rise), text, fill=255, font=face, anchor="ls")
        ink = np.asarray(sheet, np.float32) / np.float32(255)
        boxes = tuple(_ink_of(ink, face, letter, room + start) for letter, start in zip(text, starts, strict=False))
        return Line(self._inked(ink, height), rise, boxes)

    def _inked(self, ink: Layer, capital: float) -> Layer:
        """Return `ink` as the printer leaves it: whole, with specks, or as dots."""
        if self.worn:
            height, width = ink.shape
            random = np.random.default_rng(width)  # a print has no generator: the same line has the same specks
            specks = np.kron(random.random((height // 2 + 1, width // 2 + 1)), np.ones((2, 2)))[:height, :width]
            return np.asarray(ink * np.clip((specks - self.worn) * 4 + 0.3, 0, 1), np.float32)
        if not self.dots or capital < _FINEST_DOTS:
            return ink
        period = capital / 7  # needle printers have seven needles for a capital
        y, x = np.mgrid[: ink.shape[0], : ink.shape[1]].astype(np.float32)
        dot = np.cos(2 * np.pi * x / period) + np.cos(2 * np.pi * y / period)
        return np.asarray(ink * np.clip(0.75 + 0.5 * dot, 0, 1), np.float32)


def _ink_of(line: Layer, face: ImageFont.FreeTypeFont, letter: str, x: float) -> Box | None:
    """Return the tight box round `letter`, printed with its origin at column `x` of `line`; None for a space."""
    left, _, right, _ = face.getbbox(letter, anchor="ls")  # its right side is where the next letter begins
    first, last = max(0, math.floor(x + left)), math.ceil(x + right)
    return None if letter.isspace() else ink_box(line[:, first:last], first)


_FINEST_DOTS = 24  # pixels: below, dots run into each other
