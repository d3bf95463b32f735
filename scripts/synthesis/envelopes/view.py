"""How a piece is seen: where it lies in the picture, what is around it, the light on it, and the lens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from synthesis.envelopes.line import Points
from synthesis.envelopes.sheet import Pixels, moved
from synthesis.field.surroundings import shadow, smooth, table
from synthesis.worlds import Dice

Kind = Literal["scan", "photo"]
_COARSE = 3  # tables are drawn so much smaller, and then enlarged: a lens does not see them sharper
_LIGHT = 8  # the same for light and shadow
_BILEVEL = 0.06  # the share of scans in black and white alone
_NEAR = 40  # pixels of a shadow's and the light's picture that are enough


@dataclass(frozen=True)
class View:
    """Where a piece lies in a picture.

    size: width and height of the picture. corners: of the piece in it, (4, 2), clockwise from its upper left.
    """

    kind: Kind
    size: tuple[int, int]
    corners: Points

    def matrix(self, size: tuple[int, int]) -> Points:
        """Return the homography (3, 3) that takes pixels of a piece of that size to pixels of the picture."""
        width, height = size
        return homography(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64), self.corners)

    def piece_size(self) -> tuple[int, int]:
        """Return the width and height at which the piece has about as many pixels as in the picture."""
        sides = np.linalg.norm(self.corners - np.roll(self.corners, -1, axis=0), axis=1)
        return round((sides[0] + sides[2]) / 2), round((sides[1] + sides[3]) / 2)

    def with_inside(self, quad: Points) -> "View":
        """Return it with the piece moved so far that `quad` (4, 2) lies inside the picture."""
        room = 0.3 * float(np.linalg.norm(quad[3] - quad[0]))
        missing = np.maximum(0, room - quad.min(axis=0)) - np.maximum(0, quad.max(axis=0) + room - self.size)
        return replace(self, corners=self.corners + missing)


def homography(source: Points, target: Points) -> Points:
    """Return the matrix (3, 3) that takes the four points `source` to the four points `target`."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), np.ravel(target))
    return np.append(solved, 1.0).reshape(3, 3)


def scanned(aspect: float, degrees: float, long_side: int, dice: Dice) -> View:
    """Return a piece, `aspect` times as wide as it is high, that fills the picture, turned clockwise by `degrees`."""
    cut = dice.chance(0.5)
    margin = dice.uniform((-0.025, -0.01)) if cut else dice.uniform((0.0, 0.05))
    corners = _turned(aspect, degrees)
    extent = corners.max(axis=0) - corners.min(axis=0)
    room = extent.max() * (1 + 2 * margin)
    size = np.rint((extent + 2 * margin * extent.max()) * long_side / room).astype(int)
    scaled = corners * long_side / room
    return View("scan", (int(size[0]), int(size[1])), scaled - (scaled.min(axis=0) + scaled.max(axis=0)) / 2 + size / 2)


def photographed(aspect: float, degrees: float, long_side: int, dice: Dice) -> View:
    """Return a piece on a table, in perspective, turned clockwise by `degrees`, that takes up most of the picture."""
    size = np.array([long_side, round(long_side * dice.one(((0.56, 0.57), (0.66, 0.67), (0.74, 0.76))))])
    corners = _turned(aspect, degrees)
    extent = corners.max(axis=0) - corners.min(axis=0)
    if (extent[1] > extent[0]) == dice.chance(0.85):
        size = size[::-1]
    towards = dice.random.normal(0, 0.05, 2).clip(-0.1, 0.1) / aspect
    corners = corners / (1 + corners @ towards)[:, None]
    low, extent = corners.min(axis=0), corners.max(axis=0) - corners.min(axis=0)
    scale = dice.one(((0.4, 0.6), (0.6, 0.98), (0.6, 0.98), (0.6, 0.98))) * float((size / extent).min())
    free = size - extent * scale
    placed = (corners - low) * scale + free * dice.random.uniform(0.1, 0.9, 2)
    if dice.chance(0.15):  # the left side, where no address is, may lie outside the picture
        placed = placed + (placed[0] - placed[1]) * dice.uniform((0.02, 0.2))
    return View("photo", (int(size[0]), int(size[1])), placed)


