"""Digits as they are written outside MNIST's country: hooked 1s, crossed 7s, slashed 0s, both kinds of 4."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.training.drawing.pen import Floats, Strokes, Variation, draw, patterns
from model.types import Images

# The label, and the two ends of a range of shapes: each drawing is a mixture of the two.
_SHAPES = (
    # A hook, from short to as long as the stem, steep to 40 degrees; straight, then curved; then with a foot.
    (1, ".2,.28 .5,0 | .5,0 .5,1", "-.1,.7 .5,0 | .5,0 .5,1"),
    (1, ".1,.3 .5,0 | .5,0 .45,1", "-.25,.55 .5,0 | .5,0 .55,1"),
    (1, ".2,.3 .38,.2 .5,0 | .5,0 .5,1", "-.1,.6 .3,.35 .5,0 | .5,0 .45,1"),
    (1, ".15,.35 .44,.04 .53,.1 .5,.4 .45,1", "-.05,.6 .42,.06 .54,.08 .52,.4 .45,1"),
    (1, ".2,.28 .5,0 | .5,0 .5,1 | .25,1 .75,1", "-.05,.5 .5,0 | .5,0 .5,1 | .05,1 .95,1"),
    # A nearly level bar, then a stem, crossed or with a serif, which tells 7s from 1s.
    (7, "0,.02 .6,0 | .6,0 .3,1 | .15,.5 .65,.48", "0,.1 .8,0 | .8,0 .25,1 | .2,.5 .85,.45"),
    (7, "0,0 .35,.03 .7,0 | .7,0 .45,.45 .35,1 | .2,.5 .75,.5",
        "0,.1 .3,.05 .8,.04 | .8,.04 .4,.5 .3,1 | .1,.55 .8,.4"),
    (7, "0,.2 .02,.02 | .02,.02 .65,0 | .65,0 .35,1", "0,.2 .05,.05 | .05,.05 .8,.05 | .8,.05 .25,1"),
    (7, "0,.2 .02,.02 | .02,.02 .65,0 | .65,0 .35,1 | .2,.5 .7,.5",
        "0,.2 .05,.05 | .05,.05 .8,.05 | .8,.05 .25,1 | .2,.55 .8,.4"),
    # Open, as a chair or as lightning; closed, with a stem that ends at the top.
    (4, ".15,0 .1,.55 | .1,.55 .75,.55 | .6,.25 .6,1", ".45,0 0,.6 | 0,.6 .9,.6 | .6,.4 .55,1"),
    (4, ".2,0 .05,.35 .15,.55 .4,.55 .65,.45 | .65,0 .62,1", ".15,0 .05,.4 .25,.6 .5,.55 .7,.4 | .7,.1 .55,1"),
    (4, ".6,0 0,.65 | 0,.65 .85,.65 | .6,0 .6,1", ".7,0 .05,.7 | .05,.7 1,.68 | .7,0 .62,1"),
    (0, ".5,0 .15,.2 .05,.55 .25,.95 .6,.95 .85,.6 .8,.2 .5,0 | .85,.05 .1,.95",
        ".5,0 .2,.2 .1,.5 .25,.9 .55,1 .8,.7 .8,.3 .5,0 | .7,.25 .25,.75"),
    # With a hooked tail, as a g.
    (9, ".75,.15 .4,0 .1,.25 .35,.5 .7,.3 .75,.15 | .75,.1 .75,.75 .5,1 .15,.9",
        ".7,.1 .35,.0 .1,.2 .3,.42 .65,.3 .7,.1 | .7,.1 .72,.8 .4,1 .05,.8"),
)  # fmt: skip
_IN_AMOUNTS = (
    # With a stroke up to the head that begins low and far to the left: straight, and as a script l.
    (1, "0,.75 .5,0 | .5,0 .45,1", "-.5,1 .5,0 | .5,0 .55,1"),
    (1, "-.1,.8 .2,.7 .5,0 | .5,0 .45,1", "-.5,.85 .05,.75 .55,0 | .55,0 .5,1"),
    (1, "-.1,.7 .25,.45 .45,0 .5,.03 .45,.5 .4,1", "-.4,.75 .2,.5 .5,0 .6,.03 .45,.5 .35,1"),
    # Flat, as in a row of noughts.
    (0, ".5,0 .1,.15 0,.5 .3,.75 .7,.7 1,.4 .8,.1 .5,0", ".6,0 .1,.1 0,.35 .4,.55 .9,.45 1.1,.2 .9,.02 .6,0"),
    # As a Z, and with a loop at its foot.
    (2, "0,.05 .7,0 | .7,0 0,.95 | 0,.95 .8,1", "0,.1 .8,.05 | .8,.05 .05,1 | .05,1 .9,.9"),
    (2, "0,.25 .3,0 .65,.15 .55,.5 .15,.85 .05,.95 .2,.8 .4,.9 .8,1",
        ".05,.2 .4,0 .7,.25 .4,.7 .05,.95 .1,.75 .35,.85 .9,.9"),
    # With a loop at its head too.
    (2, ".3,.3 .12,.35 0,.2 .2,.02 .55,0 .7,.2 .5,.55 .2,.85 .02,.97 .05,.82 .25,.84 .8,1",
        ".4,.2 .15,.42 -.08,.25 .1,0 .6,-.02 .8,.25 .5,.65 .15,.92 -.05,1 0,.8 .3,.86 .95,.95"),
    (2, ".2,.3 .02,.25 .1,.05 .45,0 .6,.2 .4,.6 0,.95 | 0,.95 .8,.9",
        ".3,.15 .15,.35 -.05,.25 .05,0 .6,0 .7,.3 .3,.75 0,1 | 0,1 .9,1"),
    (3, "0,0 .6,0 | .6,0 .3,.4 | .3,.4 .7,.55 .6,.9 .3,1 0,.9",
        ".05,.05 .7,0 | .7,0 .25,.38 | .25,.38 .75,.6 .5,1 0,.85"),
    # As an h, as an H, and in a curve.
    (4, ".15,0 .05,.65 | .05,.65 .3,.45 .6,.5 .6,1", ".3,0 .1,.9 | .1,.75 .4,.4 .65,.55 .6,1"),
    (4, ".1,.05 .05,.6 | .05,.55 .75,.5 | .7,.1 .65,1", ".2,0 .1,.75 | 0,.5 .8,.5 | .75,0 .7,1"),
    (4, ".3,0 0,.5 .3,.6 .8,.5 | .6,.3 .5,1", ".4,0 .05,.55 .4,.6 .9,.45 | .7,.2 .5,1"),
    # As a y whose tail is cut short, and as an L with a short stroke through it.
    (4, ".1,0 .05,.3 .2,.5 .6,.42 | .65,0 .5,1", "0,.05 .08,.4 .35,.52 .65,.35 | .75,0 .35,1"),
    (4, ".3,0 0,.7 | 0,.7 .8,.65 | .5,.4 .45,1", ".4,0 .05,.6 | .05,.6 1,.6 | .55,.45 .45,.9"),
    # As a root sign, and as a J under a bar, with almost no belly.
    (5, "0,.75 .15,1 .3,.55 .3,0 | .3,0 .8,.03", "0,.6 .12,1 .3,.45 .4,0 | .4,0 1,-.03"),
    (5, ".3,.03 .25,.45 .5,.55 .45,.9 .05,.95 | .3,.03 .9,0", ".3,0 .28,.5 .35,.7 .25,1 0,.85 | .3,.02 1,-.05"),
    (6, ".15,0 .1,.7 .3,1 .6,.8 .4,.55 .12,.7", ".4,0 .05,.5 .15,.95 .55,.9 .55,.6 .1,.65"),
    # Crossed, with only a short stroke for its bar: as a t.
    (7, ".05,.12 .4,.02 | .4,.02 .2,1 | -.05,.5 .6,.42", ".15,.1 .38,0 | .38,0 .3,1 | 0,.42 .7,.38"),
    # As a B, and open at the top.
    (8, ".1,0 .1,1 | .1,.02 .5,0 .6,.22 .45,.45 .12,.48 | .12,.48 .6,.5 .7,.75 .5,1 .1,.98",
        "0,.1 .05,.95 | 0,.1 .45,-.02 .55,.2 .4,.42 .05,.5 | .05,.5 .5,.5 .65,.78 .45,1 .05,.95"),
    (8, ".85,.05 .5,.4 .15,.75 .3,1 .55,.85 .5,.5 .3,.25 .1,0", ".75,0 .45,.45 .2,.8 .4,1 .6,.8 .45,.45 .2,.2 .05,.1"),
    # As a P, and begun inside its loop.
    (9, ".2,0 .2,1 | 0,.15 .4,-.02 .7,.15 .6,.42 .2,.5", ".3,0 .15,1 | .3,0 .7,.05 .75,.3 .5,.5 .2,.45"),
    (9, ".6,.35 .25,.45 .1,.2 .4,0 .65,.15 .6,.6 .5,1", ".55,.4 .15,.4 .15,.1 .5,0 .7,.25 .6,.7 .35,1"),
)  # fmt: skip

_COMMON = (
    # All ten digits as most people write them.
    (0, ".5,0 .1,.25 .05,.65 .4,1 .8,.75 .85,.3 .5,0", ".6,0 .15,.2 .1,.7 .35,1 .65,.8 .75,.3 .55,.02"),
    (0, ".5,0 .15,.1 0,.5 .15,.9 .5,1 .85,.9 1,.5 .85,.1 .5,0", ".45,.02 .1,.3 .1,.7 .45,1 .75,.7 .75,.3 .4,0"),
    (1, ".5,0 .5,1", ".55,0 .45,1"),
    (1, ".25,.2 .5,0 | .5,0 .5,1", ".1,.35 .5,0 | .5,0 .48,1"),
    (2, "0,.25 .2,.03 .6,.05 .7,.3 .4,.65 0,1 | 0,1 .8,1", ".05,.2 .3,0 .65,.15 .6,.4 .3,.7 0,.97 | 0,.97 .85,.92"),
    (3, ".05,.1 .4,0 .7,.2 .35,.45 | .35,.45 .8,.65 .6,.98 .05,.9",
        "0,.15 .35,0 .65,.2 .3,.48 | .3,.48 .7,.7 .4,1 0,.88"),
    (4, ".55,0 0,.65 | 0,.65 .9,.65 | .6,.3 .6,1", ".35,0 .05,.6 | .05,.6 .8,.6 | .65,.1 .6,1"),
    (4, ".6,0 0,.7 | 0,.7 .85,.7 | .6,0 .6,1", ".65,0 .05,.65 | .05,.65 .95,.65 | .65,0 .62,1"),
    (5, ".2,0 .1,.45 | .1,.45 .5,.38 .8,.68 .5,1 0,.92 | .2,0 .75,0",
        ".25,.03 .1,.5 | .1,.5 .45,.42 .7,.7 .4,1 0,.9 | .25,.03 .8,-.03"),
    (6, ".6,0 .15,.35 .05,.75 .4,1 .75,.75 .4,.5 .08,.7", ".45,0 .1,.4 .1,.85 .45,1 .65,.75 .35,.58 .1,.75"),
    (7, "0,.05 .75,0 | .75,0 .45,.5 .3,1", "0,0 .8,0 | .8,0 .4,.55 .2,1"),
    (8, ".7,.15 .35,0 .1,.2 .4,.48 .75,.75 .4,1 .05,.78 .4,.48 .7,.15",
        ".65,.12 .3,.02 .15,.25 .4,.45 .65,.75 .35,1 .1,.75 .42,.45 .68,.12"),
    (9, ".7,.2 .35,0 .05,.25 .35,.5 .7,.2 | .7,.2 .68,.6 .6,1",
        ".65,.15 .3,0 .05,.3 .35,.48 .65,.15 | .65,.15 .65,.7 .5,1"),
)  # fmt: skip


class Shapes:
    """Ranges of shapes to draw digits from."""

    def __init__(self, *shapes: tuple[int, str, str]) -> None:
        """Each of `shapes` is a label, and the paths of the two ends of a range."""
        self._paths = [(first, last) for _, first, last in shapes]
        self.labels = np.array([label for label, _, _ in shapes], np.uint8)

    @cached_property
    def ranges(self) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Both ends of the ranges as points, each (R, K, 2), and whether the points are joined, (R, K - 1).

        Made at first use, because it takes longer than an import should.
        """
        ends = [patterns(first, last) for first, last in self._paths]
        first, last = np.stack([each.points for each in ends], axis=1)
        return first, last, np.stack([each.joined[0] for each in ends])


EVERYDAY = Shapes(*_SHAPES)
"""About four in ten are 1s; 7s and 4s are a quarter each."""
AMOUNTS = Shapes(*_SHAPES, *_IN_AMOUNTS)
"""Also digits that would pass for letters on their own: 4s like an h, 8s like a B, 9s like a P."""
COMMON = Shapes(*_COMMON)
"""All ten digits, in the ways that most people write them."""


def drawn_digits(
    count: int, random: np.random.Generator, shapes: Shapes = EVERYDAY
) -> tuple[Images, NDArray[np.uint8]]:
    """Return `count` drawings, (N, 28, 28) float32 in MNIST's geometry, and their labels (N,) uint8.

    The same generator state gives the same drawings.
    """
    which = random.integers(0, len(shapes.labels), count)
    between = random.uniform(0, 1, (count, 1, 1)).astype(np.float32)
    first, last, joined = shapes.ranges
    mixed = Strokes((1 - between) * first[which] + between * last[which], joined[which])
    return draw(Variation().apply(mixed, random), random), shapes.labels[which]
