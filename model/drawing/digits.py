"""Digits as they are written where MNIST's writers did not live: hooked 1s, crossed 7s, slashed 0s, both kinds of 4."""

import numpy as np
from numpy.typing import NDArray

from model.drawing.pen import Images, Strokes, Variation, draw, patterns

# The label, and the two ends of a range of shapes: each drawing lies somewhere between them.
_SHAPES = (
    # A hook, from short to as long as the stem, steep to 40 degrees; straight, then curved; then with a foot.
    (1, ".2,.28 .5,0 | .5,0 .5,1", "-.1,.7 .5,0 | .5,0 .5,1"),
    (1, ".1,.3 .5,0 | .5,0 .45,1", "-.25,.55 .5,0 | .5,0 .55,1"),
    (1, ".2,.3 .38,.2 .5,0 | .5,0 .5,1", "-.1,.6 .3,.35 .5,0 | .5,0 .45,1"),
    (1, ".15,.35 .44,.04 .53,.1 .5,.4 .45,1", "-.05,.6 .42,.06 .54,.08 .52,.4 .45,1"),
    (1, ".2,.28 .5,0 | .5,0 .5,1 | .25,1 .75,1", "-.05,.5 .5,0 | .5,0 .5,1 | .05,1 .95,1"),
    # A bar that hardly rises, then a stem, crossed or with a serif, which sets them apart from the 1s.
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
_RANGES = [patterns(first, last) for _, first, last in _SHAPES]
_FIRST, _LAST = np.stack([each.points for each in _RANGES], axis=1)
_JOINED = np.stack([each.joined[0] for each in _RANGES])
_LABELS = np.array([label for label, _, _ in _SHAPES], np.uint8)


def drawn_digits(count: int, random: np.random.Generator) -> tuple[Images, NDArray[np.uint8]]:
    """Return `count` drawings, (N, 28, 28) float32 in MNIST's geometry, and their labels (N,) uint8.

    About four in ten are 1s and a quarter each 7s and 4s. The same generator state gives the same drawings.
    """
    which = random.integers(0, len(_SHAPES), count)
    between = random.uniform(0, 1, (count, 1, 1)).astype(np.float32)
    mixed = Strokes((1 - between) * _FIRST[which] + between * _LAST[which], _JOINED[which])
    return draw(Variation().apply(mixed, random), random), _LABELS[which]