def _turned(aspect: float, degrees: float) -> Points:
    """Return the corners (4, 2) of a rectangle of height 1 round the origin, turned clockwise."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    half = np.array([(-aspect, -1), (aspect, -1), (aspect, 1), (-aspect, 1)]) / 2
    return np.asarray(half @ turn.T)


def seen(piece: Pixels, view: View, textures: Sequence[str], height: float, dice: Dice) -> Pixels:
    """Return the picture (H, W, 3) of `piece` in that view. height: of the code's digits in pixels."""
    scan = view.kind == "scan"
    ground = _lid(view.size, dice) if scan else _table(view, textures, dice)
    picture = laid(Image.fromarray(piece), view, ground)
    if not scan:
        picture = ImageChops.multiply(picture, _light(view.size, dice))
    blur = dice.uniform((0, 0.015 if scan else 0.03)) * height
    if blur > 0.3:  # pixels: less changes nothing
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    picture = _noisy(picture, dice.uniform((0, 2.5 if scan else 5)), dice)
    if scan and dice.chance(_BILEVEL):
        grey = picture.convert("L")
        level = float(np.median(np.asarray(grey)[::8, ::8])) * dice.uniform((0.65, 0.85))
        picture = Image.fromarray(np.asarray(grey) > level).convert("RGB")
    elif dice.chance(0.15 if scan else 0.05):
        picture = picture.convert("L").convert("RGB")
    return np.asarray(picture)


def _lid(size: tuple[int, int], dice: Dice) -> Image.Image:
    level = dice.one(((0, 30), (0, 30), (235, 255), (120, 190)))
    return Image.new("RGB", size, tuple(round(level + value) for value in dice.random.uniform(-4, 4, 3)))


def _table(view: View, textures: Sequence[str], dice: Dice) -> Image.Image:
    """Return what the piece lies on, with the piece's shadow."""
    width, height = (-(-side // _COARSE) for side in view.size)
    texture = textures[int(dice.random.integers(len(textures)))]
    pixels = table(height, width, dice.random, texture)
    coarse = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if dice.chance(0.6):
        dark = Image.new("L", coarse.size)
        off = dice.random.normal(0, 0.012, 2) * width
        ImageDraw.Draw(dark).polygon([tuple(corner / _COARSE + off) for corner in view.corners], fill=150)
        coarse.paste((0, 0, 0), (0, 0), dark.filter(ImageFilter.GaussianBlur(0.008 * width)))
    return coarse.resize(view.size, Image.Resampling.BILINEAR)


def laid(piece: Image.Image, view: View, ground: Image.Image) -> Image.Image:
    """Return `ground` with `piece` on it, in perspective."""
    low = np.maximum(np.floor(view.corners.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(view.corners.max(axis=0)), view.size).astype(int)
    back = homography(
        view.corners - low, np.array([(0, 0), (piece.width, 0), piece.size, (0, piece.height)], np.float64)
    )
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    seen_piece = piece.transform(size, Image.Transform.PERSPECTIVE, tuple(back.ravel()[:8]), Image.Resampling.BILINEAR)
    cover = Image.new("L", size)
    # A pixel beyond the piece would be black: Pillow fills it, and a polygon takes in the pixels that it touches.
    inner = view.corners + 1.5 * np.sign(view.corners.mean(axis=0) - view.corners) - low
    ImageDraw.Draw(cover).polygon([tuple(corner) for corner in inner], fill=255)
    ground.paste(seen_piece, (int(low[0]), int(low[1])), cover)
    return ground


def _light(size: tuple[int, int], dice: Dice) -> Image.Image:
    """Return how much light each colour has, as a picture: uneven, a little warm or cold, sometimes in a shadow."""
    width, height = (max(_NEAR, side // _LIGHT) for side in size)
    light = 1 - dice.uniform((0.02, 0.2)) * (1 + smooth(height, width, dice.random)) / 2
    if dice.chance(0.25):
        light = light * shadow(height, width, dice.random)
    tint = np.clip(1 - np.abs(dice.random.normal(0, 0.05, 3)), 0.8, 1)
    coloured = 255 * np.clip(light * dice.uniform((0.75, 1)), 0, 1)[:, :, None] * tint
    return Image.fromarray(coloured.astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)


def _noisy(picture: Image.Image, deviation: float, dice: Dice) -> Image.Image:
    """Return `picture` with a camera's noise."""
    if deviation < 0.5:  # less is nothing after rounding
        return picture
    tile = dice.random.normal(128, deviation, (256, 320)).clip(0, 255).astype(np.uint8)
    repeats = -(-picture.height // 256), -(-picture.width // 320)
    noise = Image.fromarray(np.tile(tile, repeats)[: picture.height, : picture.width])
    return ImageChops.add(picture, Image.merge("RGB", (noise, noise, noise)), 1, -128)


def quad_in(view: View, quad: Points, size: tuple[int, int]) -> Points:
    """Return where `quad` (4, 2) of a piece of that size lies in the picture."""
    return moved(quad, view.matrix(size))
