"""The address on a piece: by pen, in print on the paper, on a label or behind a window, or in orange boxes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from synthesis.envelopes import postcard
from synthesis.envelopes.address import Address, extra
from synthesis.envelopes.blocks import Block, Style, block, put, put_boxed_code
from synthesis.envelopes.line import Lettering, Points
from synthesis.envelopes.piece import Writing
from synthesis.envelopes.sheet import Sheet, moved
from synthesis.envelopes.things import bars, put_corner_marks
from synthesis.envelopes.world import MailWorld
from synthesis.worlds import Dice, Interval

_POSTCARDS = 0.06  # the share of other pieces by pen with a message beside the address
_BOXED = 0.35  # the share of French pieces by pen with orange boxes
_LEAN = 60  # pixels by which a reflection in a window leans
_ROOM = 0.96  # of the piece's width and height: where an address ends at the latest


@dataclass(frozen=True)
class AddressPart:
    """Puts addresses in one world."""

    world: MailWorld
    dice: Dice

    def put(
        self, sheet: Sheet, address: Address, country: str, writing: Writing, letters: Lettering, height: float,
        notes: list[str],
    ) -> Points | None:  # fmt: skip
        """Put the address on `sheet`, and return the corners of its code; None where it has none."""
        style = self._style(writing, letters, height)
        if writing == "print" and self.dice.chance(0.15):
            address = address.with_lines(before=(extra(self.dice),))
        if country == "fr" and writing == "pen" and len(address.code) == 5 and self.dice.chance(_BOXED):
            notes.append("boxes")
            return self._boxed(sheet, address, style)
        if writing == "print" and self.dice.chance(0.5):
            window = self.dice.chance(0.55)
            notes.append("window" if window else "label")
            return self._inside(sheet, address, style, window=window)
        room, lefts = 0.85, self.world.lefts
        if writing == "pen" and sheet.size[0] > sheet.size[1] and self.dice.chance(_POSTCARDS):
            notes.append("postcard")
            postcard.put_message(sheet, style, self.world, country, self.dice)
            room, lefts = 0.42, postcard.LEFTS
        made, style = self._fitting(address, style, sheet.size, room)
        quad = put(sheet, made, address, self._place(sheet.size, made, lefts), style)
        if self.dice.chance(0.12) and address.code:
            self._underline(sheet, quad, style)
        return quad if address.code else None

    def _style(self, writing: Writing, letters: Lettering, height: float) -> Style:
        dice, world = self.dice, self.world
        if writing == "print":
            colour, degrees = dice.colour(world.prints), dice.uniform((-0.5, 0.5))
            return Style(letters, height, colour, dice.uniform((0.7, 1)), dice.uniform((1.45, 2.1)), degrees=degrees)
        return Style(
            letters, height, dice.colour(world.pens), dice.uniform((0.65, 1)), dice.one(world.leading),
            step=dice.one(world.steps), degrees=float(dice.random.normal(0, 1.8)), centred=dice.chance(0.08),
        )  # fmt: skip

    def _fitting(
        self, address: Address, style: Style, size: tuple[int, int], room: float = 0.85
    ) -> tuple[Block, Style]:
        """Return the block, with lines closer or smaller where the piece is too small for it."""
        made = block(address, style)
        wide, high = room * size[0], 0.55 * size[1]
        if made.height > high:
            style = replace(style, leading=max(1.35, style.leading * high / made.height))
            made = block(address, style)
        if made.width > wide:
            style = replace(style, height=max(14.0, style.height * wide / made.width), step=0.0)
            made = block(address, style)
        return made, style

    def _place(
        self, size: tuple[int, int], made: Block, lefts: Sequence[Interval] | None = None
    ) -> tuple[float, float]:
        left, top = self.dice.one(lefts or self.world.lefts) * size[0], self.dice.one(self.world.tops) * size[1]
        return (
            max(0.04 * size[0], min(left, _ROOM * size[0] - made.width)),
            max(0.05 * size[1], min(top, _ROOM * size[1] - made.height)),
        )

    def _boxed(self, sheet: Sheet, address: Address, style: Style) -> Points:
        """Put the lines before the code between corner marks, and the code in boxes below them."""
        upper = Address(tuple(line for line in address.lines[: address.row] if line), 0, 0, 0, "")
        style = replace(style, degrees=0.3 * style.degrees, step=0.0, centred=False)
        made, style = self._fitting(upper, style, sheet.size)
        width, height = sheet.size
        room = max(made.width * 1.05, 11 * style.height)
        left = max(0.04 * width, min(self.dice.one(self.world.lefts) * width, _ROOM * width - room))
        bottom = height * self.dice.uniform((0.8, 0.92)) - 1.6 * style.height
        top = max(0.25 * height, bottom - made.height - style.height * self.dice.uniform((0.3, 1.2)))
        put(sheet, made, upper, (left + 0.5 * style.height, top), style)
        colour = self.dice.colour(self.world.boxes)
        put_corner_marks(sheet, (left, top - 0.8 * style.height, left + room, bottom), colour, 0.8 * style.height)
        return put_boxed_code(sheet, address, (left, bottom), style, self.world, self.dice, room)

    def _inside(self, sheet: Sheet, address: Address, style: Style, *, window: bool) -> Points | None:
        """Put the address on a label or on the paper behind a window."""
        made, style = self._fitting(address, style, sheet.size)
        sides = self.dice.random.uniform(0.6, 2.2, 4) * style.height
        tracked = not window and self.dice.chance(0.3)
        sides[3] += 4 * style.height * tracked
        wide, high = round(made.width + sides[0] + sides[1]), round(made.height + sides[2] + sides[3])
        shade = self.dice.uniform((225, 252)) + self.dice.random.uniform(-5, 4, 3)
        inner = Sheet(np.broadcast_to(np.clip(shade, 0, 255).astype(np.uint8), (high, wide, 3)).copy())
        at = (float(sides[0]), float(sides[2]) - 0.2 * style.height)
        quad = put(inner, made, address, at, style)
        if tracked:
            self._tracked(inner, style)
        if window:
            self._hazed(inner)
        left, top = self._place(sheet.size, Block((), wide, high))
        cover = Image.new("L", (wide, high))
        radius = 0.6 * style.height if window else 0.0
        ImageDraw.Draw(cover).rounded_rectangle((0, 0, wide - 1, high - 1), radius, fill=255)
        hidden = np.asarray(cover, np.float32) / np.float32(255)
        sheet.ink(hidden, (left - 2, top - 2), np.zeros(3, np.float32), 0.12)  # its edge is in its own shadow
        matrix = sheet.picture(inner.pixels, (left, top), 0.0 if window else self.dice.uniform((-3, 3)), hidden)
        return moved(quad, matrix) if address.code else None

    def _tracked(self, label: Sheet, style: Style) -> None:
        """Put a bar code and a parcel's number at the foot of a label."""
        width, height = label.size
        code = bars(round(0.8 * width), round(2 * style.height), self.dice)
        label.ink(code, (0.08 * width, height - 4 * style.height), np.zeros(3, np.float32))
        number = f"{self.dice.random.integers(10**11, 10**12)}"
        line = style.letters.line(number, 0.7 * style.height)
        label.ink(
            line.ink, (0.08 * width, height - 1.2 * style.height - line.baseline + 0.7 * style.height), style.colour
        )

    def _hazed(self, inner: Sheet) -> None:
        """Put the window's film over what is inside: a little grey, a little blurred, sometimes with a reflection."""
        image = Image.fromarray(inner.pixels).filter(ImageFilter.GaussianBlur(self.dice.uniform((0, 0.8))))
        haze = Image.new("RGB", image.size, tuple(int(level) for level in self.dice.random.integers(175, 225, 3)))
        mixed = np.array(Image.blend(image, haze, self.dice.uniform((0.05, 0.35))))
        if self.dice.chance(0.3):
            mask = Image.new("L", image.size)
            start = self.dice.uniform((-0.2, 0.9)) * image.width
            wide = self.dice.uniform((0.1, 0.4)) * image.width
            corners = [
                (start, 0),
                (start + wide, 0),
                (start + wide + _LEAN, image.height),
                (start + _LEAN, image.height),
            ]
            ImageDraw.Draw(mask).polygon(corners, fill=round(self.dice.uniform((30, 110))))
            shine = np.asarray(mask.filter(ImageFilter.GaussianBlur(0.02 * image.width)), np.float32)[:, :, None] / 255
            mixed = np.asarray(mixed + shine * (255 - mixed), np.uint8)
        inner.pixels[:] = mixed

    def _underline(self, sheet: Sheet, quad: Points, style: Style) -> None:
        """Draw a line under the code, often also under the town."""
        long = float(np.linalg.norm(quad[1] - quad[0])) * self.dice.uniform((1, 2.2))
        pen = max(1, round(0.07 * style.height))
        x, y = quad[3]
        rule = np.ones((pen, max(2, round(long))), np.float32)
        at = (float(x), float(y) + 0.15 * style.height)
        sheet.ink(rule, at, style.colour, style.strength, style.degrees)
