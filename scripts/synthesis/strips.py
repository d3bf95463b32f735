"""Pictures of handwritten codes made from MNIST's digits, and where each digit's ink is in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.training.mnist import Digits
from synthesis.beside import beside
from synthesis.camera import Camera
from synthesis.glyphs import Glyphs
from synthesis.marks import Box, Flags, Gaps, Hand, Kind, Layer, Marks, box_of
from synthesis.wear import worn
from synthesis.worlds import Dice, World

_DATES = {4: (2,), 6: (2, 4), 8: (2, 4)}  # by the number of digits: how many come before each slash
_NOUGHTS = (0.45, 1.0)  # of a digit's height: those that are joined
_LINKS = (-0.04, 0.2)  # of it: the gaps between them


@dataclass(frozen=True)
class Strip:
    """A picture (H, W, 3) uint8, the code in it, and each digit's box (x, y, width, height).

    sources: the index, among the writer's digits, of the image that each digit was written with; -1 for drawn digits.
    """

    picture: NDArray[np.uint8]
    code: str
    kind: Kind
    boxes: tuple[Box, ...]
    sources: tuple[int, ...]


class Writer:
    """Writes codes with the images of `digits`, in one world, with all randomness from one generator."""

    def __init__(
        self,
        digits: Digits,
        world: World,
        random: np.random.Generator,
        others: Sequence[Digits] = (),
        *,
        boxes: bool = True,
    ) -> None:
        """Prepare to write.

        others: further sets of digits, each of one kind of hand, that some strips are written with. boxes: whether
        strips say where each digit is; without, tilted ones take less time.
        """
        self._world, self._dice, self._boxes = world, Dice(random), boxes
        self._camera, self._marks = Camera(world, self._dice), Marks(world, self._dice)
        self._glyphs = Glyphs(digits, world, self._dice, others)

    def write(self, code: str, kind: Kind) -> Strip:
        """Return a strip of `code` of the given kind; every strip is different."""
        hand = self._hand(kind)
        linked = self._linked(code, kind)
        share = self._dice.uniform(_NOUGHTS) if linked.any() else 1.0
        sizes = np.where(linked | np.roll(linked, 1), share, 1.0)  # the last digit is never linked
        written = self._glyphs.written(code, hand, sizes)
        glyphs = [glyph for glyph, _ in written]
        letter = None
        if kind != "boxed" and not linked.any() and self._dice.chance(self._world.letters):
            letter = int(
                self._dice.random.choice(np.array([0, len(code), self._dice.random.integers(0, len(code) + 1)]))
            )
            glyphs.insert(letter, self._glyphs.letter(hand))
            linked = np.insert(linked, letter, False)
        elif self._world.words and kind != "boxed" and self._dice.chance(self._world.words):
            letter = len(glyphs)
            glyphs.append(self._word(hand))
            linked = np.append(linked, False)
        tops = [self._top(glyph, hand) for glyph in glyphs]
        cell = self._cell(glyphs, hand) if kind == "boxed" else 0
        separated = self._dice.random.random(len(glyphs)) < (0 if kind == "boxed" else self._world.separators)
        separated &= ~linked
        slashed = np.zeros(len(glyphs), np.bool_)
        if self._world.slashes:
            slashed = self._slashed(len(code), separated)
            separated |= slashed
        gaps = Gaps(separated, linked, slashed)
        lefts = self._lefts(glyphs, tops, hand, kind, cell, gaps)
        layers, baseline = _canvas(glyphs, tops, lefts, self._margins(hand, cell))
        marks, printed = self._marks.drawn(layers, baseline, hand, kind, cell, gaps)
        if letter is not None:
            marks = np.maximum(marks, layers[letter : letter + 1])
            layers = np.delete(layers, letter, axis=0)
        if not self._boxes:
            layers = layers.max(axis=0, keepdims=True)
        if hand.tilt:
            layers, marks, printed = (_turned(each, hand.tilt) for each in (layers, marks, printed))
        plain, boxed = kind == "separated", kind == "boxed"
        if self._world.beside and self._dice.chance(self._world.beside):
            layers, marks, printed = self._with_more(layers, marks, printed, hand)
        picture = self._camera.taken(layers, marks, printed, hand.height, plain=plain, boxed=boxed)
        if self._world.worn and self._dice.chance(self._world.worn):
            picture = worn(picture, hand.height, self._dice)
        boxes = tuple(box_of(layer) for layer in layers) if self._boxes else ()
        return Strip(picture, code, kind, boxes, tuple(source for _, source in written))

    def show(self, line: Layer, height: float, *, in_print: bool) -> NDArray[np.uint8]:
        """Return a picture of what is drawn in `line` (H, W) and is no code, as written or printed `height` high."""
        sides = [round(height * self._dice.uniform((0.2, 0.8))) for _ in range(4)]
        layers = np.pad(line, (tuple(sides[:2]), tuple(sides[2:])))[None]
        if self._dice.chance(0.5):
            layers = _turned(layers, self._dice.uniform((-5, 5)))
        nothing = np.zeros_like(layers)
        marks, printed = (nothing, layers) if in_print else (layers, nothing)
        picture = self._camera.taken(nothing, marks, printed, height, plain=self._dice.chance(0.2), boxed=True)
        return worn(picture, height, self._dice) if self._dice.chance(self._world.worn) else picture

    def numbers(self, codes: Sequence[str], sizes: Sequence[float]) -> tuple[list[Layer], float]:
        """Return `codes` in one hand, a line (H, W) each, and the hand's height.

        sizes: of the lines' digits, in shares of that height.
        """
        hand = self._hand("natural")
        lines = []
        for code, size in zip(codes, sizes, strict=True):
            sized = replace(hand, height=size * hand.height)
            glyphs = [glyph for glyph, _ in self._glyphs.written(code, sized, np.ones(len(code)))]
            tops = [self._top(glyph, sized) for glyph in glyphs]
            no = np.zeros(len(code), np.bool_)
            lefts = self._lefts(glyphs, tops, sized, "natural", 0, Gaps(no, no, no))
            layers, _ = _canvas(glyphs, tops, lefts, (0, 0, 0, 0))
            lines.append(np.asarray(layers.max(axis=0), np.float32))
        return lines, hand.height

    def words(self) -> tuple[Layer, float]:
        """Return one to three words in one hand, (H, W), and the height of their capitals."""
        hand = self._hand("natural")
        line = self._word(hand)
        for _ in range(int(self._dice.random.integers(3))):
            word = self._word(hand)
            tall, space = max(len(line), len(word)), round(hand.height * self._dice.uniform((0.3, 0.8)))
            line, word = (np.pad(each, ((tall - len(each), 0), (0, 0))) for each in (line, word))
            line = np.concatenate([line, np.zeros((tall, space), np.float32), word], axis=1)
        return line, hand.height

    def _word(self, hand: Hand) -> Layer:
        """Return two to eight letters, (H, W): one large and the others small, or all as large; apart or joined."""
        count = int(self._dice.random.integers(2, 9))
        small = self._dice.uniform((0.55, 1)) if self._dice.chance(0.7) else 1.0
        sizes = [1.0, *([small] * (count - 1))]
        glyphs = [self._glyphs.letter_of_word(replace(hand, height=size * hand.height)) for size in sizes]
        tops = [-len(glyph) for glyph in glyphs]
        joined = np.full(count, self._dice.chance(0.5))
        kind: Kind = "touching" if joined[0] else "natural"
        gaps = Gaps(np.zeros(count, np.bool_), joined, np.zeros(count, np.bool_))
        layers, _ = _canvas(glyphs, tops, self._lefts(glyphs, tops, hand, kind, 0, gaps), (0, 0, 0, 0))
        if not joined[0]:
            return np.asarray(layers.max(axis=0), np.float32)
        return np.asarray(np.maximum(layers.max(axis=0), self._marks.links(layers, hand)), np.float32)

    def _slashed(self, digits: int, separated: Flags) -> Flags:
        """Return which gaps hold a slash, (N,): some of those `separated`, or those of a date or a fraction."""
        slashed = separated & (self._dice.random.random(len(separated)) < self._world.slashes)
        if digits in _DATES and self._dice.chance(self._world.dates):
            separated[:digits] = False
            slashed[:] = False
            places = np.array(_DATES[digits]) - 1
            (slashed if self._dice.chance(0.7) else separated)[places] = True
        return slashed

    def _with_more(self, layers: Layer, marks: Layer, printed: Layer, hand: Hand) -> tuple[Layer, Layer, Layer]:
        """Return the three with more paper around them, and with what stands beside numbers in the last two."""
        room = [tuple(round(hand.height * self._dice.uniform((0, 0.9))) for _ in range(2)) for _ in range(2)]
        layers, marks, printed = (np.pad(each, ((0, 0), *room)) for each in (layers, marks, printed))
        _, tall, wide = layers.shape
        left, top, width, height = box_of(layers.max(axis=0))
        number = (left, top, left + width, top + height)
        pen, dark = beside((wide, tall), number, hand.height, self._dice)
        return layers, np.maximum(marks, pen[None]), np.maximum(printed, dark[None])

    def _hand(self, kind: Kind) -> Hand:
        height = self._dice.uniform(self._world.heights)
        like = int(self._dice.random.integers(len(self._glyphs.mnist.thickness)))
        constant = bool(self._world.one_hand) and self._dice.chance(self._world.one_hand)
        stretch = self._world.stretch
        if constant:
            middle = self._dice.uniform(stretch)
            stretch = (0.93 * middle, 1.07 * middle)
        hand = Hand(
            height=height,
            stroke=float(self._glyphs.mnist.thickness[like]),
            lean=float(self._glyphs.mnist.slants[like]) if constant else 0.0,
            slant=self._dice.one(self._world.slants),
            thickness=int(self._dice.random.choice([-1, 0, 0, 0, 1])),
            boldness=self._dice.uniform((-0.25, 0.3)),
            size_jitter=self._world.size_jitter,
            baseline_jitter=0.1,
            tilt=self._dice.uniform((-5, 5)) if self._dice.chance(0.6) else 0.0,
            stretch=stretch,
            constant=constant,
        )
        if kind == "separated":
            return replace(hand, slant=hand.slant / 2, size_jitter=0.06, baseline_jitter=0.04, tilt=hand.tilt / 5)
        return hand

    def _linked(self, code: str, kind: Kind) -> Flags:
        """Return which digits of `code` are joined to the next, (N,): zeros that another zero follows."""
        linked = np.zeros(len(code), np.bool_)
        if kind in {"natural", "touching"} and self._world.linked:
            for run in re.finditer("00+", code):
                linked[run.start() : run.end() - 1] = self._dice.chance(self._world.linked)
        return linked

    def _top(self, glyph: Layer, hand: Hand) -> int:
        """Return the row at which `glyph` begins, over a baseline at row 0; low glyphs, such as dashes, are raised."""
        wander = self._dice.uniform((-1, 1)) * hand.baseline_jitter * hand.height
        missing = max(0.0, hand.height - len(glyph)) / 2
        return round(wander - missing) - len(glyph)

    def _cell(self, glyphs: Sequence[Layer], hand: Hand) -> int:
        widest: int = max(glyph.shape[1] for glyph in glyphs)
        return round(max(widest * self._dice.uniform((1.0, 1.25)), hand.height * self._dice.uniform((0.95, 1.3))))

    def _lefts(
        self, glyphs: Sequence[Layer], tops: Sequence[int], hand: Hand, kind: Kind, cell: int, gaps: Gaps
    ) -> list[int]:
        """Return the column at which each glyph begins."""
        if kind == "boxed":
            free = [max(0, cell - glyph.shape[1]) for glyph in glyphs]
            return [i * cell + room // 2 + round(room * self._dice.uniform((-0.3, 0.3))) for i, room in enumerate(free)]
        lefts = [0]
        for i in range(1, len(glyphs)):
            if kind == "separated":
                gap = self._dice.one(self._world.wide_gaps)
            elif kind == "touching" and self._dice.chance(0.7):
                gap = self._dice.one(self._world.overlaps)
            elif gaps.linked[i - 1]:
                gap = self._dice.uniform(_LINKS)
            else:
                gap = self._dice.one(self._world.gaps)
            if gaps.separated[i - 1]:
                gap = abs(gap) + self._dice.uniform((0.25, 0.45))
            if gaps.slashed[i - 1]:
                gap += self._dice.uniform((0.0, 0.3))
            apart = _distance(glyphs[i - 1], tops[i - 1], glyphs[i], tops[i])
            lefts.append(lefts[-1] + round(gap * hand.height - apart))
        return lefts

    def _margins(self, hand: Hand, cell: int) -> tuple[int, int, int, int]:
        """Return the empty pixels to the left, to the right, above and below the writing."""
        sides = [round(hand.height * self._dice.uniform((0.2, 0.9))) + (cell // 3 if cell else 0) for _ in range(2)]
        if self._world.ending_length[1] > 1:  # a long dash needs room
            sides[1] += round(hand.height * self._dice.uniform((0, 1)))
        return (*sides, *(round(hand.height * self._dice.uniform((0.2, 0.6))) for _ in range(2)))  # type: ignore[return-value]  # two and two


def _distance(left: Layer, left_top: int, right: Layer, right_top: int) -> int:
    """Return the empty columns between two glyphs that begin in the same column: negative, since they overlap there.

    Rows near each other count as one, and no glyph slides under its neighbour by more than a third of its width.
    """
    top, bottom = min(left_top, right_top), max(left_top + len(left), right_top + len(right))
    ends, starts = np.full(bottom - top, -np.inf), np.full(bottom - top, np.inf)
    inked = left > 0.5
    ends[left_top - top :][: len(left)] = np.where(
        inked.any(axis=1), left.shape[1] - inked[:, ::-1].argmax(axis=1), -np.inf
    )
    inked = right > 0.5
    starts[right_top - top :][: len(right)] = np.where(inked.any(axis=1), inked.argmax(axis=1), np.inf)
    reach = len(left) // 12
    ends = np.max([np.roll(ends, shift) for shift in range(-reach, reach + 1)], axis=0)
    return int(min((starts - ends).min(), -left.shape[1] * 2 // 3))


def _canvas(
    glyphs: Sequence[Layer], tops: Sequence[int], lefts: Sequence[int], margins: tuple[int, int, int, int]
) -> tuple[Layer, int]:
    """Return the glyphs in their places, (N, H, W), and the row of the baseline."""
    left, right, over, under = margins
    first, top = min(lefts), min(tops)
    width = max(at + glyph.shape[1] for at, glyph in zip(lefts, glyphs, strict=True)) - first + left + right
    bottom = max(at + len(glyph) for at, glyph in zip(tops, glyphs, strict=True))
    layers = np.zeros((len(glyphs), bottom - top + over + under, width), np.float32)
    for layer, glyph, y, x in zip(layers, glyphs, tops, lefts, strict=True):
        row, column = y - top + over, x - first + left
        layer[row : row + len(glyph), column : column + glyph.shape[1]] = glyph
    return layers, over - top


def _turned(layers: Layer, degrees: float) -> Layer:
    """Return `layers` (N, H, W) rotated about their middle, with nothing cut off."""
    return np.stack(
        [
            np.asarray(Image.fromarray(layer).rotate(degrees, Image.Resampling.BILINEAR, expand=True), np.float32)
            for layer in layers
        ]
    )
