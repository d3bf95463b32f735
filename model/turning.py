"""Which way up a picture lies: it is turned upright to be read, and what was read is put back where it lies."""

from dataclasses import dataclass, replace

import numpy as np

from model.picture.ink import Ink
from model.places import Box, Corner
from model.reading import Reading
from model.types import Picture

TURNS = (0, 90, 180, 270)
"""The ways to lie, in degrees clockwise: text that runs downwards lies by 90."""


@dataclass(frozen=True)
class Turn:
    """How the writing in a picture of `shape` (height, width, …) lies: by `degrees` clockwise, one of TURNS."""

    degrees: int
    shape: tuple[int, ...]

    @property
    def upright_shape(self) -> tuple[int, int]:
        """The height and the width of the picture once it is upright."""
        height, width = self.shape[:2]
        return (width, height) if self.degrees % 180 else (height, width)

    def picture(self, picture: Picture) -> Picture:
        """Return `picture` upright."""
        if self.degrees == 0:
            return picture
        turned: Picture = np.rot90(picture, self.degrees // 90)
        return turned

    def ink(self, ink: Ink) -> Ink:
        """Return the picture's `ink` upright."""
        if self.degrees == 0:
            return ink
        return Ink(np.ascontiguousarray(np.rot90(ink.strength, self.degrees // 90)), ink.factor)

    def as_sent(self, reading: Reading) -> Reading:
        """Return `reading`, whose places are in pixels of the upright picture, with those in the picture as sent."""
        if self.degrees == 0:
            return reading
        digits = tuple(replace(digit, box=self._box(digit.box)) for digit in reading.digits)
        corners = None if reading.corners is None else tuple(self._corner(corner) for corner in reading.corners)
        return replace(reading, digits=digits, corners=corners, turned=self.degrees)

    def _corner(self, corner: Corner) -> Corner:
        (x, y), (height, width) = corner, self.upright_shape
        match self.degrees:
            case 90:
                return height - y, x
            case 180:
                return width - x, height - y
            case _:
                return y, width - x

    def _box(self, box: Box) -> Box:
        """Return `box` where it lies in the picture as sent: two opposite corners stay opposite ones."""
        ends = (self._corner((box.x, box.y)), self._corner((box.x + box.width, box.y + box.height)))
        (left, right), (top, bottom) = (sorted(int(end[axis]) for end in ends) for axis in (0, 1))
        return Box(left, top, right - left, bottom - top)
