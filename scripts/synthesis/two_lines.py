"""Two lines of digits, one above the other."""

import numpy as np

from synthesis.no_code import Layer
from synthesis.strips import Writer
from synthesis.worlds import Dice

_DIGITS = (3, 8)  # in a line
_SIZES = (0.75, 1.25)  # of a line's digits, in shares of the hand's
_GAPS = (0.1, 1.2)  # heights of a digit, of paper between the lines


def two_lines(writer: Writer, dice: Dice) -> tuple[Layer, float]:
    """Return two numbers in one hand, one above the other, (H, W), and the hand's height in pixels.

    They begin at about the same column, end there, or have the same middle.
    """
    low, high = _DIGITS
    codes = ["".join(map(str, dice.random.integers(0, 10, dice.random.integers(low, high + 1)))) for _ in range(2)]
    (upper, lower), height = writer.numbers(codes, [dice.uniform(_SIZES) for _ in codes])
    room = upper.shape[1] - lower.shape[1]
    before = round(room * (0, 0.5, 1)[int(dice.random.integers(3))] + height * dice.uniform((-0.5, 0.5)))
    left = min(0, before)
    width = max(upper.shape[1], before + lower.shape[1]) - left
    gap = max(1, round(height * dice.uniform(_GAPS)))
    sheet = np.zeros((len(upper) + gap + len(lower), width), np.float32)
    sheet[: len(upper), -left : upper.shape[1] - left] = upper
    sheet[len(upper) + gap :, before - left : before - left + lower.shape[1]] = lower
    return sheet, height
