"""Paths of the letters and signs of an address, for a pen that follows them at any size."""

from functools import cache

from model.training.drawing.non_digits import LETTERS
from model.training.drawing.pen import Strokes, patterns

# Those that look like digits too, so that the non-digits leave them out, and signs.
_MORE = {
    "B": ".0,0 0,1 | 0,.02 .45,0 .55,.22 .4,.45 0,.48 | 0,.48 .5,.5 .65,.75 .45,1 0,.98",
    "D": "0,0 0,1 | 0,0 .5,.05 .75,.5 .5,.95 0,1",
    "G": ".75,.15 .4,0 0,.5 .4,1 .75,.85 .78,.55 | .78,.55 .45,.55",
    "I": "0,0 0,1",
    "O": ".4,0 0,.5 .4,1 .8,.5 .4,0",
    "Q": ".4,0 0,.5 .4,1 .8,.5 .4,0 | .5,.7 .9,1.05",
    "S": ".7,.12 .35,0 .05,.25 .4,.5 .7,.75 .35,1 0,.88",
    "Y": "0,0 .35,.5 | .7,0 .35,.5 | .35,.5 .35,1",
    "Z": "0,0 .7,0 | .7,0 0,1 | 0,1 .75,1",
    "b": "0,0 0,1 | 0,.6 .35,.4 .55,.7 .3,1 0,.9",
    "g": ".6,.1 .3,0 0,.3 .3,.6 .6,.1 | .6,.05 .6,.8 .3,1 0,.9",
    "i": "0,.35 .02,1 | .03,.05 .04,.09",
    "j": ".3,.25 .3,.8 .15,1 0,.92 | .3,.02 .31,.05",
    "l": "0,0 0,.85 .12,1",
    "o": ".35,0 0,.5 .35,1 .7,.5 .35,0",
    "q": ".55,.1 .3,0 0,.3 .3,.6 .55,.1 | .6,0 .6,1",
    "s": ".55,.1 .25,0 .1,.25 .4,.5 .6,.75 .25,1 0,.9",
    "y": "0,0 .3,.55 | .65,0 .1,1",
    "z": "0,0 .6,0 | .6,0 0,1 | 0,1 .65,1",
    "ß": "0,1 0,.25 .25,0 .5,.2 .25,.42 .6,.7 .35,1 .15,.93",
    "-": "0,0 .35,.02",
    "/": ".35,0 0,1",
    ",": ".1,0 0,.2",
    ".": "0,0 .02,.02",
    "'": ".05,0 0,.2",
    "(": ".2,0 0,.5 .2,1",
    ")": "0,0 .2,.5 0,1",
    "*": "0,.5 .6,.5 | .1,.1 .5,.9 | .5,.1 .1,.9",
    "º": ".1,0 0,.1 .1,.2 .2,.1 .1,0",
    ":": "0,0 .01,.02 | 0,.6 .01,.62",
}

_SMALL = 0.62  # the height of small letters, in heights of capitals
_TALL = set("bdfhklßi")
_DEEP = 0.38  # how far letters reach below the line
_EXTENTS = {"-": (-0.45, -0.4), ",": (-0.1, 0.12), ".": (-0.06, 0.0), "'": (-1.0, -0.8), "t": (-0.85, 0.0),
            "(": (-1.05, 0.1), ")": (-1.05, 0.1), "/": (-1.0, 0.1), "º": (-1.0, -0.6), ":": (-0.5, 0.0),
            "j": (-0.85, _DEEP), "*": (-0.8, -0.2), "i": (-0.9, 0.0)}  # fmt: skip


@cache
def paths(letter: str) -> tuple[Strokes, ...]:
    """Return the ways to draw `letter`; none where it has no path."""
    if letter in _MORE:
        return (patterns(_MORE[letter]),)
    return tuple(patterns(path) for path in LETTERS.get(letter, ()))


def extent(letter: str) -> tuple[float, float]:
    """Return where `letter` begins and ends, in heights of capitals below the line it stands on."""
    if letter in _EXTENTS:
        return _EXTENTS[letter]
    if letter in "gpqy":
        return -_SMALL, _DEEP
    return (-1.0 if letter in _TALL or not letter.islower() else -_SMALL), 0.0
