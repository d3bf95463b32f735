"""Mail pieces: the face of the package."""

from dataclasses import dataclass

import numpy as np

from model.training.mnist import Digits
from synthesis.envelopes import codeless, view
from synthesis.envelopes.address import Address, any_address, any_code
from synthesis.envelopes.address_part import AddressPart
from synthesis.envelopes.hands import Hands
from synthesis.envelopes.line import Points
from synthesis.envelopes.paper import FORMATS, blank
from synthesis.envelopes.piece import Piece, Writing
from synthesis.envelopes.postage_part import PostagePart
from synthesis.envelopes.printed import hands_of, prints_of
from synthesis.envelopes.sender_part import SenderPart, Sent
from synthesis.envelopes.sheet import Sheet
from synthesis.envelopes.things import put_back, put_sticker
from synthesis.envelopes.world import MailWorld
from synthesis.glyphs import Glyphs
from synthesis.typeset import Fonts
from synthesis.worlds import Dice

SMALLEST, LARGEST = 17.0, 68.0
"""Pixels: how high a code's digits are in the picture."""
_SIDES = (1_200.0, 2_400.0)  # pixels of the picture's longer side
_PHOTOS = 0.6
_SENDERS, _SENDERS_ALONE = 0.5, 0.1  # the shares of pieces with an addressee's code, and of others, with a sender
_NOT_POSTED = ("back", "flyer")
_QUALITIES = {"scan": (70, 96), "photo": (55, 93)}
_HEIGHTS = {"pen": (3.2, 8.0), "print": (2.3, 4.5)}  # millimetres of a capital


@dataclass(frozen=True)
class _Asked:
    """What a piece is to be; `kind` is one of `codeless.KINDS`, or None for a piece with a code."""

    country: str
    writing: Writing
    upright: bool
    kind: str | None


class EnvelopeWriter:
    """Makes mail pieces in one world."""

    def __init__(self, world: MailWorld, digits: Digits, fonts: Fonts, random: np.random.Generator) -> None:
        """`digits`: MNIST's images to write with. Raises ValueError where `fonts` has none of the world's for print."""
        self._world, self._dice = world, Dice(random)
        glyphs = Glyphs(digits, world.strips, self._dice)
        self._hands = Hands(glyphs, world, hands_of(fonts, world.name), prints_of(fonts, world.name), self._dice)

    def write(
        self, country: str, writing: Writing, *, upright: bool = False, random: np.random.Generator | None = None
    ) -> Piece:
        """Return a piece to an address in `country`.

        upright: whether it lies upright but for a few degrees; else it is turned in any way. random: what to draw this
        piece and the next ones from, so that a piece can be made again.
        """
        return self._write(_Asked(country, writing, upright, None), random)

    def write_without_code(
        self, country: str, writing: Writing, *, upright: bool = False, random: np.random.Generator | None = None
    ) -> Piece:
        """Return a piece that has no addressee's code; else as `write`."""
        self._dice.random = random or self._dice.random
        kind = codeless.KINDS[int(self._dice.random.integers(len(codeless.KINDS)))]
        return self._write(_Asked(country, writing, upright, kind), None)

    def _write(self, asked: _Asked, random: np.random.Generator | None) -> Piece:
        dice = self._dice
        dice.random = random or dice.random
        seen, per_millimetre = self._view(asked)
        tall = self._height(asked, per_millimetre)
        sheet = blank(*seen.piece_size(), self._world, dice)
        notes: list[str] = [asked.kind] if asked.kind else []
        postage = PostagePart(self._hands, dice)
        if asked.kind not in _NOT_POSTED:
            postage.put(sheet, notes)
        code, quad, sent = self._written(sheet, asked, tall, notes)
        postage.put_late(sheet, notes)
        if quad is not None:
            seen = seen.with_inside(view.quad_in(seen, quad, sheet.size))
        return Piece(
            picture=view.seen(sheet.pixels, seen, self._world.tables, tall, dice),
            code=code,
            country=asked.country,
            quad=view.quad_in(seen, quad, sheet.size) if quad is not None else None,
            writing=asked.writing,
            view=seen.kind,
            sender_code=sent.code if sent else "",
            sender_quad=view.quad_in(seen, sent.quad, sheet.size) if sent else None,
            note="; ".join(notes),
            quality=int(dice.random.integers(*_QUALITIES[seen.kind])),
        )

    def _written(
        self, sheet: Sheet, asked: _Asked, tall: float, notes: list[str]
    ) -> tuple[str, Points | None, Sent | None]:
        """Put the sender and the address, and return the code that can be read, its corners, and the sender."""
        dice, world = self._dice, self._world
        hand = self._hands.pen(tall) if asked.writing == "pen" else self._hands.print()
        sent = None
        # A sender alone has a code too: whoever takes it for the addressee's is wrong, but has read it right.
        if asked.kind != "flyer" and dice.chance(_SENDERS if asked.kind is None else _SENDERS_ALONE):
            sent = SenderPart(self._hands, world, dice).put(sheet, asked.country, asked.writing, hand, tall, notes)
        if asked.kind == "back":
            put_back(sheet, dice)
            return "", None, sent
        address = self._address(asked)
        quad = AddressPart(world, dice).put(sheet, address, asked.country, asked.writing, hand, tall, notes)
        if asked.kind == "hidden" and quad is not None:
            put_sticker(sheet, quad, dice)
            return "", None, sent
        return address.code, quad, sent

    def _address(self, asked: _Asked) -> Address:
        places = self._world.places[asked.country]
        if asked.kind:
            return codeless.lines(asked.kind, asked.country, places, self._dice)
        return any_address(asked.country, any_code(asked.country, self._dice), places, self._dice)

    def _view(self, asked: _Asked) -> tuple[view.View, float]:
        """Return how the piece is seen, and how many pixels a millimetre of it has."""
        dice = self._dice
        across, down = FORMATS[int(dice.random.integers(len(FORMATS)))]
        long_side = round(float(np.exp(dice.uniform((np.log(_SIDES[0]), np.log(_SIDES[1]))))))
        photo = dice.chance(_PHOTOS)
        straight = float(dice.random.normal(0, 4 if photo else 1))
        quarter = 90.0 * int(dice.random.integers(4))
        if photo:
            turned = dice.uniform((0, 360)) if dice.chance(0.5) else straight + quarter * dice.chance(0.4)
        else:
            turned = straight + quarter * dice.chance(0.25)
        make = view.photographed if photo else view.scanned
        seen = make(across / down, straight if asked.upright else turned, long_side, dice)
        return seen, seen.piece_size()[0] / across

    def _height(self, asked: _Asked, per_millimetre: float) -> float:
        """Return the height of a capital in pixels; one that would be too small to read is drawn anew, larger."""
        low, high = _HEIGHTS[asked.writing]
        height = per_millimetre * float(np.exp(self._dice.uniform((np.log(low), np.log(high)))))
        return min(LARGEST, height) if height > SMALLEST else self._dice.uniform((SMALLEST, 1.7 * SMALLEST))
