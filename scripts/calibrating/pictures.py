"""Labelled pictures of every kind of writing that there is, and of what is no writing: what confidence is fitted on.

To fit, drawn pictures use MNIST's validation digits in the worlds that the networks were fitted in, and of every set of
others' pictures the even items are read. To measure, they use digits and worlds that nothing was fitted on, and the odd
items.
"""

import csv
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibrating.corrections import SHOWN, as_shown
from make_strips import draw_code
from model.reader import Kind
from model.training import mnist
from pictures import read_picture
from sets import SETS
from synthesis import no_code
from synthesis.field.kinds import KINDS as FIELD_KINDS
from synthesis.field.sample import Sample
from synthesis.fitting_lines import AMOUNTS, a_number
from synthesis.marks import KINDS as STRIP_KINDS
from synthesis.non_digits import kinds as non_digits
from synthesis.pages import off_centre, ruled
from synthesis.strips import Writer
from synthesis.worlds import FIT, TEST, Dice, World

Pixels = NDArray[np.uint8]
_FIELD_COUNT = 25  # pictures of each kind from the field
_USPS_DIGITS = 5  # in a strip, as in a ZIP code
_USPS_SCALE = 2
_ZIP, _ZIP_PLUS_4 = 5, 9
_DIGITS = "0123456789"
_LETTERS = "abcdefghjkmnpqrtuvwxyABCDEFGHJKLMNPQRTUVWXY"  # without those that look like digits


@dataclass(frozen=True)
class Part:
    """Which pictures are read.

    digits: those of MNIST's training files that drawn pictures show. parity: of the items of others' sets. codes,
    lines: the worlds that codes and lines without a code are drawn in. seed: the same one draws the same pictures.
    """

    digits: slice
    parity: int
    codes: World
    lines: World
    seed: int

    def random(self, kind: str) -> np.random.Generator:
        """Return a generator of its own for the pictures of this kind."""
        return np.random.default_rng((self.seed, zlib.crc32(kind.encode())))


TO_FIT = Part(mnist.VALIDATION, 0, FIT, AMOUNTS, 17)
TO_MEASURE = Part(mnist.STRIPS, 1, TEST, replace(TEST, words=1.0, worn=AMOUNTS.worn), 18)


@dataclass(frozen=True)
class Question:
    """How a picture is sent: what is known of it."""

    kind: Kind = "strip"
    digits: int | None = None
    country: str | None = None


@dataclass(frozen=True)
class Labelled:
    """A picture, what it says (nothing where there is no code), and the ways to send it."""

    picture: Pixels
    code: str
    questions: tuple[Question, ...]

    @property
    def fold(self) -> int:
        """A number that only equal pictures share, for all purposes."""
        return int.from_bytes(hashlib.sha256(self.picture.tobytes()).digest()[:6])

    def code_for(self, text: str) -> str:
        """Return what a reading `text` is held against: a ZIP code may be read without its last four digits."""
        return text if len(self.code) == _ZIP_PLUS_4 and text == self.code[:_ZIP] else self.code


Source = Callable[[], Iterator[Labelled]]
Drawn = dict[str, tuple[int, Source]]
"""By kind, how many of its pictures to draw, and what yields them without end."""


def sources(data: Path, part: Part, share: float = 1.0) -> dict[str, Source]:
    """Return, by kind, what yields its pictures of this `part`; sets that `data` lacks are left out.

    share: of the pictures that are drawn, to have the others and fewer of these sooner.
    """
    digits = as_shown(mnist.load(data / "mnist" if (data / "mnist").is_dir() else data))[part.digits]
    drawn = {
        **_drawn_strips(digits, part),
        **_drawn_digits(digits, part),
        **{kind.name: (_FIELD_COUNT, _field(kind.name, kind.make, part)) for kind in FIELD_KINDS},
        **_nothing(digits, part),
    }
    fewer = {name: _first(make, round(share * count)) for name, (count, make) in drawn.items()}
    return {**_real_strips(data, part), **_real_digits(data, part), "MNIST": _mnist(digits), **fewer}


