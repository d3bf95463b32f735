"""The empty piece: its format, its paper, its edges and flap."""

import numpy as np

from synthesis.envelopes.sheet import Sheet
from synthesis.envelopes.world import MailWorld
from synthesis.field.surroundings import smooth
from synthesis.worlds import Dice

FORMATS = ((220, 110), (220, 110), (162, 114), (229, 162), (241, 105), (176, 125), (148, 105), (150, 150), (114, 162))
"""Width and height of common envelopes and cards in millimetres: DL, C6, C5, American no. 10, B6, cards, upright C6."""
_TILE = 512  # pixels of the texture that is repeated
_FLAP = 0.85  # of the paper's brightness along its edges


def blank(width: int, height: int, world: MailWorld, dice: Dice) -> Sheet:
    """Return an empty piece in a colour of the world's papers, smooth, rough or printed with faint lines."""
    paper = np.broadcast_to(dice.colour(world.papers), (height, width, 3)).astype(np.float32)
    if dice.chance(0.6):  # fibres
        grain = dice.random.normal(0, dice.uniform((0.8, 3.5)), (_TILE, _TILE)).astype(np.float32)
        grain = (grain + np.roll(grain, 1, axis=0) + np.roll(grain, 1, axis=1)) / np.sqrt(3).astype(np.float32)
        repeats = -(-height // _TILE), -(-width // _TILE)
        paper = paper + np.tile(grain, repeats)[:height, :width, None]
    if dice.chance(0.12):  # the print inside shows through
        angle, period = dice.uniform((0, np.pi)), dice.uniform(world.strips.patterns)
        y, x = np.ogrid[:height, :width]
        wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)).astype(np.float32) / np.float32(period))
        paper = paper * (1 - np.float32(dice.uniform((0.01, 0.05))) * (wave[:, :, None] > 0.3))
    if dice.chance(0.5):  # not flat
        paper = paper * (1 + np.float32(dice.uniform((0.01, 0.05))) * smooth(height, width, dice.random, 5)[:, :, None])
    sheet = Sheet(np.clip(paper, 0, 255).astype(np.uint8))
    _edges(sheet, dice)
    return sheet


def _edges(sheet: Sheet, dice: Dice) -> None:
    """Darken the edges, and often the line at which the flap is glued or folded."""
    height = sheet.size[1]
    deep = max(2, height // 250)  # pixels: thinner ones come and go where a piece lies askew
    for edge in (np.s_[:deep], np.s_[-deep:], np.s_[:, :deep], np.s_[:, -deep:]):
        sheet.pixels[edge] = sheet.pixels[edge] * _FLAP
    if dice.chance(0.25):
        row = round(height * dice.one(((0.1, 0.3), (0.92, 0.97))))
        sheet.pixels[row : row + deep] = sheet.pixels[row : row + deep] * dice.uniform((0.8, 0.95))
