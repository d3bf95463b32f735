"""Numbers that are not written with one pen: digits of two colours, or one that is pale."""

import numpy as np

from synthesis.field.sample import (
    FieldKind,
    Floats,
    Pixels,
    Random,
    Sample,
    any_code,
    any_height,
    any_paper,
    any_pen,
    inked,
    taken,
)
from synthesis.hand import Hand

_COLOURS = ((25, 40, 130), (200, 35, 40), (20, 120, 60), (230, 130, 30), (20, 20, 24))
_PALE = (0.15, 0.5)  # of a pen's strength
_GAP = (0.12, 0.4)  # heights of a digit, between two digits


def two_colours(random: Random) -> Sample:
    """Return a number of which some digits are written in one colour and the others in another."""
    code = any_code(random)
    first, second = np.array(_COLOURS, np.float32)[random.choice(len(_COLOURS), 2, replace=False)]
    by_second = random.random(len(code)) < 0.5
    pens = [(second if mine else first, 0.9) for mine in by_second]
    return Sample(_written(code, pens, random), code, "strip", len(code) if random.random() < 0.5 else None)


def one_pale(random: Random) -> Sample:
    """Return a number of which one digit, often a 1, is much paler than the others, without its count."""
    length, pen = int(random.integers(3, 8)), any_pen(random)
    digits, pale = list(any_code(random, length)), int(random.integers(length))
    if random.random() < 0.5:
        digits[pale] = "1"
    code = "".join(digits)
    strengths = [float(random.uniform(*_PALE)) if place == pale else 0.9 for place in range(length)]
    return Sample(_written(code, [(pen, strength) for strength in strengths], random), code, "strip")


def _written(code: str, pens: list[tuple[Floats, float]], random: Random) -> Pixels:
    """Return a picture of `code`, each digit in the colour and the strength of its own pen."""
    hand, height = Hand.any(random), any_height(random, low=18)
    glyphs = [hand.digit(int(digit), height, random) for digit in code]
    gaps = [round(height * float(random.uniform(*_GAP))) for _ in code]
    sides = [round(height * float(share)) for share in random.uniform(0.2, 0.8, 3)]
    page = any_paper(
        random, height + 2 * sides[0], sum(glyph.shape[1] for glyph in glyphs) + sum(gaps) + sum(sides[1:])
    )
    left = sides[1]
    for glyph, gap, (colour, strength) in zip(glyphs, gaps, pens, strict=True):
        part = np.s_[sides[0] : sides[0] + height, left : left + glyph.shape[1]]
        page[part] = inked(page[part], glyph, colour, strength)
        left += glyph.shape[1] + gap
    return taken(page, random)


KINDS = (
    FieldKind("a number in two colours", two_colours, refusal_is_right=True),
    FieldKind("a number with a pale digit", one_pale, refusal_is_right=True),
)
