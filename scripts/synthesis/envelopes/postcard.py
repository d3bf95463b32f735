"""The left half of a postcard: a message in the same hand, and the lines that are printed for the address."""

import numpy as np

from synthesis.envelopes.address import Address, extra
from synthesis.envelopes.blocks import Style, block, put
from synthesis.envelopes.sheet import Sheet
from synthesis.envelopes.world import MailWorld
from synthesis.worlds import Dice, Interval

_RULE = np.array([120, 120, 125], np.float32)
_MIDDLE = 0.5  # of the width: where the message ends

LEFTS: tuple[Interval, ...] = ((0.53, 0.57),)
"""Where an address on a postcard begins, in shares of its width."""


def put_message(sheet: Sheet, style: Style, world: MailWorld, country: str, dice: Dice) -> None:
    """Put the line down the middle, rules for the address, and a message with a date or another number in it."""
    width, height = sheet.size
    pen = max(1, height // 350)
    down = np.ones((round(0.8 * height), pen), np.float32)
    sheet.ink(down, (_MIDDLE * width, 0.1 * height), _RULE, 0.7)
    for row in np.linspace(0.5, 0.9, int(dice.random.integers(3, 6))):
        sheet.ink(np.ones((pen, round(0.42 * width)), np.float32), (0.54 * width, float(row) * height), _RULE, 0.6)
    places = world.places[country]
    words = " ".join((*places.streets, *places.firms, *places.people)).split()
    count = max(3, round(0.6 * height / (style.height * 0.8 * 1.7)))
    lines = [" ".join(dice.random.choice(words, 3)) for _ in range(min(count, 9))]
    lines[int(dice.random.integers(len(lines)))] = extra(dice)
    text = Address(tuple(lines), 0, 0, 0, "")
    small = Style(style.letters, 0.8 * style.height, style.colour, style.strength, 1.7, degrees=style.degrees)
    made = block(text, small)
    factor = min(1.0, 0.42 * width / made.width, 0.8 * height / made.height)
    fitted = Style(small.letters, small.height * factor, small.colour, small.strength, 1.7, degrees=small.degrees)
    put(sheet, block(text, fitted), text, (0.03 * width, 0.1 * height), fitted)