def _first(make: Source, count: int) -> Source:
    """Return what yields the first `count` of the pictures that `make` yields."""
    return lambda: islice(make(), count)


def _mnist(digits: mnist.Digits) -> Source:
    return lambda: (_digit(image, str(label)) for image, label in zip(digits.images, digits.labels, strict=True))


def _ways(code: str, *more: Question) -> tuple[Question, ...]:
    """Return the two ways to ask for a strip that says `code`: its count unknown, and known."""
    return Question(), Question(digits=len(code)), *more


def _real_strips(data: Path, part: Part) -> dict[str, Source]:
    def labelled(folder: Path) -> Source:
        def made() -> Iterator[Labelled]:
            with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            for row in rows[part.parity :: 2]:
                code = SHOWN.get(f"{folder.name}/{row['file']}", row["code"])
                yield Labelled(read_picture(folder / row["file"]), code, _ways(code))

        return made

    names = ("cheque_amounts", "photo_8digit", "danish_years", "danish_row_numbers", "french_box_codes")
    found: dict[str, Source] = {name: labelled(data / name) for name in names if (data / name).is_dir()}
    if (data / "usps_train.npz").exists():
        found["usps strips"] = lambda: _usps_strips(data, part, 180)
    return found


def _usps_strips(data: Path, part: Part, count: int) -> Iterator[Labelled]:
    """Yield strips of digits of ZIP codes, a few pixels apart and enlarged; no digit is in two of them."""
    usps = SETS["usps_train"](data)
    random = np.random.default_rng(part.seed)
    mine = random.permutation(np.arange(part.parity, len(usps.labels), 2))
    for some in islice(zip(*[iter(mine.tolist())] * _USPS_DIGITS, strict=False), count):
        parts: list[Pixels] = [np.zeros((20, int(random.integers(3, 8))), np.uint8)]
        for each in some:
            parts += [np.pad(usps.pictures[each][:, :, 0], 2), np.zeros((20, int(random.integers(0, 5))), np.uint8)]
        strip = np.pad(np.concatenate(parts, axis=1), 6)
        code = "".join(str(usps.labels[each]) for each in some)
        yield Labelled(strip.repeat(_USPS_SCALE, axis=0).repeat(_USPS_SCALE, axis=1), code, _ways(code))


def _real_digits(data: Path, part: Part) -> dict[str, Source]:
    counts = {"usps_train": 500, "register_digits": 800, "paper_digits": 500, "photographed_characters": 500}
    there = {name: count for name, count in counts.items() if any(data.glob(f"{name}*"))}
    found = {name: _characters(data, name, _DIGITS, count, part) for name, count in there.items()}
    if "photographed_characters" in there:
        found["no digit: photographed letters"] = _characters(data, "photographed_characters", _LETTERS, 200, part)
    return found


def _characters(data: Path, name: str, wanted: str, count: int, part: Part) -> Source:
    """Return what yields the pictures of a part of a set that show one of the characters `wanted`, at most `count`."""

    def made() -> Iterator[Labelled]:
        pictures = SETS[name](data)
        mine = [each for each in range(part.parity, len(pictures.labels), 2) if str(pictures.labels[each]) in wanted]
        for each in np.random.default_rng(part.seed).permutation(mine)[:count].tolist():
            label = str(pictures.labels[each])
            yield _digit(pictures.pictures[each], label if label in _DIGITS else "")

    return made


def _digit(picture: Pixels, code: str) -> Labelled:
    return Labelled(picture, code, (Question("digit"),))


