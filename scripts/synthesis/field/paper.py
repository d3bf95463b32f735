"""Paper as it lies before a camera or in a scanner: on a table, beside a black band, in a shadow, nearly empty."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from synthesis.field.sample import (
    FieldKind,
    Floats,
    Pixels,
    Random,
    Sample,
    any_code,
    any_height,
    any_paper,
    any_pen,
    around,
    inked,
    one_digit,
    taken,
    with_room,
)
from synthesis.field.surroundings import shadow, smooth, table
from synthesis.hand import Hand, Ink

Shown = Callable[[Ink, Random], Pixels]
"""Makes a picture of ink."""

_STEEPEST = 15.0  # degrees that a sheet lies askew


def _one(random: Random, low: int = 20, high: int = 160) -> tuple[Ink, str]:
    return one_digit(random, any_height(random, low, high))


def _several(random: Random, low: int = 18, high: int = 80) -> tuple[Ink, str]:
    code = any_code(random)
    gap = float(random.uniform(0.2, 0.5))
    return Hand.any(random).number(code, any_height(random, low, high), random, gap=gap), code


def _as_digit(picture: Pixels, label: str, random: Random) -> Sample:
    return Sample(picture, label, "digit" if random.random() < 0.6 else "auto")


def _as_number(picture: Pixels, code: str, random: Random) -> Sample:
    """Return `picture` of a number, sent as a strip, with its count, or as it comes."""
    sent = int(random.integers(5))
    return Sample(picture, code, "strip" if sent < 2 else "auto", len(code) if 2 <= sent < 4 else None)


def _digit(shown: Shown, random: Random) -> Sample:
    ink, label = _one(random)
    return _as_digit(shown(ink, random), label, random)


def _number(shown: Shown, random: Random) -> Sample:
    ink, code = _several(random)
    return _as_number(shown(ink, random), code, random)


def _page(ink: Ink, random: Random) -> Floats:
    return inked(any_paper(random, *ink.shape), ink, any_pen(random))


def _laid(page: Floats, writing: tuple[int, int, int, int], random: Random) -> Floats:
    """Return `page` (h, w, 3) lying on a table, askew; up to three of the sheet's edges may lie outside the picture.

    writing: top, left, bottom, right of the ink on the page, which stays in the picture.
    """
    h, w = page.shape[:2]
    angle = float(np.clip(random.normal(0, 6), -_STEEPEST, _STEEPEST)) * (random.random() < 0.75)
    sheet = Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
    turned = sheet.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    cover = Image.new("L", sheet.size, 255).rotate(angle, Image.Resampling.BILINEAR, expand=True)
    marked = Image.new("L", sheet.size)
    ImageDraw.Draw(marked).rectangle((writing[1], writing[0], writing[3], writing[2]), fill=255)
    left, top, right, bottom = marked.rotate(angle, expand=True).getbbox() or (0, 0, w, h)
    share = float(random.uniform(0.25, 0.95))
    room = np.sqrt(1 / share) - 1
    sides = random.uniform(0.2, 1.8, 4) * room / 2 * np.array([h, w, h, w])
    cut = random.permutation(4) < random.choice([0, 0, 1, 1, 2, 3])
    free = np.array([top, turned.width - right, turned.height - bottom, left])
    # Negative: so much of the sheet lies outside the picture.
    sides = np.rint(np.where(cut, -free * random.uniform(0.2, 0.8, 4), sides)).astype(int)
    height, width = turned.height + sides[0] + sides[2], turned.width + sides[1] + sides[3]
    ground = Image.fromarray(np.clip(table(height, width, random), 0, 255).astype(np.uint8))
    if random.random() < 0.4:  # the sheet's shadow on the table
        dark = Image.new("L", ground.size)
        off = max(1, round(0.02 * min(h, w)))
        dark.paste(cover.point(lambda value: value // 2), (int(sides[3]) + off, int(sides[0]) + off))
        ground.paste((0, 0, 0), (0, 0), dark.filter(ImageFilter.GaussianBlur(off)))
    ground.paste(turned, (int(sides[3]), int(sides[0])), cover)
    return np.asarray(ground, np.float32)


def _on_table(ink: Ink, random: Random) -> Pixels:
    height = len(ink)
    room = [round(height * float(share)) for share in random.uniform(0.3, 1.2, 4)]
    page = _page(with_room(ink, *room), random)
    box = (room[0], room[3], room[0] + height, room[3] + ink.shape[1])
    return taken(_laid(page, box, random), random)


def _banded(ink: Ink, random: Random) -> Pixels:
    """Return a scan of `ink` with the scanner's dark lid along one to four edges, straight or askew, even or ragged."""
    page = _page(around(ink, random, 0.15, 0.8), random)
    height, width = page.shape[:2]
    lined = random.permutation(4) < random.choice([1, 1, 1, 2, 2, 3, 4])
    depth = np.rint(lined * random.uniform(0.03, 0.35, 4) * min(height, width)).astype(int)
    page = np.pad(page, ((depth[0], depth[2]), (depth[3], depth[1]), (0, 0)), mode="edge")
    height, width = page.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    tilt = np.tan(np.radians(random.uniform(-3, 3))) * (random.random() < 0.5)
    ragged = float(random.choice([0, 0, 0.02])) * min(height, width)
    dark = np.zeros((height, width), np.bool_)
    for side, distance in enumerate((y, width - 1 - x, height - 1 - y, x)):
        if lined[side]:
            along = (x / width, y / height)[side % 2] - 0.5
            extent = (width, height)[side % 2]
            rough = ragged * smooth(height, width, random, 12)
            dark |= distance < depth[side] * 0.9 + rough + tilt * along * extent * 0.6
    level = random.uniform(0, 45)
    return taken(np.where(dark[:, :, None], np.float32(level), page), random)


