"""Where things lie in a picture."""

from dataclasses import dataclass

Corner = tuple[float, float]
"""A point (x, y) in pixels of the picture that was read, whose top left corner is (0, 0)."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the picture that was read; (x, y) is its top left corner."""

    x: int
    y: int
    width: int
    height: int
