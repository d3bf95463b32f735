"""What shows that postage is paid: stamps, postmarks over them, and the imprints of franking machines."""

import numpy as np
from PIL import Image, ImageDraw

from synthesis.envelopes.line import Layer, Lettering
from synthesis.envelopes.sheet import Pixels, Sheet
from synthesis.worlds import Dice

_POSTMARKS = ((30, 30, 32), (60, 60, 70), (20, 25, 60))
_IMPRINTS = ((190, 30, 40), (20, 40, 140), (25, 25, 30))


def stamp(width: int, letters: Lettering, dice: Dice) -> tuple[Pixels, Layer]:
    """Return a stamp with a coloured picture and its value, (H, W, 3), and where it covers the paper, (H, W)."""
    height = round(width * (dice.uniform((1.1, 1.35)) if dice.chance(0.65) else dice.uniform((0.7, 0.85))))
    coarse = dice.random.uniform(20, 235, (int(dice.random.integers(2, 6)), int(dice.random.integers(2, 6)), 3))
    tint = dice.random.uniform(0.3, 1.1, 3)
    picture = Image.fromarray(np.clip(coarse * tint, 0, 255).astype(np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    draw = ImageDraw.Draw(picture)
    for _ in range(int(dice.random.integers(1, 6))):  # a head, a flower, a flag
        x, y = dice.uniform((0.2, 0.8)) * width, dice.uniform((0.2, 0.8)) * height
        across, down = dice.uniform((0.05, 0.3)) * width, dice.uniform((0.05, 0.3)) * height
        fill = tuple(int(value) for value in dice.random.integers(0, 255, 3))
        shape = draw.ellipse if dice.chance(0.7) else draw.rectangle
        shape((x - across, y - down, x + across, y + down), fill=fill)
    edge = max(2, width // 14)
    draw.rectangle((0, 0, width - 1, height - 1), outline=(245, 245, 240), width=edge)
    sheet = Sheet(np.array(picture))
    value = dice.uniform((0.3, 3))
    text = (f"{value:.2f}".replace(".", ","), f"{100 * value:.0f}", f"{value:.2f}", "1")[int(dice.random.integers(4))]
    line = letters.line(text, max(5.0, 0.13 * width))
    colour = np.zeros(3, np.float32) if dice.chance(0.6) else np.array([90, 10, 20], np.float32)
    sheet.ink(line.ink, (dice.uniform((edge, 0.5 * width)), dice.uniform((0, 0.75)) * height), colour)
    return sheet.pixels, perforated(width, height)


def perforated(width: int, height: int) -> Layer:
    cover = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(cover)
    tooth = max(3.0, width / 16)
    for place in np.arange(tooth / 2, max(width, height), tooth):
        radius = tooth * 0.28
        for x, y in ((place, 0), (place, height - 1), (0, place), (width - 1, place)):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return np.asarray(cover, np.float32) / np.float32(255)


def put_postmark(sheet: Sheet, middle: tuple[float, float], radius: float, letters: Lettering, dice: Dice) -> None:
    """Put a round postmark with a date, and often with lines that cancel, with its middle at `middle`."""
    pen = max(1, round(0.04 * radius))
    side = round(2 * radius) + 2
    ring = Image.new("L", (side, side))
    draw = ImageDraw.Draw(ring)
    for share in (1.0, dice.uniform((0.55, 0.8)))[: int(dice.random.integers(1, 3))]:
        box = ((1 - share) * radius, (1 - share) * radius, (1 + share) * radius, (1 + share) * radius)
        draw.ellipse(box, outline=255, width=pen)
    ink = np.asarray(ring, np.float32) / np.float32(255)
    colour = dice.colour(_POSTMARKS)
    strength, degrees = dice.uniform((0.35, 0.85)), dice.uniform((-25, 25))
    x, y = middle
    worn = np.clip(dice.random.normal(0.85, 0.3, ink.shape), 0, 1).astype(np.float32)
    sheet.ink(ink * worn, (x - radius, y - radius), colour, strength)
    n = dice.random.integers
    date = f"{n(1, 29):02}.{n(1, 13):02}.{n(10, 30)}"
    texts = [date if dice.chance(0.7) else f"{n(1, 29)} {n(1, 13)} 20{n(10, 30)}", f"{n(0, 24):02} h"]
    if dice.chance(0.3):
        texts.append(f"{n(10_000, 99_999)}")
    for row, text in enumerate(texts):
        line = letters.line(text, max(4.0, 0.2 * radius))
        shift = np.array([-line.ink.shape[1] / 2, (row - 1.2) * 0.34 * radius])
        angle = np.radians(degrees)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        at = turn @ shift + middle
        sheet.ink(line.ink, (float(at[0]), float(at[1])), colour, strength, degrees)
    if dice.chance(0.7):
        _cancel(
            sheet, (x + dice.one(((1.0, 1.3), (-4.5, -3.5))) * radius, y - 0.8 * radius), radius, colour, strength, dice
        )


def _cancel(
    sheet: Sheet, at: tuple[float, float], radius: float, colour: np.ndarray[tuple[int], np.dtype[np.float32]],
    strength: float, dice: Dice,
) -> None:  # fmt: skip
    """Put wavy or straight lines beside a postmark."""
    width, height = round(dice.uniform((2.2, 3.6)) * radius), round(1.8 * radius)
    lines = Image.new("L", (width, height))
    draw = ImageDraw.Draw(lines)
    swing = dice.uniform((0.04, 0.12)) * radius if dice.chance(0.7) else 0.0
    xs = np.arange(0, width, 3)
    for y in np.linspace(0.1, 0.9, int(dice.random.integers(4, 8))) * height:
        path = [(float(x), float(y + swing * np.sin(x * 6 / radius))) for x in xs]
        draw.line(path, fill=255, width=max(1, round(0.045 * radius)))
    sheet.ink(np.asarray(lines, np.float32) / np.float32(255), at, colour, strength, dice.uniform((-4, 4)))


def put_imprint(sheet: Sheet, right: float, top: float, width: float, letters: Lettering, dice: Dice) -> None:
    """Put a franking imprint: a frame with the postage, a date and numbers, sometimes with a square code."""
    colour, strength = dice.colour(_IMPRINTS), dice.uniform((0.55, 0.95))
    n = dice.random.integers
    left, row = right - width, 0.13 * width
    texts = (
        f"FRANKIT {n(0, 3)},{n(10, 99)} EUR" if dice.chance(0.5) else f"{n(0, 3)}.{n(10, 99)}",
        f"{n(1, 29):02}.{n(1, 13):02}.{n(10, 30)}  {n(0, 10)}D{n(0, 10)}{n(1_000, 9_999)}",
        f"{n(10, 99)} {n(1_000, 9_999)} {n(10_000, 99_999)}",
    )
    for index, text in enumerate(texts[: int(n(2, 4))]):
        line = letters.line(text, max(5.0, (0.075, 0.055, 0.05)[index] * width))
        line = line.scaled(min(1.0, 0.92 * width / line.ink.shape[1]))
        sheet.ink(line.ink, (left + 0.04 * width, top + index * row), colour, strength)
    if dice.chance(0.5):
        cells = int(n(12, 24))
        cell = max(1, round(0.3 * width / cells))
        square = np.kron(dice.random.integers(0, 2, (cells, cells)), np.ones((cell, cell))).astype(np.float32)
        square[:, :cell], square[-cell:] = 1, 1
        sheet.ink(square, (left - square.shape[1] - 0.05 * width, top), np.array([15, 15, 18], np.float32), strength)
    else:
        frame = Image.new("L", (round(width), round(3.4 * row)))
        ImageDraw.Draw(frame).rectangle(
            (0, 0, frame.width - 1, frame.height - 1), outline=255, width=max(1, round(width / 90))
        )
        sheet.ink(np.asarray(frame, np.float32) / np.float32(255), (left, top - 0.25 * row), colour, strength)
