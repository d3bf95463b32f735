"""Blocks of lines on a piece: an address as it is written or printed, and where its code lies then."""

from dataclasses import dataclass

import numpy as np

from synthesis.envelopes.address import Address
from synthesis.envelopes.line import Lettering, Line, Points
from synthesis.envelopes.sheet import Colour, Sheet, moved
from synthesis.envelopes.things import orange_boxes
from synthesis.envelopes.world import MailWorld
from synthesis.worlds import Dice


@dataclass(frozen=True)
class Style:
    """How a block is written: with what, how high its capitals are, in which colour, and how strong.

    leading: from line to line, and step: by how much each begins further right, in heights. degrees: clockwise.
    centred: whether lines are centred.
    """

    letters: Lettering
    height: float
    colour: Colour
    strength: float
    leading: float
    step: float = 0.0
    degrees: float = 0.0
    centred: bool = False


@dataclass(frozen=True)
class Block:
    """Lines before they are put on a piece, each with its place x, y from the block's upper left; width and height."""

    lines: tuple[tuple[Line, float, float], ...]
    width: float
    height: float


def block(address: Address, style: Style) -> Block:
    """Return the lines of `address` in that style."""
    lines = [style.letters.line(text, style.height) if text else None for text in address.lines]
    widest = max(line.ink.shape[1] for line in lines if line)
    placed = []
    for row, line in enumerate(lines):
        if line:
            x = row * style.step * style.height + (widest - line.ink.shape[1]) / 2 * style.centred
            placed.append((line, x, row * style.leading * style.height))
    width = max(x + line.ink.shape[1] for line, x, _ in placed)
    return Block(tuple(placed), width, ((len(lines) - 1) * style.leading + 1.3) * style.height)


def put(sheet: Sheet, made: Block, address: Address, at: tuple[float, float], style: Style) -> Points:
    """Put a block with its first capital's top left at x, y, and return its code's corners; zeros without a code."""
    angle = np.radians(style.degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    rows = [row for row, text in enumerate(address.lines) if text]
    quad = np.zeros((4, 2))
    for row, (line, x, y) in zip(rows, made.lines, strict=True):
        corner = turn @ np.array([x, y + style.height - line.baseline]) + at
        matrix = sheet.ink(line.ink, (float(corner[0]), float(corner[1])), style.colour, style.strength, style.degrees)
        if address.code and row == address.row:
            quad = moved(line.quad(address.start, address.end), matrix)
    return quad


def put_boxed_code(
    sheet: Sheet, address: Address, at: tuple[float, float], style: Style, world: MailWorld, dice: Dice, room: float
) -> Points:
    """Put the line of the code at x, y: digits in orange boxes, then the town on a line that ends `room` further right.

    Returns the corners of the digits.
    """
    colour = dice.colour(world.boxes)
    digits = [style.letters.line(digit, style.height) for digit in address.code]
    widest = max(line.ink.shape[1] for line in digits)
    cell = round(max(style.height * dice.one(world.cells), 1.08 * widest))
    tall = round(style.height * dice.uniform((1.3, 1.7)))
    apart = round(0.07 * cell) if dice.chance(0.6) else 0
    pen = max(1, round(0.05 * style.height))
    boxes = orange_boxes(len(digits), cell, tall, apart, pen)
    sheet.ink(boxes, at, colour, dice.uniform((0.6, 1)))
    corners = []
    for index, line in enumerate(digits):
        free = cell - line.ink.shape[1]
        x = at[0] + index * cell + free * dice.uniform((0.3, 0.7))
        y = at[1] + tall - 0.2 * style.height - line.baseline + dice.uniform((-0.06, 0.06)) * style.height
        matrix = sheet.ink(line.ink, (x, y), style.colour, style.strength)
        corners.append(moved(line.quad(0, 1), matrix))
    left = at[0] + len(digits) * cell + style.height * dice.uniform((0.3, 0.9))
    rule = np.ones((pen, max(4, round(at[0] + room - left))), np.float32)
    sheet.ink(rule, (left, at[1] + tall - pen), colour, 0.8)
    if address.tail:
        town = style.letters.line(address.tail, style.height)
        sheet.ink(town.ink, (left, at[1] + tall - 0.25 * style.height - town.baseline), style.colour, style.strength)
    points = np.concatenate(corners)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
