"""Handwriting: lines in one hand, with digits of MNIST, of the project's strokes, or of a handwriting font."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from synthesis import hand as strokes
from synthesis.envelopes.line import Box, Layer, Line, ink_box
from synthesis.envelopes.printed import capital_face
from synthesis.glyphs import Glyphs, thickness
from synthesis.marks import Hand
from synthesis.worlds import Dice, Interval

_VARIANTS = 3  # shapes that one hand has for a letter or a digit
_THICK = 2.3  # pixels in MNIST: a thinner stroke would break where it is thinned


@dataclass(frozen=True)
class Glyph:
    """A character or a word: its ink (H, W), and the row of its upper edge below the line, mostly negative."""

    ink: Layer
    top: int


Write = Callable[[str], Glyph]


@dataclass(frozen=True)
class PenLettering:
    """Writes lines in one hand of `height` pixels.

    digit, word: write one digit and one word. gap, space: between digits and between words, in heights.
    wander: how far characters stray from the line, in heights.
    """

    height: float
    digit: Write
    word: Write
    gap: float
    space: float
    wander: float
    dice: Dice

    def line(self, text: str, height: float) -> Line:
        """Return `text` with capitals `height` pixels high, as `Lettering` asks."""
        placed: list[tuple[Glyph, int, int, int]] = []  # with column, first character and number of characters
        x = 0.0
        for found in re.finditer(r"\d|[^\s\d]+|\s", text):
            token = found.group()
            if token.isspace():
                x += self.height * self.space * self.dice.uniform((0.75, 1.3))
                continue
            glyph = self.digit(token) if token.isdigit() else self.word(token)
            stray = round(self.height * self.wander * self.dice.uniform((-1, 1)))
            placed.append((replace(glyph, top=glyph.top + stray), round(x), found.start(), len(token)))
            x += glyph.ink.shape[1] + self.height * max(-0.04, self.gap + self.dice.uniform((-0.06, 0.06)))
        return self._canvas(placed, len(text)).scaled(height / self.height)

    @staticmethod
    def _canvas(placed: list[tuple[Glyph, int, int, int]], count: int) -> Line:
        top = min((glyph.top for glyph, *_ in placed), default=0)
        bottom = max((glyph.top + len(glyph.ink) for glyph, *_ in placed), default=1)
        width = max((x + glyph.ink.shape[1] for glyph, x, *_ in placed), default=1)
        sheet = np.zeros((bottom - top + 2, width + 2), np.float32)
        boxes: list[Box | None] = [None] * count
        for glyph, x, first, many in placed:
            part = sheet[glyph.top - top :, x:][: len(glyph.ink), : glyph.ink.shape[1]]
            np.maximum(part, glyph.ink, out=part)
            box = ink_box(glyph.ink, x, glyph.top - top)
            boxes[first : first + many] = [box] * many
        return Line(sheet, -top, tuple(boxes))


class Repertoire:
    """Remembers a few variants of each character, and gives them in turn."""

    def __init__(self, make: Write, dice: Dice) -> None:
        self._make, self._dice = make, dice
        self._known: dict[str, list[Glyph]] = {}
        self._next: dict[str, int] = {}

    def __call__(self, character: str) -> Glyph:
        known = self._known.setdefault(character, [])
        if len(known) < _VARIANTS:
            known.append(self._make(character))
            return known[-1]
        self._next[character] = (self._next.get(character, -1) + 1) % _VARIANTS
        return known[self._next[character]]


def mnist_hand(glyphs: Glyphs, height: float, slants: tuple[Interval, ...], dice: Dice) -> Hand:
    """Return a hand that keeps each digit's shape, `height` pixels high, of MNIST's thickness and lean."""
    like = int(dice.random.integers(len(glyphs.mnist.thickness)))
    middle = dice.uniform((0.9, 1.12))
    return Hand(
        height=height,
        stroke=float(glyphs.mnist.thickness[like]),
        lean=float(glyphs.mnist.slants[like]),
        slant=0.6 * dice.one(slants),
        thickness=-int(glyphs.mnist.thickness[like] > _THICK and dice.chance(0.5)),
        boldness=dice.uniform((-0.25, 0.1)),  # pens are thinner than MNIST's digits, whose grey edges are wide
        size_jitter=0.06,
        baseline_jitter=0.0,
        tilt=0.0,
        stretch=(0.95 * middle, 1.05 * middle),
        constant=True,
    )


def mnist_digits(glyphs: Glyphs, hand: Hand, dice: Dice) -> Write:
    """Return a writer of digits with the images of MNIST that are like one another."""
    known: dict[str, list[Glyph]] = {str(digit): [] for digit in range(10)}
    code = "0123456789" * _VARIANTS
    for digit, (ink, _) in zip(code, glyphs.written(code, hand, np.ones(len(code))), strict=True):
        raised = round(max(0.0, hand.height - len(ink)) / 2)  # low shapes stand between top and bottom
        known[digit].append(Glyph(ink, -len(ink) - raised))
    return lambda digit: known[digit][int(dice.random.integers(_VARIANTS))]


def stroke_digits(hand: strokes.Hand, height: float, dice: Dice) -> Write:
    """Return a writer of digits with the project's strokes."""

    def make(digit: str) -> Glyph:
        ink = hand.digit(int(digit), max(6, round(height * dice.uniform((0.94, 1.06)))), dice.random)
        return Glyph(ink, -len(ink))

    return Repertoire(make, dice)


def font_glyphs(path: Path, height: float, bold: float, dice: Dice) -> Write:
    """Return a writer of words and digits in a handwriting font, with strokes thicker by `bold` pixels."""
    face = capital_face(path, height)

    def make(word: str) -> Glyph:
        left, top, right, bottom = (int(side) for side in face.getbbox(word, anchor="ls", stroke_width=bold))
        sheet = Image.new("L", (max(1, right - left) + 4, max(1, bottom - top) + 4))
        ImageDraw.Draw(sheet).text((2 - left, 2 - top), word, fill=255, font=face, anchor="ls", stroke_width=bold)
        turned = sheet.rotate(dice.uniform((-1.5, 1.5)), Image.Resampling.BILINEAR)
        return Glyph(np.asarray(turned, np.float32) / np.float32(255), top - 2)

    return make


def thickness_of(writer: Write, characters: str) -> float:
    """Return how thick the strokes of `writer` are, in pixels, measured on `characters`."""
    inks = [writer(character).ink for character in characters]
    return float(np.mean([thickness(np.asarray(255 * np.pad(ink, 1), np.uint8)[None])[0] for ink in inks]))
