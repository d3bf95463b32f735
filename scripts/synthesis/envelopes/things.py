"""What else is on a piece: sorting bars, bar codes, labels, signs, stickers, folds, coloured edges, boxes."""

import numpy as np
from PIL import Image, ImageDraw

from synthesis.envelopes.line import Layer, Lettering, Points
from synthesis.envelopes.sheet import Colour, Sheet
from synthesis.worlds import Dice

_FLUORESCENT = ((255, 120, 70), (255, 90, 60), (250, 150, 90))
_BLACK = np.array([25, 25, 28], np.float32)


def put_sorting_bars(sheet: Sheet, dice: Dice) -> None:
    """Put the bars of a sorting machine along the lower edge: orange or black, of one height or of four states."""
    width, height = sheet.size
    tall = max(5, round(height * dice.uniform((0.02, 0.045))))
    pitch, bar = max(3, round(tall * dice.uniform((0.3, 0.55)))), max(1, round(tall * dice.uniform((0.12, 0.2))))
    count = int(dice.random.integers(24, 66))
    ink = np.zeros((tall, count * pitch), np.float32)
    four_states = dice.chance(0.4)
    for place in range(count):
        if not four_states and dice.chance(0.4):
            continue  # orange bars are there or not
        first, last = (tall // 3 * int(dice.random.integers(2)), tall - tall // 3 * int(dice.random.integers(2)))
        ink[first if four_states else 0 : last if four_states else tall, place * pitch : place * pitch + bar] = 1
    ink = ink[:, : round(0.9 * width)]
    left = (width - ink.shape[1]) * dice.uniform((0.5, 0.97))
    colour = _BLACK if four_states else dice.colour(_FLUORESCENT)
    sheet.ink(ink, (left, height - tall - dice.uniform((0.02, 0.05)) * height), colour, dice.uniform((0.6, 1)))


def put_registered_label(sheet: Sheet, at: tuple[float, float], width: int, letters: Lettering, dice: Dice) -> None:
    """Put a white label with an R, a bar code and its number."""
    height = round(0.42 * width)
    label = Sheet(np.full((height, width, 3), 250, np.uint8))
    label.ink(letters.line("R", 0.4 * height).ink, (0.02 * width, 0.0), _BLACK)
    label.ink(bars(round(0.72 * width), round(0.45 * height), dice), (0.22 * width, 0.1 * height), _BLACK, 1.0)
    n = dice.random.integers
    number = f"R{'ABCT'[int(n(4))]} {n(10, 99)} {n(100, 999)} {n(100, 999)} {n(10)} {('DE', 'FR', 'CH')[int(n(3))]}"
    line = letters.line(number, max(5.0, 0.11 * height))
    label.ink(line.ink, (0.2 * width, 0.6 * height), _BLACK)
    sheet.picture(label.pixels, at, dice.uniform((-2, 2)))


def bars(width: int, height: int, dice: Dice) -> Layer:
    """Return a bar code, (H, W)."""
    unit = max(1, width // 110)
    widths = dice.random.integers(1, 4, width // unit) * unit
    columns = np.repeat(np.arange(len(widths)) % 2 == 0, widths)[:width]
    return np.tile(columns.astype(np.float32), (height, 1))


def put_logo(sheet: Sheet, at: tuple[float, float], height: float, name: str, letters: Lettering, dice: Dice) -> None:
    """Put a firm's sign and its name in colour."""
    side = max(6, round(height * dice.uniform((1, 2.2))))
    sign = Image.new("L", (side, side))
    draw = ImageDraw.Draw(sign)
    for _ in range(int(dice.random.integers(1, 4))):
        x, y, half = *dice.random.uniform(0.2, 0.8, 2) * side, dice.uniform((0.1, 0.45)) * side
        shape = draw.ellipse if dice.chance(0.5) else draw.rectangle
        shape((x - half, y - half, x + half, y + half), fill=int(dice.random.integers(0, 256)))
    colour = dice.random.uniform(0, 170, 3).astype(np.float32)
    sheet.ink(np.asarray(sign, np.float32) / np.float32(255), at, colour)
    line = letters.line(name, height)
    sheet.ink(line.ink, (at[0] + 1.2 * side, at[1] + side - line.baseline), colour)


def put_sticker(sheet: Sheet, quad: Points, dice: Dice) -> None:
    """Put an empty sticker over `quad` (4, 2), so that nothing of it is left."""
    tall = float(np.linalg.norm(quad[3] - quad[0]))
    low, high = quad.min(axis=0) - 0.5 * tall, quad.max(axis=0) + tall * dice.uniform((0.5, 1.5))
    width, height = (int(side) for side in high - low)
    colour = dice.random.uniform(150, 255, 3).astype(np.uint8)
    sheet.picture(np.broadcast_to(colour, (height, width, 3)), (float(low[0]), float(low[1])), dice.uniform((-2, 2)))


def put_back(sheet: Sheet, dice: Dice) -> None:
    """Put the lines of a closed envelope's back: a flap with a point or a straight edge, and two seams."""
    width, height = sheet.size
    lines = Image.new("L", (width, height))
    draw = ImageDraw.Draw(lines)
    deep, shoulder = dice.uniform((0.3, 0.6)) * height, dice.uniform((0, 0.5)) * width
    pen = max(1, height // 300)
    draw.line([(0, 0), (shoulder, deep), (width - shoulder, deep), (width, 0)], fill=255, width=pen)
    draw.line([(0, height), (shoulder, deep)], fill=150, width=pen)
    draw.line([(width, height), (width - shoulder, deep)], fill=150, width=pen)
    sheet.ink(np.asarray(lines, np.float32) / np.float32(255), (0, 0), _BLACK, dice.uniform((0.15, 0.5)))


def put_creases(sheet: Sheet, dice: Dice) -> None:
    """Put one to three folds: thin lines, dark with a light side, from edge to edge."""
    width, height = sheet.size
    for _ in range(int(dice.random.integers(1, 4))):
        lines = Image.new("L", (width, height))
        ends = dice.random.uniform(0, 1, 2)
        path = [(0, ends[0] * height), (width, (ends[0] + dice.uniform((-0.05, 0.05))) * height)]
        if dice.chance(0.5):
            path = [(ends[0] * width, 0), ((ends[0] + dice.uniform((-0.05, 0.05))) * width, height)]
        ImageDraw.Draw(lines).line([*path[0], *path[1]], fill=255, width=max(1, round(height / 500)))
        box = lines.getbbox() or (0, 0, 1, 1)
        ink = np.asarray(lines.crop(box), np.float32) / np.float32(255)
        sheet.ink(ink, (box[0], box[1]), sheet.pixels[:4, :4].mean(axis=(0, 1)) * 0.6, dice.uniform((0.1, 0.5)))


def put_airmail_edge(sheet: Sheet) -> None:
    """Put slanting red and blue stripes round the piece."""
    width, height = sheet.size
    deep, step = max(3, round(0.025 * height)), max(8, round(0.06 * height))
    for rows, columns in (
        (slice(0, deep), slice(0, width)),
        (slice(height - deep, height), slice(0, width)),
        (slice(0, height), slice(0, deep)),
        (slice(0, height), slice(width - deep, width)),
    ):
        y, x = np.ogrid[rows, columns]
        phase = (x + y) // step % 4
        for value, colour in ((0, (200, 40, 50)), (2, (40, 60, 150))):
            sheet.pixels[rows, columns][phase == value] = colour


def orange_boxes(count: int, cell: int, tall: int, apart: int, line: int) -> Layer:
    """Return `count` empty boxes side by side, (H, W): one for each digit."""
    sheet = Image.new("L", (count * cell + line, tall))
    draw = ImageDraw.Draw(sheet)
    for index in range(count):
        draw.rectangle((index * cell + apart, 0, (index + 1) * cell - apart, tall - 1), outline=255, width=line)
    return np.asarray(sheet, np.float32) / np.float32(255)


def put_corner_marks(sheet: Sheet, box: tuple[float, float, float, float], colour: Colour, size: float) -> None:
    """Put the two marks that show where the address begins: at the upper corners of left, top, right, bottom."""
    side, pen = max(4, round(size)), max(1, round(size / 8))
    mark = np.zeros((side, side), np.float32)
    mark[:pen], mark[:, :pen] = 1, 1
    left, top, right, _ = box
    sheet.ink(mark, (left, top), colour)
    sheet.ink(mark[:, ::-1].copy(), (right - side, top), colour)
