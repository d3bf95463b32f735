"""Pictures to give to the page: codes written by the hands of `hands.py`, with what is where."""

import io
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from tests.browser.hands import Hand, Stroke, written

INK, PAPER = 30, 250
HIGH = 90  # pixels
APART = 60  # from the middle of one digit to that of the next


@dataclass(frozen=True)
class Picture:
    """A picture as a file for `set_input_files`, and from which to which column each of its digits goes."""

    name: str
    content: bytes
    columns: list[tuple[int, int]]

    def file(self) -> dict[str, object]:
        """Return what Playwright takes for a file."""
        return {"name": self.name, "mimeType": "image/png", "buffer": self.content}


def code(text: str, form: int = 0, pen: int = 6) -> Picture:
    """Return a picture of a code, its digits apart from one another."""
    size = (APART * (len(text) + 1), HIGH)
    picture = Image.new("L", size, PAPER)
    hand = Hand(height=0.6, width=0.6, slant=0.05, place=(0, 0.5), pen=pen)
    columns = []
    for number, each in enumerate(text, start=1):
        placed = replace(hand, place=(APART * number / size[0], 0.5))
        alone = Image.new("L", size, PAPER)
        for canvas in (picture, alone):
            for stroke in written(int(each), form, placed, size):
                ink(canvas, stroke, pen)
        left, _, right, _ = alone.point(lambda value: 255 * (value < (INK + PAPER) / 2)).getbbox() or (0, 0, 0, 0)
        columns.append((left, right))
    return Picture(f"{text}-{form}.png", encoded(picture), columns)


def ink(canvas: Image.Image, stroke: Stroke, pen: int) -> None:
    """Draw a stroke with round ends."""
    draw = ImageDraw.Draw(canvas)
    draw.line(stroke, fill=INK, width=pen, joint="curve")
    for x, y in (stroke[0], stroke[-1]):
        draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=INK)


def encoded(picture: Image.Image) -> bytes:
    """Return the picture as PNG."""
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()
