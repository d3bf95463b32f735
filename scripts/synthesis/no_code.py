"""Lines that hold no code: words, signatures, bar codes, stamps, patterns, blots, scribbles, creases."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.training.drawing.pen import curve
from synthesis.typeset import Fonts
from synthesis.worlds import Dice

Layer = NDArray[np.float32]

WORDS = (
    "Absender", "Adresse", "Anna", "Apartment", "Avenue", "Berlin", "Boulevard", "By Air Mail", "Cedex", "Chemin",
    "Datum", "Einschreiben", "Empfänger", "Expéditeur", "Firma", "France", "Frau Keller", "GmbH", "Hamburg", "Herrn",
    "Kundennummer", "Lausanne", "Lyon", "Madame", "Marktplatz", "Monsieur Martin", "Name", "Number", "Paris",
    "PAR AVION", "Place du Marche", "Postfach", "PRIORITAIRE", "Recommandé", "Retour", "Return to sender", "Road",
    "Rue de la Gare", "Signature", "Straße", "Street", "Suite", "Total", "Urgent", "Via Garibaldi", "Wien", "Zurich",
)  # fmt: skip
_LETTERS = "aaacdeeefhkmnnprrttuuvwxyACDEFHKMNPRTUVWXY"  # none that looks like a digit


def printed_words(fonts: Fonts, height: float, dice: Dice) -> Layer:
    """Return one to three words in print, of a list or of letters at random, (H, W)."""
    words = []
    for _ in range(int(dice.random.integers(1, 4))):
        if dice.chance(0.5):
            words.append(WORDS[int(dice.random.integers(len(WORDS)))])
        else:
            words.append("".join(dice.random.choice(list(_LETTERS), int(dice.random.integers(4, 10)))))
    text = " ".join(words)
    return fonts.text(text.upper() if dice.chance(0.3) else text, int(dice.random.integers(len(fonts.paths))), height)


def signature(height: float, dice: Dice) -> Layer:
    """Return one long smooth stroke that runs to and fro while it moves to the right, (H, W)."""
    turns = int(dice.random.integers(8, 24))
    width = height * dice.uniform((2.5, 7))
    x = np.linspace(0, width, turns) + dice.random.normal(0, 0.35 * height, turns)
    fade = np.linspace(1, dice.uniform((0.2, 0.9)), turns)
    y = dice.random.uniform(-1, 1, turns) * fade * height * dice.uniform((0.4, 0.9))
    path = curve(turns, 24 * turns) @ np.stack([x, y], axis=1)
    path -= path.min(axis=0)
    pen = max(1, round(height * dice.uniform((0.04, 0.12))))
    sheet = Image.new("L", tuple(int(side) + 2 * pen + 2 for side in path.max(axis=0)))  # type: ignore[arg-type]  # two sides
    draw = ImageDraw.Draw(sheet)
    draw.line([(px + pen, py + pen) for px, py in path], fill=255, width=pen, joint="curve")
    if dice.chance(0.4):
        under = sheet.height * dice.uniform((0.5, 0.9))
        end = under + dice.uniform((-0.2, 0.2)) * height
        draw.line([(0, under), (sheet.width, end)], fill=255, width=pen)
    return np.asarray(sheet, np.float32) / np.float32(255)


def barcode(height: float, dice: Dice) -> Layer:
    """Return upright bars of one to four widths as high as a digit or higher, or short and tall ones, (H, W)."""
    unit = max(1, round(height * dice.uniform((0.03, 0.1))))
    count, tall = int(dice.random.integers(20, 60)), round(height * dice.uniform((1, 2)))
    postal = dice.chance(0.3)
    bars = np.zeros((tall, 0), np.float32)
    for _ in range(count):
        bar = np.zeros((tall, unit * (2 if postal else int(dice.random.integers(1, 5)))), np.float32)
        top = tall // 2 if postal and dice.chance(0.5) else 0
        bar[top:, : unit if postal else bar.shape[1]] = 1
        gap = np.zeros((tall, unit * int(dice.random.integers(1, 4))), np.float32)
        bars = np.concatenate([bars, bar, gap], axis=1)
    return bars


def stamp(height: float, dice: Dice) -> Layer:
    """Return a round postmark: one or two rings, with wavy or straight lines beside them or through them, (H, W)."""
    radius = height * dice.uniform((0.8, 1.6))
    size = (round(2 * radius + height * dice.uniform((0, 5))), round(2 * radius) + 2)
    sheet = Image.new("L", size)
    draw = ImageDraw.Draw(sheet)
    pen = max(1, round(height * dice.uniform((0.03, 0.08))))
    for share in (1.0, dice.uniform((0.55, 0.9))):
        low, high = (1 - share) * radius, (1 + share) * radius
        draw.ellipse((low, low, high, high), outline=255, width=pen)
    start = 2 * radius if dice.chance(0.6) else 0
    period, swing = height * dice.uniform((0.4, 1.2)), height * dice.uniform((0, 0.15))
    for row in np.arange(0.2, 1, dice.uniform((0.15, 0.35))) * size[1]:
        xs = np.arange(start, size[0], 2)
        draw.line([(x, row + swing * np.sin(2 * np.pi * x / period)) for x in xs], fill=255, width=pen)
    return np.asarray(sheet, np.float32) / np.float32(255)


def pattern(height: float, dice: Dice) -> Layer:
    """Return waves, hatching or a chequered ground, (H, W)."""
    tall, wide = round(height * dice.uniform((1, 2))), round(height * dice.uniform((2, 8)))
    y, x = np.mgrid[:tall, :wide].astype(np.float32)
    angle, period = dice.uniform((0, np.pi)), height * dice.uniform((0.15, 0.7))
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    bent = along + period * dice.uniform((0, 0.5)) * np.sin(2 * np.pi * across / (period * dice.uniform((1, 4))))
    lines = np.sin(2 * np.pi * bent / period) > dice.uniform((0, 0.8))
    if dice.chance(0.3):
        lines ^= np.sin(2 * np.pi * across / period) > 0
    return np.asarray(lines, np.float32)


def blots(height: float, dice: Dice) -> Layer:
    """Return one to four filled shapes, blocks or ellipses, each wider than any stroke, (H, W)."""
    tall, wide = round(height * dice.uniform((1, 2))), round(height * dice.uniform((1.5, 6)))
    sheet = Image.new("L", (wide, tall))
    draw = ImageDraw.Draw(sheet)
    for _ in range(int(dice.random.integers(1, 5))):
        x, y = dice.uniform((0, wide)), dice.uniform((0, tall))
        half, down = height * dice.uniform((0.25, 1.5)), height * dice.uniform((0.2, 0.8))
        shape = draw.rectangle if dice.chance(0.5) else draw.ellipse
        shape((x - half, y - down, x + half, y + down), fill=255)
    return np.asarray(sheet, np.float32) / np.float32(255)


def scribble(height: float, dice: Dice) -> Layer:
    """Return one stroke that turns sharply many times over the same place, as what is crossed out, (H, W)."""
    turns = int(dice.random.integers(10, 40))
    wide, tall = height * dice.uniform((1, 6)), height * dice.uniform((0.6, 1.4))
    points = dice.random.uniform((0, 0), (wide, tall), (turns, 2))
    if dice.chance(0.5):  # to and fro from one end to the other
        points[:, 0] = np.linspace(0, wide, turns)
        points[::2, 1], points[1::2, 1] = points[::2, 1] * 0.3, tall - points[1::2, 1] * 0.3
    path = points if dice.chance(0.3) else curve(turns, 16 * turns) @ points
    path = path - path.min(axis=0)
    pen = max(1, round(height * dice.uniform((0.04, 0.12))))
    sheet = Image.new("L", tuple(int(side) + 2 * pen + 2 for side in path.max(axis=0)))  # type: ignore[arg-type]  # two sides
    ImageDraw.Draw(sheet).line([(x + pen, y + pen) for x, y in path], fill=255, width=pen, joint="curve")
    return np.asarray(sheet, np.float32) / np.float32(255)


def crease(height: float, dice: Dice) -> Layer:
    """Return one or two long lines, often faint and nearly straight, that a fold leaves in blank paper, (H, W)."""
    tall, wide = height * dice.uniform((1, 3)), height * dice.uniform((2, 8))
    sheet = Image.new("L", (round(wide), round(tall)))
    draw = ImageDraw.Draw(sheet)
    for _ in range(int(dice.random.integers(1, 3))):
        start, end = dice.random.uniform(0, 1, (2, 2)) * (wide, tall)
        if dice.chance(0.7):  # from side to side
            start, end = np.array([start[0], 0]), np.array([start[0] + dice.uniform((-0.5, 0.5)) * height, tall])
            if dice.chance(0.5):
                start, end = np.array([0, start[1] % tall]), np.array([wide, end[1] * dice.uniform((0, 1))])
        middle = (start + end) / 2 + dice.random.normal(0, 0.05 * height, 2)
        pen = max(1, round(height * dice.uniform((0.02, 0.08))))
        draw.line([tuple(start), tuple(middle), tuple(end)], fill=round(255 * dice.uniform((0.15, 1))), width=pen)
    return np.asarray(sheet, np.float32) / np.float32(255)


KINDS: dict[str, Callable[[float, Dice], Layer]] = {
    "signature": signature,
    "barcode": barcode,
    "stamp": stamp,
    "pattern": pattern,
    "blots": blots,
}
"""The kinds that need neither a hand nor fonts, by name."""

UNSEEN: dict[str, Callable[[float, Dice], Layer]] = {"scribble": scribble, "crease": crease}
"""More such kinds, which no network was fitted on."""
