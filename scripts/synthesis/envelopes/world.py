"""What mail pieces are made of: one world to fit to and one to measure on, with nothing in common but the countries."""

from dataclasses import dataclass
from typing import Literal

from synthesis.envelopes import places
from synthesis.envelopes.places import Places
from synthesis.worlds import FIT as FIT_STRIPS
from synthesis.worlds import TEST as TEST_STRIPS
from synthesis.worlds import Colour, Interval, World

Name = Literal["fit", "test"]


@dataclass(frozen=True)
class MailWorld:
    """What pieces are made of. The intervals of a field are equally likely.

    strips: the slants of hands. places: people, streets and towns by country. papers, pens, prints: colours. strokes:
    the shares of hands that write digits, and words, with the project's strokes; font_digits: of hands that write
    digits in a handwriting font. lefts, tops: where the address begins, in shares of the piece. leading: from line to
    line, in heights of a capital. gaps, spaces: between digits and between words, in the same. steps: by how much each
    line begins further to the right. tables: the textures that pieces lie on. cells: the width of an orange box, in
    heights of its digits.
    """

    name: Name
    strips: World
    places: dict[str, Places]
    papers: tuple[Colour, ...]
    pens: tuple[Colour, ...]
    prints: tuple[Colour, ...]
    boxes: tuple[Colour, ...]
    stroke_digits: float
    stroke_words: float
    font_digits: float
    lefts: tuple[Interval, ...]
    tops: tuple[Interval, ...]
    leading: tuple[Interval, ...]
    gaps: tuple[Interval, ...]
    spaces: tuple[Interval, ...]
    steps: tuple[Interval, ...]
    cells: tuple[Interval, ...]
    tables: tuple[str, ...]


FIT = MailWorld(
    name="fit",
    strips=FIT_STRIPS,
    places=places.FIT,
    papers=((250, 250, 250), (246, 243, 232), (232, 234, 236), (222, 205, 170), (240, 238, 220), (214, 226, 238),
            (255, 255, 255), (196, 160, 115), (244, 236, 240)),
    pens=((20, 20, 25), (25, 40, 130), (45, 75, 170), (70, 70, 75), (15, 25, 80), (120, 30, 40)),
    prints=((15, 15, 15), (45, 45, 50), (25, 30, 70)),
    boxes=((245, 130, 60), (250, 165, 110), (235, 110, 70)),
    stroke_digits=0.25,
    stroke_words=0.5,
    font_digits=0.15,
    lefts=((0.3, 0.36), (0.42, 0.48), (0.54, 0.6)),
    tops=((0.32, 0.38), (0.46, 0.52)),
    leading=((1.5, 1.75), (2.0, 2.3), (2.7, 3.0)),
    gaps=((0.0, 0.06), (0.12, 0.2)),
    spaces=((0.35, 0.5), (0.7, 0.9)),
    steps=((0.0, 0.0), (0.0, 0.0), (0.5, 1.0)),
    cells=((0.95, 1.1), (1.25, 1.35)),
    tables=("plain", "wood"),
)  # fmt: skip
TEST = MailWorld(
    name="test",
    strips=TEST_STRIPS,
    places=places.TEST,
    papers=((248, 248, 244), (236, 230, 214), (226, 228, 224), (208, 184, 145), (250, 244, 214), (206, 226, 203),
            (252, 252, 255), (182, 146, 100), (232, 205, 205)),
    pens=((10, 10, 12), (30, 30, 100), (60, 60, 190), (85, 85, 90), (20, 80, 75), (85, 40, 120)),
    prints=((25, 25, 25), (60, 58, 55), (20, 40, 60)),
    boxes=((255, 120, 40), (240, 150, 90), (225, 100, 60)),
    stroke_digits=0.0,
    stroke_words=0.0,
    font_digits=0.15,
    lefts=((0.36, 0.42), (0.48, 0.54), (0.6, 0.64)),
    tops=((0.38, 0.46), (0.52, 0.56)),
    leading=((1.75, 2.0), (2.3, 2.7)),
    gaps=((0.06, 0.12), (0.2, 0.26)),
    spaces=((0.5, 0.7),),
    steps=((0.0, 0.0), (0.0, 0.0), (0.2, 0.5), (1.0, 1.4)),
    cells=((1.1, 1.25),),
    tables=("stone", "cloth"),
)  # fmt: skip
WORLDS: dict[Name, MailWorld] = {"fit": FIT, "test": TEST}