def screenshot(random: Random) -> Sample:
    """Return a drawing area in the page of an application: dark on light, light on dark, often with a frame."""
    several = random.random() < 0.3
    ink, code = _several(random) if several else _one(random, 30, 200)
    area = around(ink, random, 0.15, 0.8)
    height, width = area.shape
    margins = np.rint(random.uniform(0.05, 0.5, 4) * height).astype(int)
    dark, light = float(random.uniform(0, 40)), float(random.uniform(225, 255))
    outside, paper, pen = [(light, dark, light), (dark, light, dark), (light, light, dark)][int(random.integers(3))]
    if outside == paper:
        outside -= float(random.uniform(10, 60))
    screen = np.full((height + margins[0] + margins[2], width + margins[1] + margins[3], 3), outside, np.float32)
    inside = slice(margins[0], margins[0] + height), slice(margins[3], margins[3] + width)
    screen[inside] = paper + area[:, :, None] * (pen - paper)
    if random.random() < 0.4:
        line, colour = int(random.integers(1, 4)), random.uniform(0, 255)
        for edge in (np.s_[:line], np.s_[-line:]):
            screen[inside][edge] = colour
            screen[inside][:, edge] = colour
    picture = np.clip(screen, 0, 255).astype(np.uint8)
    if random.random() < 0.5:
        picture = taken(screen, random, blur=0.3)
    return _as_number(picture, code, random) if several else _as_digit(picture, code, random)


def _shadowed(ink: Ink, random: Random) -> Pixels:
    page = _page(around(ink, random, 0.15, 0.9), random)
    return taken(page * shadow(len(page), page.shape[1], random)[:, :, None], random)


def under_a_lamp(random: Random) -> Sample:
    """Return a digit or a number in the light of a flash or a lamp: bright in one place, dark towards the corners."""
    several = random.random() < 0.5
    ink, code = _several(random) if several else _one(random)
    page = _page(around(ink, random, 0.15, 0.9), random)
    height, width = page.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    middle, spread = random.uniform(0.1, 0.9, 2), float(random.uniform(0.35, 0.9)) * max(height, width)
    away = ((y - middle[0] * height) ** 2 + (x - middle[1] * width) ** 2) / spread**2
    least = float(random.uniform(0.35, 0.7))
    picture = taken(page * (least + (1 - least) * np.exp(-away / 2))[:, :, None], random)
    return _as_number(picture, code, random) if several else _as_digit(picture, code, random)


def small_on_page(random: Random) -> Sample:
    """Return a digit of 0.8 to 2.5 % of the height of a page that is clean but for it."""
    height, width = round(float(random.uniform(700, 1_800))), round(float(random.uniform(500, 1_500)))
    size = max(14, round(height * float(random.uniform(0.008, 0.025))))
    ink, label = one_digit(random, size)
    room_y, room_x = height - ink.shape[0], width - ink.shape[1]
    top, left = (int(room * random.uniform(0.06, 0.94)) for room in (room_y, room_x))
    ink = with_room(ink, top, room_x - left, room_y - top, left)
    picture = np.repeat(np.full((height, width, 1), random.uniform(240, 255), np.float32), 3, axis=2)
    picture = inked(picture, ink, any_pen(random))
    if random.random() < 0.5:
        return Sample(np.clip(picture, 0, 255).astype(np.uint8), label, "digit")
    return Sample(taken(picture, random), label, "digit")


def faint_pencil(random: Random) -> Sample:
    """Return a thin, faint digit or number, 20 to 60 of 255 darker than paper of any colour."""
    several = random.random() < 0.5
    ink, code = _several(random, 24) if several else _one(random, 24)
    ink = around(ink, random)
    paper = any_paper(random, *ink.shape)
    if random.random() < 0.4:
        paper = np.clip(paper * random.uniform(0.5, 1, 3).astype(np.float32), 0, 255)
    pencil = np.maximum(paper.mean(axis=(0, 1)) - float(random.uniform(20, 60)), 0)
    page = inked(paper, ink, pencil.astype(np.float32), 1.0)
    picture = np.clip(page + random.normal(0, random.uniform(0.3, 1.5), (*ink.shape, 1)), 0, 255).astype(np.uint8)
    return _as_number(picture, code, random) if several else _as_digit(picture, code, random)


def dusty_fax(random: Random) -> Sample:
    """Return writing in black and white only, strewn with single black pixels, and white ones in the strokes."""
    several = random.random() < 0.5
    ink, code = _several(random, 28) if several else _one(random, 28)
    dark = around(ink, random) > 0.5
    dust = random.random(dark.shape) < np.exp(random.uniform(np.log(0.0005), np.log(0.01)))
    picture = np.where(dark ^ dust, 0, 255).astype(np.uint8)
    return _as_number(picture, code, random) if several else _as_digit(picture, code, random)


KINDS = (
    FieldKind("a digit on a sheet on a table", partial(_digit, _on_table)),
    FieldKind("a number on a sheet on a table", partial(_number, _on_table)),
    FieldKind("a digit beside a scan's black band", partial(_digit, _banded)),
    FieldKind("a number beside a scan's black band", partial(_number, _banded)),
    FieldKind("a screenshot with a margin", screenshot),
    FieldKind("a digit in a shadow", partial(_digit, _shadowed), 0.8),
    FieldKind("a number in a shadow", partial(_number, _shadowed), 0.8),
    FieldKind("writing under a lamp", under_a_lamp),
    FieldKind("a small digit on a large page", small_on_page),
    FieldKind("a faint pencil", faint_pencil),
    FieldKind("a fax with dust", dusty_fax),
)
