"""Numbers beside marks that look like digits, sent without their count, and digits under a blot, sent with it."""

from collections.abc import Sequence

import numpy as np

from model.training.drawing.pen import patterns
from synthesis.field.company import ellipse, printed
from synthesis.field.sample import FieldKind, Random, Sample, any_code, any_height, around, written
from synthesis.hand import Hand, Ink

_DRAWN = {
    "!": ".1,0 .05,.72 | .03,1 .03,1.01",
    "?": "0,.15 .2,-.05 .6,0 .6,.35 .25,.4 .25,.72 | .25,1 .25,1.01",
    "(": ".3,0 .05,.2 0,.5 .05,.8 .3,1",
    ")": "0,0 .25,.2 .3,.5 .25,.8 0,1",
    "[": ".25,0 0,0 | 0,0 0,1 | 0,1 .25,1",
    "]": "0,0 .25,0 | .25,0 .25,1 | .25,1 0,1",
    "%": ".1,.2 .1,.02 .3,0 .35,.2 .25,.38 .1,.35 .1,.2 | .8,0 .1,1 | .6,.8 .6,.62 .8,.6 .85,.8 .75,.98 .6,.95 .6,.8",
    "&": ".8,.95 .15,.35 .2,.02 .5,-.02 .6,.25 .05,.55 0,.9 .4,1.1 .8,.55",
    "$": ".75,.2 .5,.1 .15,.25 .4,.48 .7,.65 .5,.9 .1,.8 | .45,0 .4,1",
    "heart": ".5,.3 .4,0 0,-.05 -.05,.4 .5,1 | .5,.3 .6,0 1,-.05 1.05,.4 .5,1",
    "/-": ".35,0 0,1 | .65,.5 1,.5",
    "D": ".05,0 .05,1 | .05,0 .6,0 .75,.5 .6,1 .05,1",
}
_PATHS = {name: patterns(path) for name, path in _DRAWN.items()}
_PRINTED = "!?()%&$D[]"
_TALLER = {"(": 1.35, ")": 1.35, "[": 1.35, "]": 1.35, "$": 1.2}  # heights of a digit
_BRACKETS = ("()", "[]")
_AFTER = (*")]!?%", "/-")  # a number, and never before it
MARKS = (*"!?()[]%", "disc")
"""Signs that a dot, a bow, a filling or their size tells from a digit."""
LETTERS = (*"D&$", "heart")
"""Signs that no dot, bow or filling tells from a digit."""


def sign(name: str, height: int, hand: Hand, random: Random) -> Ink:
    """Return the sign of this `name`, cut out at its ink, beside digits of this `height` by the same `hand`."""
    high = round(height * _TALLER.get(name, 1.0) * float(random.uniform(0.9, 1.15)))
    if name == "disc":
        return blot(max(6, round(high * float(random.uniform(0.6, 1)))), random)
    if name in _PRINTED and random.random() < 0.3:
        return printed(name, high)
    strokes = _PATHS[name]
    points = strokes.points[0] + random.uniform(-0.02, 0.02, strokes.points[0].shape)
    points[:, 0] = float(random.uniform(0.75, 1.2)) * points[:, 0] - hand.slant * points[:, 1]
    return hand.stroke(points, strokes.joined[0], high)


def blot(size: int, random: Random) -> Ink:
    """Return a filled spot, about as wide as high, of `size` pixels: a hole, a sticker, a drop of ink."""
    return ellipse(size, round(size * float(random.uniform(0.8, 1.25))))


def beside_a_mark(random: Random) -> Sample:
    """Return a number with a mark before or after it, or in brackets, without its count: refused."""
    height = any_height(random, low=18)
    ink = number_beside(MARKS, any_code(random, int(random.integers(2, 8))), height, random)
    return Sample(written(around(ink, random, 0.2, 0.8), random), "", str(random.choice(["auto", "strip"])))  # type: ignore[arg-type]  # one of the two


def number_beside(names: Sequence[str], code: str, height: int, random: Random) -> Ink:
    """Return `code`, digits of this `height`, before or after a sign that is one of `names`, or in brackets, (H, W)."""
    hand, chosen = Hand.any(random), str(random.choice(names))
    ink = hand.number(code, height, random, gap=float(random.uniform(0.12, 0.35)))
    pair = next((pair for pair in _BRACKETS if chosen in pair), "")
    bracketed = bool(pair) and random.random() < 0.5
    signs = [sign(name, height, hand, random) for name in (pair if bracketed else [chosen])]
    first = chosen in "([" or (chosen not in _AFTER and random.random() < 0.5)
    parts = [signs[0], ink, *signs[1:]] if first or bracketed else [ink, *signs]
    return _in_a_row(parts, round(height * float(random.uniform(0.12, 0.4))))


def before_a_slash_and_dash(random: Random) -> Sample:
    """Return an amount as many write it, 75/-, without its count: read, or refused."""
    code, height = any_code(random, int(random.integers(2, 7))), any_height(random, low=18)
    ink = number_beside(["/-"], code, height, random)
    return Sample(written(around(ink, random, 0.2, 0.8), random), code, "strip")


def under_a_blot(random: Random) -> Sample:
    """Return a number, one digit of which is under a blot, with the count of its digits: nobody can read it."""
    length, height, hand = int(random.integers(3, 8)), any_height(random, low=18), Hand.any(random)
    glyphs = [hand.digit(int(digit), height, random) for digit in any_code(random, length)]
    glyphs[int(random.integers(length))] = blot(round(height * float(random.uniform(0.65, 1.1))), random)
    line = _in_a_row(glyphs, round(height * float(random.uniform(0.1, 0.3))))
    return Sample(written(around(line, random, 0.2, 0.8), random), "", "strip", length)


def _in_a_row(parts: Sequence[Ink], gap: int) -> Ink:
    """Return `parts` (h, w) side by side, with their middles level and `gap` pixels apart, (H, W)."""
    high = max(len(part) for part in parts)
    spaced: list[Ink] = []
    for part in parts:
        over = (high - len(part)) // 2
        spaced += [np.pad(part, ((over, high - len(part) - over), (0, gap)))]
    return np.asarray(np.concatenate(spaced, axis=1), np.float32)


KINDS = (
    FieldKind("a number beside a mark", beside_a_mark, 0.97, refusal_is_right=True),
    FieldKind("a number before /-", before_a_slash_and_dash, 0.95, refusal_is_right=True),
    FieldKind("a digit under a blot, counted", under_a_blot, 0.97, refusal_is_right=True),
)
