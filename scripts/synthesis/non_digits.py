"""Pictures of non-digits as users would send them: kinds that training draws, and kinds that it never saw."""

from collections.abc import Callable

import numpy as np

from model.training.drawing.non_digits import blots, crossing_lines, letters, scribbles
from model.training.drawing.pen import Strokes, Variation, draw, patterns
from model.types import Images
from synthesis.pages import PAGE, PAPER, SIDE, Pixels, off_centre, on_paper, scanned

Make = Callable[[np.random.Generator], Pixels]

# Signs that training never draws, each a path as in `model.training.drawing.pen.patterns`.
SIGNS = (
    ".5,0 .2,1 | .2,1 1,.4 | 1,.4 0,.4 | 0,.4 .8,1 | .8,1 .5,0",  # a star
    ".5,.5 .6,.45 .6,.6 .4,.65 .3,.45 .5,.25 .8,.4 .8,.8 .4,.95 .05,.7 .1,.2 .5,0 1,.1",  # a spiral
    "0,.5 1,.5 | 1,.5 .7,.2 | 1,.5 .7,.8",  # an arrow
    "0,.3 .3,.3 .3,0 0,0 0,.3 | .9,0 .1,1 | .7,.7 1,.7 1,1 .7,1 .7,.7",  # per cent
    ".3,0 .2,1 | .7,0 .6,1 | 0,.35 1,.35 | 0,.7 .95,.7",  # a hash
    ".9,1 .2,.3 .3,0 .55,.1 .5,.3 .1,.7 .3,1 .6,.9 .9,.6",  # an ampersand
    ".9,.1 .5,0 .2,.3 .2,.7 .5,1 .9,.9 | 0,.4 .7,.4 | 0,.6 .65,.6",  # a euro
    ".5,.3 .3,0 0,.2 .1,.6 .5,1 | .5,.3 .7,0 1,.2 .9,.6 .5,1",  # a heart
    "0,.4 .5,0 | .5,0 1,.4 | .1,.4 .1,1 | .1,1 .9,1 | .9,1 .9,.4",  # a house
    "0,.5 .15,.2 .3,.5 .45,.8 .6,.5 .75,.2 .9,.5 1.05,.8",  # a wave
    "0,1 .15,0 | .15,0 .3,1 | .3,1 .45,0 | .45,0 .6,1 | .6,1 .75,0 | .75,0 .9,1",  # a zigzag
    ".5,0 .1,.2 0,.5 .1,.8 .5,1 .9,.8 1,.5 .9,.2 .5,0 | .3,.3 .3,.4 | .7,.3 .7,.4 | .3,.7 .5,.8 .7,.7",  # a face
    "0,0 1,0 | 1,0 1,1 | 1,1 0,1 | 0,1 0,0 | 0,0 1,1 | 0,1 1,0",  # a crossed box
    ".5,0 .5,1 | 0,.5 1,.5 | .15,.15 .85,.85 | .85,.15 .15,.85",  # an asterisk
)
_SIGNS = [patterns(path) for path in SIGNS]


def signs(count: int, random: np.random.Generator) -> Images:
    """Return varied drawings of `SIGNS`, (N, 28, 28)."""
    which = random.integers(0, len(_SIGNS), count)
    points, joined = (np.concatenate(arrays) for arrays in zip(*((s.points, s.joined) for s in _SIGNS), strict=True))
    return draw(Variation().apply(Strokes(points[which], joined[which]), random), random)


def drawn(make: Callable[[int, np.random.Generator], Images]) -> Make:
    """Return a function that draws one picture with `make` and puts it somewhere on a page."""

    def page(random: np.random.Generator) -> Pixels:
        return off_centre(np.rint(make(1, random)[0] * 255).astype(np.uint8), random)

    return page


def blank(random: np.random.Generator) -> Pixels:
    """Return paper in light that falls off across it."""
    y, x = np.mgrid[:PAGE, :PAGE].astype(np.float32) / PAGE
    fall_x, fall_y = random.uniform(-0.3, 0.3, 2)
    return scanned(PAPER * np.clip(1 + fall_x * (x - 0.5) + fall_y * (y - 0.5), 0, 1), random)


def noise(random: np.random.Generator) -> Pixels:
    """Return pixels of random brightness, each independent of the others."""
    side = int(random.integers(SIDE, PAGE))
    return random.integers(0, 256, (side, side)).astype(np.uint8)


def spots(random: np.random.Generator) -> Pixels:
    """Return paper with a few hundred dark pixels strewn over it."""
    page = np.where(random.random((PAGE, PAGE)) < random.uniform(0.01, 0.1), 60, PAPER).astype(np.float32)
    return scanned(page, random)


def checks(random: np.random.Generator) -> Pixels:
    """Return a chequered pattern."""
    size = int(random.integers(4, 20))
    squares = (np.indices((PAGE, PAGE)) // size).sum(axis=0) % 2
    return scanned(on_paper(255 * squares), random)


def several(digits: Pixels, many: int) -> Make:
    """Return a function that puts `many` of `digits` (M, 28, 28) side by side on a page, touching or apart."""

    def page(random: np.random.Generator) -> Pixels:
        apart = int(random.integers(14, 26))
        row = np.zeros((SIDE + 8, SIDE + apart * (many - 1)), np.uint8)
        for place in range(many):
            top, left = int(random.integers(0, 9)), place * apart
            part = row[top : top + SIDE, left : left + SIDE]
            np.maximum(part, digits[random.integers(0, len(digits))], out=part)
        row = np.pad(np.kron(row, np.ones((2, 2), np.uint8)), int(random.integers(2, 20)))
        return scanned(on_paper(row), random)

    return page


def kinds(digits: Pixels | None) -> dict[str, tuple[bool, Make]]:
    """Return, by name, whether training draws such pictures, and the function that makes one.

    digits: (M, 28, 28), for pictures of several digits; None leaves these pictures out.
    """
    of_digits: dict[str, tuple[bool, Make]] = {}
    if digits is not None:
        of_digits = {"two digits": (True, several(digits, 2)), "four digits": (False, several(digits, 4))}
    return {
        "blank": (False, blank),
        "noise": (True, noise),
        "scribbles": (True, drawn(scribbles)),
        "letters, drawn": (True, drawn(letters)),
        "crossing lines": (True, drawn(crossing_lines)),
        "blots": (True, drawn(blots)),
        **of_digits,
        "signs": (False, drawn(signs)),
        "spots": (False, spots),
        "checks": (False, checks),
    }
