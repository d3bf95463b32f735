"""Drawn non-digits: letters, signs, scribbles, crossing lines, blots, noise, and several digits at once."""

from collections.abc import Callable

import numpy as np

from model.picture.mnist_geometry import to_mnist_geometry
from model.training.drawing.pen import SAMPLES, Strokes, Variation, curve, draw, patterns, straight
from model.training.drawing.signs import filled_rings, outlines, spirals, symbols
from model.types import SIDE, Images

# Letters that look like no digit, each written in one or two ways: not O o I l S s Z z, and not B b D G g i j q Q y Y.
LETTERS = {
    "A": (".5,0 0,1 | .5,0 1,1 | .2,.65 .8,.65",),
    "C": (".8,.15 .4,0 0,.5 .4,1 .85,.85",),
    "E": ("0,0 0,1 | 0,0 .7,0 | 0,.5 .6,.5 | 0,1 .7,1", ".8,.1 .3,0 .1,.3 .5,.45 | .5,.45 0,.6 .1,1 .8,.9"),
    "F": ("0,0 0,1 | 0,0 .7,0 | 0,.45 .55,.45",),
    "H": ("0,0 0,1 | .7,0 .7,1 | 0,.5 .7,.5",),
    "J": ("0,0 .8,0 | .5,0 .5,.8 .3,1 0,.8",),
    "K": ("0,0 0,1 | .7,0 0,.55 | .15,.45 .75,1",),
    "L": ("0,0 0,1 | 0,1 .65,1",),
    "M": ("0,1 .05,0 | .05,0 .5,.6 | .5,.6 .95,0 | .95,0 1,1", "0,1 .2,0 .4,1 | .4,1 .6,0 .8,.8 1,1"),
    "N": ("0,1 0,0 | 0,0 .7,1 | .7,1 .7,0",),
    "P": ("0,0 0,1 | 0,0 .5,0 .6,.25 .5,.5 0,.5",),
    "R": ("0,0 0,1 | 0,0 .5,0 .6,.25 .5,.5 0,.5 | .2,.5 .7,1",),
    "T": ("0,0 .9,0 | .45,0 .45,1",),
    "U": ("0,0 0,.7 .35,1 .7,.7 .7,0", "0,0 0,.7 .35,1 .7,.6 | .7,0 .7,1"),
    "V": ("0,0 .4,1 | .4,1 .8,0",),
    "W": ("0,0 .25,1 | .25,1 .5,.3 | .5,.3 .75,1 | .75,1 1,0", "0,0 .05,.8 .25,1 .5,.3 .6,.9 .8,1 1,0"),
    "X": ("0,0 .7,1 | .7,0 0,1",),
    "a": (".7,.2 .3,0 0,.5 .3,1 .65,.7 .7,.1 | .7,.1 .7,.8 .95,1", "0,.1 .4,0 .6,.3 .6,1 | .6,.5 .1,.6 .1,.95 .6,.8"),
    "c": (".7,.2 .3,0 0,.5 .3,1 .75,.85",),
    "d": (".65,.55 .3,.4 0,.7 .3,1 .65,.8 | .7,0 .7,1",),
    "e": ("0,.5 .7,.5 | .7,.5 .6,.1 .3,0 0,.5 .3,1 .75,.9",),
    "f": (".7,.1 .45,0 .3,.25 .3,1 | 0,.4 .6,.4",),
    "h": ("0,0 0,1 | 0,.6 .3,.4 .55,.6 .55,1",),
    "k": ("0,0 0,1 | .5,.4 0,.7 | .15,.65 .55,1",),
    "m": ("0,.1 0,1 | 0,.4 .25,.05 .45,.3 .45,1 | .45,.4 .7,.05 .9,.3 .95,1",),
    "n": ("0,.1 0,1 | 0,.4 .35,.05 .7,.3 .7,1",),
    "p": ("0,0 0,1 | 0,.15 .4,0 .55,.3 .35,.6 0,.5",),
    "r": ("0,.1 .05,1 | .05,.5 .25,.1 .6,.1",),
    "t": (".3,0 .3,.85 .5,1 .7,.9 | 0,.3 .65,.3",),
    "u": ("0,0 0,.7 .3,.95 .6,.6 | .65,0 .65,1",),
    "v": ("0,0 .35,.9 .7,0",),
    "w": ("0,0 .1,.8 .3,.9 .5,.2 .6,.8 .8,.9 1,0",),
    "x": ("0,0 .35,.45 .7,1 | .75,0 0,1", "0,.1 .35,.1 .4,.9 .75,.9 | .75,.1 0,1"),
}  # fmt: skip
_LETTERS = [patterns(path) for paths in LETTERS.values() for path in paths]
_NAMES = np.array([name for name, paths in LETTERS.items() for _ in paths])
_POINTS, _JOINED = (
    np.concatenate(arrays) for arrays in zip(*((each.points, each.joined) for each in _LETTERS), strict=True)
)


def letters(count: int, random: np.random.Generator, names: str = "".join(LETTERS)) -> Images:
    """Return letters that look like no digit, each one of `names`, (N, 28, 28)."""
    chosen = np.flatnonzero(np.isin(_NAMES, list(names)))
    which = chosen[random.integers(0, len(chosen), count)]
    return draw(Variation().apply(Strokes(_POINTS[which], _JOINED[which]), random), random)


def scribbles(count: int, random: np.random.Generator) -> Images:
    """Return lines through 6 to 14 points at random, half of them smooth and half of them angular, (N, 28, 28)."""
    points = np.empty((count, SAMPLES, 2), np.float32)
    controls, smooth = random.integers(6, 15, count), random.random(count) < 0.5
    for many in np.unique(controls):
        for is_smooth in (False, True):
            rows = np.flatnonzero((controls == many) & (smooth == is_smooth))
            through = curve if is_smooth else straight
            places = random.uniform(0, 1, (len(rows), many, 2)) * random.uniform(0.5, 1, (len(rows), 1, 2))
            points[rows] = through(int(many), SAMPLES) @ places
    return draw(Strokes(points, np.ones((count, SAMPLES - 1), np.bool_)), random)


