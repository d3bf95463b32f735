"""A number over or under a line of print, which may have more ink than the number."""

import numpy as np

from synthesis.field.company import printed
from synthesis.field.sample import FieldKind, Random, Sample, any_code, any_height, around, with_room, written
from synthesis.hand import Hand, Ink

_LINES = ("Trykt for Kirkeministeriet", "Name und Anschrift", "Account number", "Code postal", "Do not write below",
          "Postleitzahl", "Signature of the sender", "Importo in lettere", "Form A", "No fold")  # fmt: skip


def number_over_print(random: Random) -> Sample:
    """Return a short number with a line of print above or below it, sent as a strip."""
    height = any_height(random, 18, 60)
    code = any_code(random, int(random.integers(1, 6)))
    number = Hand.any(random).number(code, height, random, gap=float(random.uniform(0.15, 0.5)))
    line = printed(str(random.choice(_LINES)), max(9, round(height * random.uniform(0.3, 0.7))))
    wide = max(number.shape[1], line.shape[1])
    rows = [_placed(each, wide, random) for each in (number, line)]
    rows.insert(1, np.zeros((round(height * random.uniform(0.3, 3)), wide), np.float32))
    ink = np.concatenate(rows if random.random() < 0.7 else rows[::-1])
    picture = written(around(ink, random, 0.05, 0.3), random)
    return Sample(picture, code, "strip", len(code) if random.random() < 0.4 else None)


def _placed(row: Ink, wide: int, random: Random) -> Ink:
    """Return `row` somewhere in a row that is `wide` pixels wide."""
    left = int(random.integers(0, wide - row.shape[1] + 1))
    return with_room(row, 0, wide - row.shape[1] - left, 0, left)


KINDS = (FieldKind("a number over print", number_over_print, 0.8),)
"""It is nearly always refused, as the strip shows more than a number; but its text should be the number."""
