"""Writing in the boxes of a form: one frame, boxes apart or side by side, dashed, dotted, rounded, and combs."""

from dataclasses import dataclass, replace

import numpy as np

from synthesis.field.printer import Printer, Stroke, on_form
from synthesis.field.sample import FieldKind, Random, Sample, any_code, any_height, one_digit, with_room
from synthesis.hand import Hand, Ink


@dataclass(frozen=True)
class Boxes:
    """Digits in boxes of one size: the ink (H, W), the boxes' left edges, their size, their top, and digits' height."""

    ink: Ink
    code: str
    lefts: list[int]
    width: int
    height: int
    top: int
    digit_height: int


def framed(random: Random) -> Sample:
    """A digit in one frame, which stands off the picture's edge."""
    height = any_height(random, 20)
    ink, label = one_digit(random, height)
    room = np.maximum(2, np.rint(height * random.uniform(0.1, 0.5, 4))).astype(int)
    inner = with_room(ink, *room)
    inner = with_room(inner, 0, spare := max(0, round((0.9 * len(inner) - inner.shape[1]) / 2)), 0, spare)
    margin = np.maximum(2, np.rint(len(inner) * random.uniform(0.1, 0.5, 4))).astype(int)
    page = with_room(inner, *margin)
    stroke, printer = Stroke.any(random, height, dashed=0.2), Printer(*page.shape)
    left, top = float(margin[3]), float(margin[0])
    right, bottom = left + inner.shape[1], top + inner.shape[0]
    radius = float(random.uniform(0.08, 0.2)) * inner.shape[1] if random.random() < 0.3 and not stroke.dash else 0.0
    printer.frame(left, top, right, bottom, stroke, radius)
    if random.random() < 0.2:
        apart = 2 * stroke.width + 0.04 * height
        printer.frame(left - apart, top - apart, right + apart, bottom + apart, stroke, radius and radius + apart)
    return Sample(on_form(page, printer.ink(), random), label, "digit" if random.random() < 0.5 else "auto")


def _boxes(random: Random, apart: float) -> Boxes:
    """Return a number in boxes that are `apart` of a box's width from each other, without the boxes."""
    code, height = any_code(random), any_height(random, 20, 70)
    hand = Hand.any(random)
    width = round(height * float(random.uniform(1.0, 1.4)))
    tall = round(height * float(random.uniform(1.2, 1.6)))
    step = width + round(apart * width)
    margin = np.maximum(1, np.rint(height * random.uniform(0.1, 0.6, 4))).astype(int)
    page = np.zeros((tall + margin[0] + margin[2], step * (len(code) - 1) + width + margin[1] + margin[3]), np.float32)
    lefts = [int(margin[3]) + step * i for i in range(len(code))]
    for digit, left in zip(code, lefts, strict=True):
        glyph = hand.digit(int(digit), round(height * float(random.uniform(0.85, 1))), random)
        glyph = glyph[:, : width - 4]
        x = left + 2 + int(random.uniform(0.2, 0.8) * (width - 4 - glyph.shape[1]))
        y = int(margin[0]) + int(random.uniform(0.15, 0.85) * (tall - len(glyph)))
        np.maximum(
            page[y : y + len(glyph), x : x + glyph.shape[1]],
            glyph,
            out=page[y : y + len(glyph), x : x + glyph.shape[1]],
        )
    return Boxes(page, code, lefts, width, tall, int(margin[0]), height)


def _sample(random: Random, boxes: Boxes, printed: Ink) -> Sample:
    count = len(boxes.code) if random.random() < 0.7 else None
    return Sample(on_form(boxes.ink, printed, random), boxes.code, "strip", count)


def _each(boxes: Boxes, stroke: Stroke, radius: float = 0.0) -> Ink:
    printer = Printer(*boxes.ink.shape)
    for left in boxes.lefts:
        printer.frame(left, boxes.top, left + boxes.width, boxes.top + boxes.height, stroke, radius)
    return printer.ink()


def side_by_side(random: Random) -> Sample:
    boxes = _boxes(random, 0.0)
    return _sample(random, boxes, _each(boxes, Stroke.any(random, boxes.digit_height)))


def apart(random: Random) -> Sample:
    boxes = _boxes(random, float(random.uniform(0.1, 1.2)))
    return _sample(random, boxes, _each(boxes, Stroke.any(random, boxes.digit_height)))


def dashed(random: Random) -> Sample:
    boxes = _boxes(random, float(random.choice([0.0, random.uniform(0.1, 0.8)])))
    return _sample(random, boxes, _each(boxes, Stroke.any(random, boxes.digit_height, dashed=1)))


def rounded(random: Random) -> Sample:
    boxes = _boxes(random, float(random.uniform(0.08, 0.8)))
    stroke = Stroke.any(random, boxes.digit_height)
    return _sample(random, boxes, _each(boxes, stroke, float(random.uniform(0.08, 0.25)) * boxes.width))


def comb(random: Random) -> Sample:
    """A base line with teeth between the digits, open at the top; a third are cut off at the picture's edge."""
    return _comb(random, _boxes(random, 0.0))


def empty_comb(random: Random) -> Sample:
    """The same without digits: its teeth look like 1s."""
    boxes = _boxes(random, 0.0)
    sample = _comb(random, replace(boxes, ink=np.zeros_like(boxes.ink)))
    return replace(sample, code="")


def _comb(random: Random, boxes: Boxes) -> Sample:
    stroke, printer = Stroke.any(random, boxes.digit_height), Printer(*boxes.ink.shape)
    bottom = boxes.top + boxes.height
    high = boxes.height * float(random.uniform(0.25, 0.9))
    first, last = boxes.lefts[0], boxes.lefts[-1] + boxes.width
    printer.line((first, bottom), (last, bottom), stroke)
    for x in [*boxes.lefts, last]:
        printer.line((x, bottom - high), (x, bottom), stroke)
    sample = _sample(random, boxes, printer.ink())
    if random.random() >= 1 / 3:
        return sample
    margin, far = first + 2 + round(stroke.width / 2), last - 2 - round(stroke.width / 2)
    whole = sample.picture
    picture = (whole[: bottom - 1], whole[:, margin:], whole[:, :far])[int(random.integers(3))]
    return Sample(picture, sample.code, sample.kind, sample.digits)


KINDS = (
    FieldKind("a digit in a frame", framed),
    FieldKind("boxes side by side", side_by_side),
    FieldKind("boxes apart", apart),
    FieldKind("dashed or dotted boxes", dashed),
    FieldKind("rounded boxes", rounded),
    FieldKind("a comb", comb),
    FieldKind("an empty comb", empty_comb, 0.97, refusal_is_right=True),
)
