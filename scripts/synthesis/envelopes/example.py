"""The mail piece that the page and README show: a letter on a table, drawn without fonts and without MNIST."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from synthesis import hand as strokes
from synthesis.envelopes.address import Address
from synthesis.envelopes.blocks import Style, block, put
from synthesis.envelopes.franking import perforated, put_postmark
from synthesis.envelopes.line import Points
from synthesis.envelopes.pen import PenLettering, stroke_digits
from synthesis.envelopes.sheet import Pixels, Sheet
from synthesis.envelopes.stroke_words import stroke_words
from synthesis.envelopes.view import View, laid
from synthesis.field.surroundings import smooth, table
from synthesis.worlds import Dice

ADDRESSEE = Address(("Claire Moreau", "12 rue de Rivoli", "75011 Paris"), 2, 0, 5, "75011")
SENDER = Address(("J. Petit", "3 rue de Vesle", "51100 Reims"), 2, 0, 5, "51100")

_SEED = 33
_PICTURE, _LETTER = (1280, 860), (1060, 620)  # width and height in pixels
_CORNERS = np.array([(100, 80), (1205, 112), (1176, 782), (62, 738)], np.float64)  # of the letter in the picture
_PAPER, _INK = (247, 243, 231), (28, 42, 128)
_WOOD = (118, 82, 54)  # the mean colour of the table
_CAPITAL, _SMALL = 46.0, 25.0  # pixels of the addressee's capitals, and of the sender's
_ADDRESS_AT, _SENDER_AT = (425.0, 310.0), (50.0, 45.0)
_STAMP = (112, 140)  # width and height in pixels
_STAMP_AT, _POSTMARK_AT = (_LETTER[0] - 160.0, 40.0), (_LETTER[0] - 178.0, 145.0)
_RADIUS = 58.0  # of the postmark
_SHADE = 170  # of 255: the darkest of a shadow
_GRAIN = 1.2  # of 255: the paper's
_DIMMER = 0.16  # of the light, where there is least


def letter_on_a_table() -> Pixels:
    """Return the picture, (H, W, 3) uint8, the same each time."""
    dice = Dice(np.random.default_rng(_SEED))
    seen = View("photo", _PICTURE, _CORNERS)
    width, height = _PICTURE
    wood = table(height, width, dice.random, "wood")
    wood += np.array(_WOOD, np.float32) - wood.mean(axis=(0, 1))
    ground = Image.fromarray(np.clip(wood, 0, 255).astype(np.uint8))
    ground.paste((0, 0, 0), (0, 0), _shadow(_PICTURE, _CORNERS, (-6, 9), 12))
    picture = laid(Image.fromarray(_letter(dice)), seen, ground)
    light = 1 - _DIMMER * (1 + smooth(height, width, dice.random)) / 2
    dimmed = Image.fromarray((255 * np.clip(light, 0, 1)).astype(np.uint8))
    return np.asarray(ImageChops.multiply(picture, Image.merge("RGB", [dimmed] * 3)))


def _letter(dice: Dice) -> Pixels:
    """Return the letter as it is before it is photographed."""
    width, height = _LETTER
    grain = dice.random.normal(0, _GRAIN, (height, width, 1))
    sheet = Sheet(np.clip(np.array(_PAPER) + grain, 0, 255).astype(np.uint8))
    pen, print_ = _lettering(_CAPITAL, dice, lean=0.2, pen=0.09), _lettering(_SMALL, dice, lean=0.0, pen=0.12)
    ink = np.array(_INK, np.float32)
    for address, at, size, leading in ((ADDRESSEE, _ADDRESS_AT, _CAPITAL, 1.75), (SENDER, _SENDER_AT, _SMALL, 1.6)):
        style = Style(pen, size, ink, 0.92, leading, degrees=-0.8)
        put(sheet, block(address, style), address, at, style)
    edges = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * _STAMP + _STAMP_AT
    shadow = np.asarray(_shadow(_LETTER, edges, (1, 2), 2), np.float32) / np.float32(255)
    sheet.ink(shadow, (0, 0), np.zeros(3, np.float32), 0.5)
    sheet.picture(_stamp(print_), _STAMP_AT, 1.0, perforated(*_STAMP))
    put_postmark(sheet, _POSTMARK_AT, _RADIUS, print_, dice)
    return sheet.pixels


def _lettering(height: float, dice: Dice, *, lean: float, pen: float) -> PenLettering:
    """Return a careful hand whose capitals are `height` pixels high; `pen` of that is the width of its strokes."""
    hand = replace(strokes.Hand.any(dice.random), slant=lean, aspect=0.95, pen=pen, care=0.9)
    words = stroke_words(hand, height, 0.9, dice)
    return PenLettering(height, stroke_digits(hand, height, dice), words, 0.16, 0.55, 0.02, dice)


def _stamp(letters: PenLettering) -> Pixels:
    """Return a stamp with hills, a sun and its value, drawn four times as large and then reduced."""
    width, height = (4 * side for side in _STAMP)
    picture = Image.new("RGB", (width, height), (246, 245, 240))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((30, 30, width - 30, height - 30), fill=(176, 212, 224))
    pen.ellipse((width - 200, 90, width - 90, 200), fill=(242, 190, 84))
    x = np.arange(30, width - 29)
    feet = [(width - 30, height - 30), (30, height - 30)]
    for rise, colour in ((300, (106, 146, 150)), (210, (70, 112, 110)), (110, (38, 76, 82))):  # the far hills first
        y = height - 30 - rise * (0.72 + 0.28 * np.sin(x / (60 + rise / 3) + rise))
        pen.polygon([*zip(x.tolist(), y.tolist(), strict=True), *feet], fill=colour)
    sheet = Sheet(np.array(picture.resize(_STAMP, Image.Resampling.LANCZOS)))
    sheet.ink(letters.line("1,50", 14).ink, (14.0, 12.0), np.array([30, 50, 60], np.float32))
    return sheet.pixels


def _shadow(size: tuple[int, int], corners: Points, away: tuple[int, int], soft: float) -> Image.Image:
    """Return how dark the soft shadow of what has these `corners` (4, 2) is, 0 to 255; it lies `away` by x and y."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners + away], fill=_SHADE)
    return mask.filter(ImageFilter.GaussianBlur(soft))
