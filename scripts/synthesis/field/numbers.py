"""Numbers with more than digits: slashes, dashes and dots between them, boxes of a colour, lines of great length."""

import numpy as np

from synthesis.field.sample import (
    FieldKind,
    Floats,
    Random,
    Sample,
    any_code,
    any_height,
    any_paper,
    around,
    inked,
    taken,
    with_room,
    written,
)
from synthesis.hand import Hand, Ink

_BOX_COLOURS = ((235, 120, 40), (225, 60, 50), (240, 140, 120), (70, 120, 220), (60, 160, 90), (220, 90, 140))


def apart(code: str, height: int, random: Random) -> Ink:
    """Return `code`, digits with / - . between them, as one hand writes it, (H, W)."""
    hand = Hand.any(random)
    lean, tall = hand.slant + float(random.uniform(0.15, 0.5)), float(random.uniform(1.0, 1.5))
    glyphs: list[tuple[Ink, int]] = []  # each glyph, and how far below the digits' top it begins
    for sign in code:
        if sign == "/":
            long = round(tall * height)
            slash = hand.stroke(np.array([[lean, 0.0], [0.0, 1.0]]), np.array([True]), long)
            glyphs.append((slash, round((height - long) * float(random.uniform(0.3, 0.8)))))
        elif sign == "-":
            thick = max(1, round(hand.pen * height))
            long = round(height * float(random.uniform(0.25, 0.5)))
            glyphs.append((np.ones((thick, long), np.float32), round(height * float(random.uniform(0.4, 0.6)))))
        elif sign == ".":
            size = max(1, round(hand.pen * height * 1.2))
            glyphs.append((np.ones((size, size), np.float32), height - size))
        else:
            glyphs.append((hand.digit(int(sign), height, random), 0))
    top = -min(0, *(at for _, at in glyphs))
    gaps = [max(1, round(height * float(random.uniform(0.12, 0.35)))) for _ in glyphs]
    width = sum(glyph.shape[1] for glyph, _ in glyphs) + sum(gaps)
    line = np.zeros((top + max(at + len(glyph) for glyph, at in glyphs), width), np.float32)
    left = 0
    for (glyph, at), gap in zip(glyphs, gaps, strict=True):
        part = line[top + at : top + at + len(glyph), left : left + glyph.shape[1]]
        np.maximum(part, glyph, out=part)
        left += glyph.shape[1] + gap
    return line[:, : left - gaps[-1]]


def slash(random: Random) -> Sample:
    """Return a fraction, or a day and month, without a count: refused, or read without the slash."""
    parts = [any_code(random, int(random.integers(1, 3))) for _ in range(2)]
    ink = apart("/".join(parts), any_height(random, low=20, high=120), random)
    return Sample(written(around(ink, random, 0.1, 0.8), random), "".join(parts), str(random.choice(["auto", "strip"])))  # type: ignore[arg-type]  # one of the two


def counted_slash(random: Random) -> Sample:
    """Return a fraction, or a day and month, sent with the count of its digits."""
    parts = [any_code(random, int(random.integers(1, 3))) for _ in range(2)]
    ink = apart("/".join(parts), any_height(random, low=20, high=120), random)
    code = "".join(parts)
    return Sample(written(around(ink, random, 0.1, 0.8), random), code, "strip", len(code))


def date(random: Random) -> Sample:
    """Return a date whose parts stand apart by slashes, dashes or dots, sent with the count of its digits."""
    day, month = int(random.integers(1, 32)), int(random.integers(1, 13))
    year = str(int(random.integers(1900, 2040)))[0 if random.random() < 0.5 else 2 :]
    parts = (f"{day:02}", f"{month:02}", year)
    ink = apart(str(random.choice(["/", "/", "-", "."])).join(parts), any_height(random, low=20, high=100), random)
    code = "".join(parts)
    return Sample(written(around(ink, random, 0.1, 0.8), random), code, "strip", len(code))


def coloured_boxes(random: Random) -> Sample:
    """Return a code in boxes of a colour, written with a dark pen, sent with the count of its digits."""
    code = any_code(random, int(random.integers(4, 8)))
    height, hand = any_height(random, low=18, high=90), Hand.any(random)
    glyphs = [hand.digit(int(digit), max(4, round(height * float(random.uniform(0.9, 1.1)))), random) for digit in code]
    box = (
        round(height * float(random.uniform(1.25, 1.7))),
        max(round(1.2 * max(glyph.shape[1] for glyph in glyphs)), height),
    )
    between = round(box[1] * float(random.choice([0, 0, 0.1, 0.25])))
    line = max(1, round(height * float(random.uniform(0.03, 0.1))))
    writing = np.zeros((box[0], (box[1] + between) * len(code)), np.float32)
    boxes = np.zeros_like(writing)
    for place, glyph in enumerate(glyphs):
        left = place * (box[1] + between)
        boxes[:, left : left + box[1]] = 1
        boxes[line:-line, left + line : left + box[1] - line] = 0
        top, right = (
            round((room - size) * float(random.uniform(0.3, 0.7))) for room, size in zip(box, glyph.shape, strict=True)
        )
        part = writing[
            max(0, top) : max(0, top) + len(glyph), left + max(0, right) : left + max(0, right) + glyph.shape[1]
        ]
        np.maximum(part, glyph[: part.shape[0], : part.shape[1]], out=part)
    room = round(0.3 * height)
    writing, boxes = (with_room(ink, room, room, room, room) for ink in (writing, boxes))
    colour = np.array(_BOX_COLOURS[int(random.integers(len(_BOX_COLOURS)))], np.float32)
    page = inked(any_paper(random, *writing.shape), boxes, colour, float(random.uniform(0.6, 1)))
    return Sample(_in_colour(inked(page, writing, dark_pen(random)), random), code, "strip", len(code))


def dark_pen(random: Random) -> Floats:
    """Return the colour of a pen that no coloured box comes near: black or a dark blue, (3,)."""
    colours = ((20, 20, 24), (25, 30, 90), (60, 60, 66))
    return np.array(colours[int(random.integers(len(colours)))], np.float32)


def _in_colour(page: Floats, random: Random) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Return `page` as `taken` does, in colour: grey pictures have no colour to tell boxes by."""
    while True:
        picture = taken(page, random)
        if picture.ndim == 3:
            return picture


def long_line(random: Random) -> Sample:
    """Return a line of more digits than any code has: read whole, or refused."""
    code = any_code(random, int(random.integers(60, 160)))
    ink = Hand.any(random).number(
        code, any_height(random, low=16, high=30), random, gap=float(random.uniform(0.2, 0.5))
    )
    return Sample(written(around(ink, random, 0.3, 0.8), random), code, "strip")


KINDS = (
    FieldKind("digits around a slash", slash, 0.99, refusal_is_right=True),
    FieldKind("digits around a slash, counted", counted_slash, 0.8),
    FieldKind("a date, counted", date, 0.8),
    FieldKind("boxes of a colour", coloured_boxes),
    FieldKind("a very long line", long_line, 0.99, refusal_is_right=True),
)
