"""What a reading was made from, kept for people who want to see why: nothing is read a second time."""

from dataclasses import dataclass

from model.found import Found
from model.picture.ink import Ink
from model.picture.one_digit import without_lines
from model.strips.reading import StripReading
from model.types import Image, InkMap


@dataclass(frozen=True)
class Seen:
    """What led to a reading, turned upright.

    ink: as it was found in the picture. inside: the same without a ring around what is written; both are None where the
    picture already was an image for the network. source: the digit, or the strip. digits: for each digit of the
    reading, the (28, 28) image of it that the network was asked about; None where there is none.
    """

    ink: Ink | None
    inside: Ink | None
    source: Found | StripReading
    digits: tuple[Image | None, ...]

    @property
    def unlined(self) -> InkMap | None:
        """The ink `inside` without printed lines, in which the digit or the strip was found."""
        if self.inside is None:
            return None
        return self.inside.unlined if isinstance(self.source, StripReading) else without_lines(self.inside)