def _drawn_strips(digits: mnist.Digits, part: Part) -> Drawn:
    def codes(kind: str) -> Source:
        def made() -> Iterator[Labelled]:
            random = part.random(kind)
            writer = Writer(digits, part.codes, random, boxes=False)
            while True:
                code = draw_code(random)
                in_france = Question(digits=len(code), country="fr")
                yield Labelled(writer.write(code, kind).picture, code, _ways(code, in_france))  # type: ignore[arg-type]  # one of KINDS

        return made

    def amounts() -> Iterator[Labelled]:
        random = part.random("amounts")
        writer = Writer(digits, replace(AMOUNTS, elsewhere=0.0), random, boxes=False)
        while True:
            code = a_number(random)
            kind = STRIP_KINDS[int(random.integers(len(STRIP_KINDS)))]
            yield Labelled(writer.write(code, kind).picture, code, _ways(code))

    def of_another_count() -> Iterator[Labelled]:
        random = part.random("another count")
        writers = [
            Writer(digits, world, random, boxes=False) for world in (part.codes, replace(AMOUNTS, elsewhere=0.0))
        ]
        while True:
            code = a_number(random)
            kind = STRIP_KINDS[int(random.integers(len(STRIP_KINDS)))]
            picture = writers[int(random.integers(len(writers)))].write(code, kind).picture
            asked = max(2, len(code) + int(random.choice([-1, 1])))
            if asked != len(code):  # nothing of that length is there
                yield Labelled(picture, "", (Question(digits=asked),))

    return {
        **{f"{kind} codes": (600, codes(kind)) for kind in STRIP_KINDS},
        "drawn numbers": (600, amounts),
        "no code: another count": (400, of_another_count),
    }


def _drawn_digits(digits: mnist.Digits, part: Part) -> Drawn:
    def changed(name: str, change: Callable[[Pixels, np.random.Generator], Pixels]) -> Source:
        def made() -> Iterator[Labelled]:
            random = part.random(name)
            for image, label in zip(digits.images, digits.labels, strict=True):
                yield _digit(change(image, random), str(label))

        return made

    def lined(image: Pixels, random: np.random.Generator) -> Pixels:
        return ruled(image, random, touching=bool(random.integers(2)))[0]

    changes = {"off-centre digits": off_centre, "ruled digits": lined}
    return {name: (450, changed(name, change)) for name, change in changes.items()}


def _nothing(digits: mnist.Digits, part: Part) -> Drawn:
    """Return what yields pictures without a code, as strips and as digits."""

    def lines(name: str, draw: Callable[[float, Dice], no_code.Layer] | None) -> Source:
        def made() -> Iterator[Labelled]:
            random = part.random(name)
            dice = Dice(random)
            writer = Writer(digits, part.lines, random, boxes=False)
            while True:
                height = dice.uniform(AMOUNTS.heights)
                line, height = writer.words() if draw is None else (draw(height, dice), height)
                picture = writer.show(line, height, in_print=dice.chance(0.5))
                yield Labelled(picture, "", (Question(), Question(digits=int(random.integers(3, 8)))))

        return made

    def marks(name: str, make: Callable[[np.random.Generator], Pixels]) -> Source:
        def made() -> Iterator[Labelled]:
            random = part.random(name)
            while True:
                yield _digit(make(random), "")

        return made

    drawn: dict[str, Callable[[float, Dice], no_code.Layer] | None] = {
        "words by hand": None, **no_code.KINDS, **no_code.UNSEEN,
    }  # fmt: skip
    return {
        **{f"no code: {name}": (100, lines(name, draw)) for name, draw in drawn.items()},
        **{f"no digit: {name}": (75, marks(name, make)) for name, (_, make) in non_digits(digits.images).items()},
    }


def _field(name: str, make: Callable[[np.random.Generator], Sample], part: Part) -> Source:
    def made() -> Iterator[Labelled]:
        for number in count():
            sample = make(np.random.default_rng((part.seed, zlib.crc32(name.encode()), number)))
            yield Labelled(sample.picture, sample.code, (Question(sample.kind, sample.digits),))

    return made
