"""What surrounds paper before a camera: the table under it, the shadows on it, light that changes slowly."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from synthesis.field.sample import Floats, Random

_TEXTURES = ("plain", "wood", "stone")


def smooth(height: int, width: int, random: Random, cells: int = 3) -> Floats:
    """Return a field (H, W) between -1 and 1 that changes slowly."""
    coarse = Image.fromarray(random.uniform(-1, 1, (cells, cells)).astype(np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)


def table(height: int, width: int, random: Random, texture: str | None = None) -> Floats:
    """Return a table (H, W, 3): dark, of a middle grey, or lighter than most paper.

    texture: plain, wood, stone (speckled) or cloth (woven); any of the first three when left out.
    """
    colour = random.uniform(20, 150) + random.uniform(-25, 25, 3)
    if random.random() < 0.15:
        colour = random.uniform(150, 175) + random.uniform(-25, 15, 3)
    ground = np.broadcast_to(colour.astype(np.float32), (height, width, 3)).copy()
    texture = texture or _TEXTURES[int(random.integers(len(_TEXTURES)))]
    if texture == "wood":
        y, x = np.mgrid[:height, :width].astype(np.float32)
        along, across = (x, y) if random.random() < 0.5 else (y, x)
        bent = across + 0.06 * min(height, width) * smooth(height, width, random)
        grain = np.sin(2 * np.pi * bent / random.uniform(6, 40)) + np.sin(
            2 * np.pi * bent / random.uniform(3, 12) + along / 90
        )
        ground += float(random.uniform(3, 12)) * grain[:, :, None]
    if texture == "stone":
        ground += random.normal(0, random.uniform(3, 10), (height, width, 1))
    if texture == "cloth":
        y, x = np.mgrid[:height, :width].astype(np.float32)
        thread = float(random.uniform(3, 7))
        weave = np.sin(2 * np.pi * x / thread) * np.sin(2 * np.pi * y / thread)
        ground += float(random.uniform(2, 9)) * (weave + random.normal(0, 0.6, weave.shape))[:, :, None]
    return np.asarray(ground * (1 + 0.08 * smooth(height, width, random)[:, :, None]), np.float32)


def shadow(height: int, width: int, random: Random) -> Floats:
    """Return how much light is left, (H, W): one or two shadows with straight, round or finger-like edges."""
    side = min(height, width)
    light = np.ones((height, width), np.float32)
    for _ in range(int(random.choice([1, 1, 2]))):
        mask = Image.new("L", (width, height))
        pen = ImageDraw.Draw(mask)
        at = random.uniform(0.2, 0.8, 2) * (width, height)
        angle = random.uniform(0, 2 * np.pi)
        far = 3 * (height + width)
        forward, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        shape = int(random.integers(3))
        if shape == 0:  # straight
            pen.polygon(
                [tuple(at + s * far * aside + t * far * forward) for s, t in ((-1, 0), (1, 0), (1, 1), (-1, 1))], 255
            )
        elif shape == 1:  # a head or a hand
            radius = float(random.uniform(0.6, 3)) * side
            middle = at + radius * forward
            pen.ellipse((*(middle - radius), *(middle + radius)), fill=255)
        else:  # an arm or a phone: a stripe that comes from outside
            half = float(random.uniform(0.25, 0.6)) * side
            corners = ((-1, 0), (1, 0), (1, 1), (-1, 1))
            pen.polygon([tuple(at + s * half * aside + t * far * forward) for s, t in corners], 255)
        soft = float(np.exp(random.uniform(np.log(0.3), np.log(15)))) * min(1, side / 60)
        cover = np.asarray(mask.filter(ImageFilter.GaussianBlur(soft)), np.float32) / 255
        light *= 1 - float(random.uniform(0.35, 0.6)) * cover
    return np.maximum(light, 0.3)
