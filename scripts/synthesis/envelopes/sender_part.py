"""The sender on a piece, with another code: top left, on one line across the top, or upside down on the flap."""

from dataclasses import dataclass, replace

import numpy as np

from synthesis.envelopes.address import Address, any_address, any_code
from synthesis.envelopes.blocks import Style, block, put
from synthesis.envelopes.hands import Hands
from synthesis.envelopes.line import Lettering, Points
from synthesis.envelopes.piece import Writing
from synthesis.envelopes.sheet import Sheet
from synthesis.envelopes.things import put_logo
from synthesis.envelopes.world import MailWorld
from synthesis.worlds import Dice

_LOGOS = 0.3  # the share of printed senders with a firm's sign
_FOREIGN = 0.05  # the share of senders in another country


@dataclass(frozen=True)
class Sent:
    """The sender's code, and its corners on the sheet."""

    code: str
    quad: Points


@dataclass(frozen=True)
class SenderPart:
    """Puts senders in one world."""

    hands: Hands
    world: MailWorld
    dice: Dice

    def put(
        self, sheet: Sheet, country: str, writing: Writing, letters: Lettering, height: float, notes: list[str]
    ) -> Sent:
        """Put a sender on `sheet`: printed on a third of the pieces by pen, and on all others in print."""
        dice, world = self.dice, self.world
        if dice.chance(_FOREIGN):
            country = list(world.places)[int(dice.random.integers(len(world.places)))]
        address = any_address(country, any_code(country, dice), world.places[country], dice, short=True)
        by_pen = writing == "pen" and dice.chance(0.67)
        share = dice.uniform((0.55, 0.9)) if by_pen else dice.uniform((0.45, 0.8))
        style = Style(
            letters if by_pen else self.hands.print(),
            max(9.0, share * height),
            dice.colour(world.pens if by_pen else world.prints),
            dice.uniform((0.6, 1)),
            leading=1.5 if not by_pen else dice.uniform((1.5, 1.9)),
            degrees=float(dice.random.normal(0, 1.5)) if by_pen else 0.0,
        )
        if not by_pen and dice.chance(_LOGOS):
            firms = world.places[country].firms
            corner = (dice.uniform((0.05, 0.4)) * sheet.size[0], dice.one(((0.03, 0.08), (0.75, 0.85))) * sheet.size[1])
            name = firms[int(dice.random.integers(len(firms)))]
            put_logo(sheet, corner, style.height * dice.uniform((0.9, 2)), name, style.letters, dice)
        where = ("corner", "corner", "corner", "line", "line", "flap")[int(dice.random.integers(6))]
        notes.append(f"sender: {where}")
        if where == "line":
            return self._across(sheet, address.in_one_line((", ", " · ", " - ")[int(dice.random.integers(3))]), style)
        if dice.chance(0.3):
            title = ("Abs.:", "Exp.", "Absender", "Expéditeur :", "From:", "Mitt.", "Rte.")[
                int(dice.random.integers(7))
            ]
            address = address.with_lines(before=(title,))
        return self._block(sheet, address, style, flap=where == "flap")

    def _block(self, sheet: Sheet, address: Address, style: Style, *, flap: bool) -> Sent:
        width, height = sheet.size
        made = block(address, style)
        factor = min(1.0, 0.42 * width / made.width, 0.3 * height / made.height)
        if factor < 1:
            style = replace(style, height=max(7.0, style.height * factor))
            made = block(address, style)
        left, top = (self.dice.uniform((0.02, 0.06)) * side for side in (width, height))
        if flap:
            style = replace(style, degrees=style.degrees + 180)
            left, top = left + made.width + self.dice.uniform((0, 0.25)) * width, top + made.height
        return Sent(address.code, put(sheet, made, address, (left, top), style))

    def _across(self, sheet: Sheet, address: Address, style: Style) -> Sent:
        width, height = sheet.size
        made = block(address, style)
        if made.width > 0.62 * width:
            style = replace(style, height=max(7.0, style.height * 0.62 * width / made.width))
            made = block(address, style)
        at = (self.dice.uniform((0.02, 0.06)) * width, self.dice.uniform((0.03, 0.08)) * height)
        quad = put(sheet, made, address, at, style)
        if self.dice.chance(0.4):
            rule = np.ones((max(1, round(style.height / 12)), round(made.width)), np.float32)
            sheet.ink(rule, (at[0], at[1] + 1.5 * style.height), style.colour, style.strength)
        return Sent(address.code, quad)
