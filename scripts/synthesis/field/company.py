"""One digit in company: a tick, dash, word, punch hole, staple, specks or a fold beside it, or another digit."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthesis.field.sample import FieldKind, Random, Sample, any_height, around, one_digit, with_room, written
from synthesis.hand import Hand, Ink

_UP = np.array([True])
_FINE = 4  # marks are drawn so many times as large, and then reduced, so that edges are smooth
_WORDS = ("Nr.", "No", "Qty", "Total", "Seite", "page", "Note", "Ja", "1984", "Art. 7", "kg", "Date")
_PRINT = 40  # pixels: words are set at this size, and then reduced


def beside(ink: Ink, mark: Ink, random: Random, gap: float) -> Ink:
    """Return `ink` with `mark` on one of its eight sides, `gap` pixels apart, (H, W)."""
    (height, width), (mark_height, mark_width) = ink.shape, mark.shape
    side = int(random.integers(8))
    if side < 4:  # to the left or right, a corner sometimes
        top = round(float(random.uniform(-0.5, 1.2)) * height - mark_height / 2)
        left = width + round(gap) if side < 2 else -mark_width - round(gap)
    else:
        left = round(float(random.uniform(0.1, 0.9)) * width - mark_width / 2)
        top = height + round(gap) if side < 6 else -mark_height - round(gap)
    up, back = max(0, -top), max(0, -left)
    below, right = max(0, top + mark_height - height), max(0, left + mark_width - width)
    sheet = with_room(ink, up, right, below, back)
    part = sheet[top + up : top + up + mark_height, left + back : left + back + mark_width]
    np.maximum(part, mark, out=part)
    return sheet


def tick(height: int, random: Random) -> Ink:
    points = np.array([[0.0, random.uniform(0.4, 0.7)], [random.uniform(0.25, 0.45), 1.0], [1.0, 0.0]])
    points[:, 0] *= random.uniform(0.6, 1.4)
    return Hand.any(random).stroke(points, np.array([True, True]), max(5, round(height * random.uniform(0.3, 0.9))))


def cross(height: int, random: Random) -> Ink:
    points = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]) * [random.uniform(0.7, 1.3), 1]
    return Hand.any(random).stroke(
        points, np.array([True, False, True]), max(5, round(height * random.uniform(0.25, 0.6)))
    )


def dash(height: int, random: Random) -> Ink:
    thick = max(1, round(height * random.uniform(0.05, 0.13)))
    return np.ones((thick, max(3, round(height * random.uniform(0.25, 0.7)))), np.float32)


def printed(word: str, high: int) -> Ink:
    """Return a `word` in print, cut out at its ink, `high` pixels high."""
    font = ImageFont.load_default(_PRINT)
    left, top, right, bottom = (round(end) for end in font.getbbox(word))
    sheet = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(sheet).text((-left, -top), word, fill=255, font=font)
    small = sheet.resize((max(1, round(sheet.width * high / sheet.height)), high), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)


def label(height: int, random: Random) -> Ink:
    return printed(str(random.choice(_WORDS)), max(6, round(height * random.uniform(0.2, 0.45))))


def hole(height: int, random: Random) -> Ink:
    size = max(6, round(height * random.uniform(0.35, 1.2)))
    filled, line = random.random() < 0.7, random.uniform(0.05, 0.15)
    return ellipse(size, size, 1.0 if filled else line)


def ellipse(high: int, wide: int, line: float = 1.0) -> Ink:
    """Return an ellipse whose `line` is so many heights wide, (high, wide): with 1, it is filled."""
    sheet = Image.new("L", (_FINE * wide, _FINE * high))
    ends = (0, 0, _FINE * wide - 1, _FINE * high - 1)
    ImageDraw.Draw(sheet).ellipse(
        ends, fill=255 if line == 1 else 0, outline=255, width=max(1, round(_FINE * high * line))
    )
    return np.asarray(sheet.resize((wide, high), Image.Resampling.BOX), np.float32) / np.float32(255)


def staple(height: int, random: Random) -> Ink:
    long, thick = round(height * random.uniform(0.4, 1.0)), max(1, round(height * random.uniform(0.03, 0.08)))
    sheet = Image.new("L", (long + 2 * thick, 3 * thick))
    ImageDraw.Draw(sheet).rectangle((0, 0, long + thick, thick - 1), fill=255)
    ImageDraw.Draw(sheet).rectangle((0, 0, thick - 1, 2 * thick), fill=255)
    ImageDraw.Draw(sheet).rectangle((long + thick, 0, long + 2 * thick - 1, 2 * thick), fill=255)
    turned = sheet.rotate(float(random.uniform(0, 180)), Image.Resampling.BILINEAR, expand=True)
    return np.asarray(turned, np.float32) / np.float32(255)


def among_specks(ink: Ink, random: Random) -> Ink:
    """Return `ink` on paper strewn with specks."""
    sheet = around(ink, random, 0.3, 1.0)
    high = len(ink)
    for _ in range(int(random.integers(5, 40))):
        size = max(1, round(high * float(random.uniform(0.01, 0.06))))
        y, x = (int(random.integers(0, n)) for n in sheet.shape)
        part = sheet[y : y + size, x : x + size]
        np.maximum(part, np.float32(random.uniform(0.3, 1)), out=part)
    return sheet


def folded(ink: Ink, random: Random) -> Ink:
    """Return `ink` on paper that a faint fold crosses from side to side."""
    sheet = around(ink, random, 0.3, 1.0)
    height, width = sheet.shape
    upright = random.random() < 0.5
    n, across = (width, height) if upright else (height, width)
    at, rise = random.uniform(0.1, 0.9) * n, random.uniform(-0.06, 0.06) * across
    places = np.linspace(at - rise, at + rise, across)[None, :]
    thick = max(0.7, len(ink) * float(random.uniform(0.01, 0.04)))
    fold = random.uniform(0.1, 0.4) * np.clip(thick - np.abs(np.arange(n)[:, None] - places), 0, 1)
    return np.asarray(np.maximum(sheet, fold.T if upright else fold), np.float32)


def with_mark(mark: Callable[[int, Random], Ink]) -> Callable[[Random], Sample]:
    """Return a function that draws a digit with `mark` beside it."""

    def make(random: Random) -> Sample:
        height = any_height(random, low=16)
        ink, name = one_digit(random, height)
        gap = height * float(random.uniform(0.25, 1.0))
        sheet = beside(ink, mark(height, random), random, gap)
        return Sample(written(around(sheet, random, 0.1, 0.5), random), name, "digit")

    return make


def strewn(strew: Callable[[Ink, Random], Ink]) -> Callable[[Random], Sample]:
    """Return a function that draws a digit on paper on which `strew` puts something."""

    def make(random: Random) -> Sample:
        ink, name = one_digit(random, any_height(random, low=16))
        return Sample(written(strew(ink, random), random), name, "digit")

    return make


def two_digits(random: Random) -> Sample:
    """Return two digits side by side, sent as one: none of them is the right one."""
    code = "".join(map(str, random.integers(0, 10, 2)))
    ink = Hand.any(random).number(code, any_height(random, low=16), random, gap=float(random.uniform(0.1, 0.9)))
    return Sample(written(around(ink, random, 0.1, 0.8), random), code, "digit")


MARKS = {"tick": tick, "cross": cross, "dash": dash, "label": label, "punch hole": hole, "staple": staple}
KINDS = (
    *(FieldKind(f"a {name} beside a digit", with_mark(mark), 0.8) for name, mark in MARKS.items()),
    FieldKind("specks around a digit", strewn(among_specks)),
    FieldKind("a fold across a digit", strewn(folded)),
    FieldKind("two digits sent as one", two_digits, 0.99, refusal_is_right=True),
)