def crossing_lines(count: int, random: np.random.Generator) -> Images:
    """Return three to five straight lines through each picture, (N, 28, 28)."""
    lines = random.integers(3, 6, count)
    part = np.arange(SAMPLES) * lines[:, None] // SAMPLES  # the line that each point belongs to
    along = np.arange(SAMPLES) * lines[:, None] / SAMPLES - part
    ends = random.uniform(0, 1, (2, count, int(lines.max(initial=1)), 2))
    # From edge to edge: an end lies on the left or above, the other on the right or below.
    rows = np.arange(count)[:, None]
    upright = random.random((count, ends.shape[2])) < 0.5
    for end, edge in zip(ends, (0.0, 1.0), strict=True):
        end[upright, 1], end[~upright, 0] = edge, edge
    first, last = ends[0][rows, part], ends[1][rows, part]
    points = first + along[:, :, None] * (last - first)
    return draw(Strokes(points.astype(np.float32), part[:, 1:] == part[:, :-1]), random)


def blots(count: int, random: np.random.Generator) -> Images:
    """Return filled shapes, (N, 28, 28): each is two to five ellipses together, wider than any stroke."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    total = np.zeros((count, SIDE, SIDE), np.float32)
    for _ in range(int(random.integers(2, 6))):
        across, down = random.uniform(9, 19, (2, count, 1, 1)).astype(np.float32)
        width, height = random.uniform(4, 9, (2, count, 1, 1)).astype(np.float32)
        distance = ((x - across) / width) ** 2 + ((y - down) / height) ** 2
        total = np.maximum(total, np.clip((1 - distance) * 4, 0, 1))
    return total


def noise(count: int, random: np.random.Generator) -> Images:
    """Return noise with grains of one to six pixels in a box of 12 to 22 pixels, (N, 28, 28)."""
    raw = random.standard_normal((count, SIDE, SIDE), np.float32)
    grain = random.uniform(0.3, 3, (count, 1, 1)).astype(np.float32)
    distance = np.arange(SIDE)[:, None] - np.arange(SIDE)
    smoothing = np.exp(-0.5 * (distance / grain) ** 2).astype(np.float32)
    smoothing /= np.linalg.norm(smoothing, axis=2, keepdims=True)
    smooth = smoothing @ raw @ smoothing.transpose(0, 2, 1)
    level, contrast = random.uniform(-0.3, 0.8, (2, count, 1, 1)).astype(np.float32)
    ink = np.clip((smooth - level) * (1.5 + contrast), 0, 1)
    half_width, half_height = random.uniform(6, 11, (2, count, 1, 1))
    middle = np.abs(np.arange(SIDE) - (SIDE - 1) / 2)
    inside = (middle[None, None, :] < half_width) & (middle[None, :, None] < half_height)
    return np.asarray(ink * inside, np.float32)


_APART = (11, 20)  # pixels from one digit's middle to the next one's: from touching to well apart
_THREE, _OVER = 0.2, 0.15  # shares of the pictures with three digits, and with one above the other


def several_digits(count: int, random: np.random.Generator, digits: Images) -> Images:
    """Return pictures (N, 28, 28) of two or three of `digits` (M, 28, 28) beside or, seldom, above one another."""
    images = np.empty((count, SIDE, SIDE), np.float32)
    for image in images:
        many = 2 + int(random.random() < _THREE)
        apart, over = int(random.integers(*_APART)), random.random() < _OVER
        page = np.zeros((SIDE + 2 * _APART[1], SIDE + 2 * _APART[1]), np.float32)
        for place, digit in enumerate(digits[random.integers(0, len(digits), many)]):
            along, aside = place * apart, int(random.integers(0, 7))
            top, left = (along, aside) if over else (aside, along)
            part = page[top : top + SIDE, left : left + SIDE]
            np.maximum(part, digit, out=part)
        image[:] = to_mnist_geometry(page)
    return images


KINDS: dict[str, Callable[[int, np.random.Generator], Images]] = {
    "letters": letters,
    "scribbles": scribbles,
    "crossing lines": crossing_lines,
    "blots": blots,
    "noise": noise,
    "outlines": outlines,
    "filled rings": filled_rings,
    "spirals": spirals,
    "symbols": symbols,
}
"""The kinds that can be drawn without digits, by name."""
SHARES = {
    "letters": 0.28,
    "several digits": 0.2,
    "scribbles": 0.12,
    "noise": 0.07,
    "crossing lines": 0.04,
    "blots": 0.03,
    "outlines": 0.09,
    "filled rings": 0.07,
    "spirals": 0.02,
    "symbols": 0.08,
}


def non_digits(count: int, random: np.random.Generator, digits: Images) -> Images:
    """Return `count` pictures of non-digits, (N, 28, 28) float32 in MNIST's geometry, in mixed order.

    digits: (M, 28, 28) float32 in [0, 1], for the pictures of several digits. Halves of digits are not drawn: half an 8
    is a 0, and the right half of a 4 is a 1. The same generator state and digits give the same pictures.
    """
    kinds = random.choice(len(SHARES), count, p=list(SHARES.values()))
    images = np.empty((count, SIDE, SIDE), np.float32)
    for index, kind in enumerate(SHARES):
        rows = kinds == index
        many = int(rows.sum())
        images[rows] = KINDS[kind](many, random) if kind in KINDS else several_digits(many, random, digits)
    return images
