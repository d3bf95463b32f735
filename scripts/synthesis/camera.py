"""Ink -> picture: digits as a camera sees them on the papers, with the pens and in the light of a world."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from synthesis.worlds import Dice, World

Layer = NDArray[np.float32]


class Camera:
    """Takes pictures in one world."""

    def __init__(self, world: World, dice: Dice) -> None:
        self._world, self._dice = world, dice

    def taken(
        self, layers: Layer, marks: Layer, printed: Layer, digit_height: float, *, plain: bool, boxed: bool
    ) -> NDArray[np.uint8]:
        """Return the picture (H, W, 3): paper, print and pen, lit, through a lens, as a JPEG.

        layers: (N, H, W), the digits' ink. marks: (1, H, W), whatever else the pen wrote. printed: (1, H, W). All are
        0 to 1. plain: on white paper in even light. boxed: whether boxes are printed.
        """
        height, width = layers.shape[1:]
        paper = self._paper(height, width, plain=plain)
        box = self._dice.colour(self._world.boxes)
        pen = self._dice.colour(self._world.pens)
        print_ink = printed[0][:, :, None] * (0.9 if boxed else 0.6)
        pen_ink = np.maximum(layers.max(axis=0), marks[0])[:, :, None] * self._dice.uniform((0.72, 1))
        pen_ink = pen_ink * (1 + 0.15 * self._smooth(height, width)[:, :, None]).clip(0, 1)
        picture = paper + print_ink * (np.minimum(box, paper) - paper)
        picture = picture + pen_ink * (np.minimum(pen, picture) - picture)
        if not plain:
            picture = picture * (1 + self._dice.uniform((0, 0.22)) * self._smooth(height, width)[:, :, None])
        picture = picture + self._dice.random.normal(0, self._dice.uniform((0, 2 if plain else 5)), (height, width, 1))
        image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
        image = image.filter(ImageFilter.GaussianBlur(self._dice.uniform((0, 0.025)) * digit_height))
        if plain and self._dice.chance(0.5):
            return np.asarray(image)
        content = io.BytesIO()
        image.save(content, "JPEG", quality=int(self._dice.random.integers(75 if plain else 45, 96)))
        return np.asarray(Image.open(content))

    def _paper(self, height: int, width: int, *, plain: bool) -> Layer:
        if plain:
            return np.full((height, width, 3), self._dice.uniform((244, 255)), np.float32)
        colour = self._dice.colour(self._world.papers)
        paper = np.broadcast_to(colour, (height, width, 3))
        if self._dice.chance(0.5):  # fibres
            grain = self._dice.random.normal(0, self._dice.uniform((1, 4)), (height, width)).astype(np.float32)
            grain = (grain + np.roll(grain, 1, axis=0) + np.roll(grain, 1, axis=1)) / np.sqrt(3)
            paper = paper + grain[:, :, None]
        if self._dice.chance(0.3):  # printed lines, as on cheques and inside envelopes
            angle, period = self._dice.uniform((0, np.pi)), self._dice.uniform(self._world.patterns)
            y, x = np.mgrid[:height, :width]
            wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
            paper = paper * (1 - self._dice.uniform((0.02, 0.12)) * (wave[:, :, None] > 0.3))
        return np.asarray(paper, np.float32)

    def _smooth(self, height: int, width: int) -> Layer:
        """Return a field (H, W) between -1 and 1 that changes slowly, for light or pressure."""
        coarse = self._dice.random.uniform(-1, 1, (2, 3)).astype(np.float32)
        return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR), np.float32)
