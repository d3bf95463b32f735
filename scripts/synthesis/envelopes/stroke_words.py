"""Words by the project's strokes, apart or joined, at any size."""

import unicodedata
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from model.training.drawing.pen import Variation
from synthesis import hand as strokes
from synthesis.envelopes.letters import extent, paths
from synthesis.envelopes.line import Layer
from synthesis.envelopes.pen import Glyph, Repertoire, Write
from synthesis.worlds import Dice

_DOTS_OVER = 0.18  # of a capital's height, from a letter to the dots over it
_SIGNS = "-.,'"  # they are hardly higher than the pen is wide
_VARIED = Variation(rotation=0.04, slant=0.05, aspect=0.06, bend=0.03)  # as much as one hand's letters differ


def stroke_words(hand: strokes.Hand, height: float, joined: float, dice: Dice) -> Write:
    """Return a writer of words with the project's strokes; a share of letters is `joined` to the next."""

    def letter(name: str) -> Glyph:
        base, *marks = list(unicodedata.normalize("NFD", name))
        first, last = extent(base)
        top = round(first * height)
        if base in _SIGNS:
            return Glyph(_sign(base, hand.pen * height, height), top)
        ways = paths(base) or paths(base.upper()) or paths("x")
        chosen = ways[int(dice.random.integers(len(ways)))]
        points = _VARIED.apply(chosen, dice.random).points[0]
        points[:, 0] = hand.aspect * points[:, 0] - hand.slant * points[:, 1]
        tall = max(3, round((last - first) * height))
        ink = replace(hand, pen=min(0.9, hand.pen * height / tall)).stroke(points, chosen.joined[0], tall)
        return _dotted(ink, hand.pen * height, height, top) if marks else Glyph(ink, top)

    letters = Repertoire(letter, dice)

    def word(text: str) -> Glyph:
        glyphs = [letters(name) for name in text]
        gap = hand.pen * height * dice.uniform((0.6, 1.6))
        lefts = np.cumsum([0.0, *(glyph.ink.shape[1] + gap for glyph in glyphs)])
        top = min(glyph.top for glyph in glyphs)
        bottom = max(glyph.top + len(glyph.ink) for glyph in glyphs)
        sheet = np.zeros((bottom - top, round(lefts[-1]) + 2), np.float32)
        for glyph, left in zip(glyphs, lefts, strict=False):
            part = sheet[glyph.top - top :, round(left) :][: len(glyph.ink), : glyph.ink.shape[1]]
            np.maximum(part, glyph.ink[:, : part.shape[1]], out=part)
        if len(glyphs) > 1 and joined:
            np.maximum(sheet, _links(sheet.shape, glyphs, lefts, top, hand.pen * height, joined, dice), out=sheet)
        return Glyph(sheet, top)

    return word


def _links(
    shape: tuple[int, ...], glyphs: list[Glyph], lefts: Layer, top: int, pen: float, joined: float, dice: Dice
) -> Layer:
    """Return strokes from the foot of a letter to the middle of the next, (H, W)."""
    sheet = Image.new("L", (shape[1], shape[0]))
    draw = ImageDraw.Draw(sheet)
    for i in range(len(glyphs) - 1):
        if dice.chance(joined):
            start = lefts[i] + 0.8 * glyphs[i].ink.shape[1], -top - pen
            end = lefts[i + 1] + 0.25 * glyphs[i + 1].ink.shape[1], -top - 3 * pen
            draw.line([*start, *end], fill=235, width=max(1, round(0.85 * pen)))
    return np.asarray(sheet, np.float32) / np.float32(255)


def _sign(name: str, stroke: float, height: float) -> Layer:
    """Return a dash, a dot, a comma or an apostrophe, (H, W), `stroke` pixels thick."""
    pen = max(1, round(stroke))
    if name == "-":
        return np.ones((pen, max(2, round(0.3 * height))), np.float32)
    tall = pen + 1 if name == "." else round(0.22 * height) + 1
    sheet = Image.new("L", (tall, tall))
    end = (pen / 2, pen / 2) if name == "." else (pen / 2, tall - pen / 2)
    ImageDraw.Draw(sheet).line([tall - pen / 2, pen / 2, *end], fill=255, width=pen + 1)
    return np.asarray(sheet, np.float32) / np.float32(255)


def _dotted(ink: Layer, stroke: float, height: float, top: int) -> Glyph:
    """Return a letter with two dots over it, whatever its accent is."""
    rise, pen = round(_DOTS_OVER * height) + 1, max(1, round(stroke))
    taller = np.pad(ink, ((rise, 0), (0, 0)))
    middle = ink.shape[1] // 2
    for x in (middle - pen, middle + pen):
        taller[: pen + 1, max(0, x) : max(0, x) + pen] = 1
    return Glyph(taller, top - rise)
