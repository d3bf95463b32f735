"""Which hand or print a piece is written in: one for the whole piece."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthesis import hand as strokes
from synthesis.envelopes import pen
from synthesis.envelopes.pen import PenLettering
from synthesis.envelopes.printed import Print
from synthesis.envelopes.stroke_words import stroke_words
from synthesis.envelopes.world import MailWorld
from synthesis.glyphs import Glyphs
from synthesis.worlds import Dice

_WORN = 0.15  # the share of prints that are worn
_DOTS = 0.06  # the share of printers with needles
_FINEST_PEN, _BROADEST_PEN = 0.06, 0.2  # of a capital's height


@dataclass(frozen=True)
class Hands:
    """Chooses hands and prints in one world.

    glyphs: writes MNIST's digits. written, printed: the fonts; without `written` all words are the project's strokes.
    """

    glyphs: Glyphs
    world: MailWorld
    written: tuple[Path, ...]
    printed: tuple[Path, ...]
    dice: Dice

    def print(self) -> Print:
        """Return a print in one font."""
        path = self.printed[int(self.dice.random.integers(len(self.printed)))]
        wide = self.dice.uniform((0.02, 0.2)) if self.dice.chance(0.15) else 0.0
        worn = self.dice.uniform((0.05, 0.3)) if self.dice.chance(_WORN) else 0.0
        return Print(path, wide, self.dice.chance(_DOTS), worn)

    def pen(self, height: float) -> PenLettering:
        """Return a hand that writes capitals `height` pixels high."""
        dice, world = self.dice, self.world
        drawn = strokes.Hand.any(dice.random)
        path = None
        if self.written and not dice.chance(world.stroke_words):
            path = self.written[int(dice.random.integers(len(self.written)))]
        kind = dice.random.random()
        if path and kind < world.font_digits:
            digit = pen.font_glyphs(path, height, 0, dice)
            thick = pen.thickness_of(digit, "05")
        elif kind > 1 - world.stroke_digits:
            digit, thick = pen.stroke_digits(drawn, height, dice), drawn.pen * height
        else:
            digit = pen.mnist_digits(self.glyphs, pen.mnist_hand(self.glyphs, height, world.strips.slants, dice), dice)
            thick = pen.thickness_of(digit, "05")
        if path:
            plain = pen.font_glyphs(path, height, 0, dice)
            bold = max(0.0, thick - pen.thickness_of(plain, "nhm")) / 2
            word = pen.font_glyphs(path, height, round(bold), dice) if bold >= 1 else plain
        else:
            share = float(np.clip(thick / height, _FINEST_PEN, _BROADEST_PEN))
            word = stroke_words(replace(drawn, pen=share), height, dice.one(((0.0, 0.0), (0.3, 0.9))), dice)
        return PenLettering(
            height, digit, word, dice.one(world.gaps), dice.one(world.spaces), dice.uniform((0.0, 0.06)), dice
        )
