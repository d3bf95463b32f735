"""Postage and the post's own marks on a piece: first what lies under the writing, then what is put over it."""

from dataclasses import dataclass, field

import numpy as np

from synthesis.envelopes.address import extra
from synthesis.envelopes.franking import put_imprint, put_postmark, stamp
from synthesis.envelopes.hands import Hands
from synthesis.envelopes.sheet import Sheet
from synthesis.envelopes.things import put_airmail_edge, put_creases, put_registered_label, put_sorting_bars
from synthesis.worlds import Dice


@dataclass
class PostagePart:
    """Puts stamps, imprints, labels and marks on one piece."""

    hands: Hands
    dice: Dice
    _stamped: tuple[float, float, float] | None = field(default=None)

    def put(self, sheet: Sheet, notes: list[str]) -> None:
        """Put a stamp or an imprint, and seldom an airmail edge, a registered label and a number."""
        dice, (width, height) = self.dice, sheet.size
        if dice.chance(0.04):
            put_airmail_edge(sheet)
        kind = dice.random.random()
        if kind < 0.65:
            side = round(min(0.22 * width, 0.2 * height) * dice.uniform((0.8, 1.15)))
            right, top = width - side - dice.uniform((0.02, 0.06)) * width, dice.uniform((0.03, 0.08)) * height
            for index in range(1 + dice.chance(0.15)):
                picture, cover = stamp(side, self.hands.print(), dice)
                at = (right - 1.1 * index * side, top)
                sheet.picture(picture, at, float(dice.random.normal(0, 2)), cover)
            self._stamped = right, top, side
        elif kind < 0.9:
            wide = dice.uniform((0.22, 0.34)) * width
            put_imprint(sheet, width * dice.uniform((0.94, 0.98)), height * dice.uniform((0.04, 0.1)), wide,
                        self.hands.print(), dice)  # fmt: skip
            notes.append("imprint")
        if width > height and dice.chance(0.07):
            wide = round(dice.uniform((0.18, 0.26)) * width)
            at = (dice.uniform((0.02, 0.04)) * width, dice.uniform((0.4, 0.7)) * height)
            put_registered_label(sheet, at, wide, self.hands.print(), dice)
            notes.append("registered")
        if dice.chance(0.12):
            tall = float(np.clip(height * dice.uniform((0.02, 0.035)), 9, 40))
            line = self.hands.print().line(extra(dice), tall)
            at = (dice.uniform((0.03, 0.12)) * width, dice.uniform((0.8, 0.9)) * height)
            sheet.ink(line.ink, at, dice.colour(self.hands.world.prints), 0.9)
            notes.append("number")

    def put_late(self, sheet: Sheet, notes: list[str]) -> None:
        """Put what comes over the writing: postmarks, sorting bars, folds."""
        dice, (width, height) = self.dice, sheet.size
        if self._stamped and dice.chance(0.65):
            right, top, side = self._stamped
            radius = side * dice.uniform((0.4, 0.6))
            middle = (right - side * dice.uniform((-0.2, 0.9)), top + side * dice.uniform((0.4, 0.9)))
            put_postmark(sheet, middle, radius, self.hands.print(), dice)
        if dice.chance(0.06):
            middle = (dice.uniform((0.2, 0.9)) * width, dice.uniform((0.3, 0.9)) * height)
            put_postmark(sheet, middle, 0.09 * height * dice.uniform((0.8, 1.3)), self.hands.print(), dice)
            notes.append("postmark over")
        if dice.chance(0.3):
            put_sorting_bars(sheet, dice)
            notes.append("bars")
        if dice.chance(0.15):
            put_creases(sheet, dice)
