"""What strips are drawn from: one world to fit to and one to measure on, with no paper, pen, slant or gap in common."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Colour = tuple[int, int, int]
Interval = tuple[float, float]


@dataclass(frozen=True)
class World:
    """What strips are drawn from. The intervals of a field are equally likely; lengths are shares of a digit's height.

    slants: columns a row, positive leaning to the right. patterns: periods, in pixels, of a paper's printed lines.
    separators: the share of gaps that hold a dot, a comma or a dash, as in amounts. endings: the share of strips with
    such a mark after the last digit. mark_pens, mark_heights: how thick marks are, and how high above the baseline
    dashes are. stretch: how much wider digits are than in MNIST. drawn, hooked: the shares of digits, and of 1s, that
    the project draws itself, with hooks and bars that MNIST's writers do not use. letters: the share of strips with a
    letter before, between or after the digits. linked: the share of rows of zeros that are written small, with a stroke
    from each to the next. heights: of a digit in pixels. one_hand: the share of strips in which each digit keeps its
    shape; elsewhere: of strips written with other sets of digits than MNIST; worn: of strips made small, faint or
    blocky; beside: of strips with what stands beside numbers on paper. dates: the share of numbers of 4, 6 or 8 digits
    that are divided as dates are; slashes: of separators that are slashes. words: of strips with a word after the code.
    """

    papers: tuple[Colour, ...]
    pens: tuple[Colour, ...]
    boxes: tuple[Colour, ...]
    slants: tuple[Interval, ...]
    wide_gaps: tuple[Interval, ...]
    gaps: tuple[Interval, ...]
    overlaps: tuple[Interval, ...]
    patterns: Interval
    separators: float = 0.0
    drawn: float = 0.0
    letters: float = 0.0
    linked: float = 0.0
    hooked: float = 0.0
    endings: float = 0.15
    ending_length: Interval = (0.2, 0.7)
    mark_pens: Interval = (0.04, 0.09)
    mark_heights: Interval = (0.35, 0.5)
    size_jitter: float = 0.12
    stretch: Interval = (0.88, 1.15)
    heights: Interval = (22, 56)
    one_hand: float = 0.0
    elsewhere: float = 0.0
    worn: float = 0.0
    beside: float = 0.0
    dates: float = 0.0
    slashes: float = 0.0
    words: float = 0.0


FIT = World(
    papers=((255, 255, 255), (246, 243, 232), (225, 225, 222), (214, 226, 238), (238, 222, 190), (190, 190, 188)),
    pens=((20, 20, 25), (25, 40, 130), (70, 70, 75), (45, 75, 170), (90, 30, 40)),
    boxes=((245, 150, 90), (150, 190, 235), (185, 185, 185)),
    slants=((-0.3, -0.22), (-0.12, 0.0), (0.06, 0.28), (0.4, 0.5)),
    wide_gaps=((0.14, 0.4), (0.8, 1.0)),
    gaps=((0.0, 0.03), (0.06, 0.16), (0.22, 0.32)),
    overlaps=((-0.1, -0.07), (-0.04, 0.0)),
    patterns=(3.0, 6.0),
)
TEST = World(
    papers=((204, 173, 134), (232, 205, 205), (206, 226, 203), (250, 244, 190), (170, 180, 196), (222, 214, 200)),
    pens=((85, 40, 120), (20, 80, 75), (35, 55, 90), (60, 45, 30), (10, 25, 200), (110, 30, 80)),
    boxes=((255, 120, 40), (110, 160, 215), (160, 165, 160), (235, 130, 120)),
    slants=((-0.22, -0.12), (0.0, 0.06), (0.28, 0.4)),
    wide_gaps=((0.4, 0.8),),
    gaps=((0.03, 0.06), (0.16, 0.22), (0.32, 0.5)),
    overlaps=((-0.07, -0.04),),
    patterns=(6.5, 9.0),
)


class Dice:
    """A random generator, and the draws that writers and cameras make from it."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random

    def uniform(self, interval: Interval) -> float:
        return float(self.random.uniform(*interval))

    def one(self, choices: Sequence[Interval]) -> float:
        """Return a draw from one of the intervals `choices`."""
        return self.uniform(choices[int(self.random.integers(len(choices)))])

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def colour(self, colours: Sequence[Colour]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.array(colours[int(self.random.integers(len(colours)))], np.float32)
