"""A sheet on a table with a grain, which has edges of its own, is found."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.artifact import Artifact
from model.reader import Reader
from synthesis.hand import Hand

_SIDE = 240


def test_a_sheet_that_lies_on_wood_is_found_whatever_the_grain(shipped: Artifact) -> None:
    reader, right = Reader(shipped.classifier), 0
    y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.float32)
    for seed in range(30):
        random = np.random.default_rng(seed)
        waves = y / random.uniform(2, 7) + np.sin(x / random.uniform(20, 60)) * random.uniform(1, 4)
        grain = 1 + 0.22 * np.sin(waves) + 0.05 * random.standard_normal((_SIDE, _SIDE))
        right += _reads(reader, grain[:, :, None] * np.array([150, 105, 60]), random)
    assert right >= 26


def test_a_sheet_that_lies_on_granite_is_found(shipped: Artifact) -> None:
    reader, right = Reader(shipped.classifier), 0
    for seed in range(30):
        random = np.random.default_rng(seed)
        coarse = -(-_SIDE // int(random.integers(1, 5)))
        specks = Image.fromarray(random.standard_normal((coarse, coarse)).astype(np.float32))
        grain = 1 + float(random.uniform(0.12, 0.25)) * np.asarray(
            specks.resize((_SIDE, _SIDE), Image.Resampling.NEAREST)
        )
        right += _reads(reader, grain[:, :, None] * np.array([130, 128, 125]), random)
    assert right >= 26


def _reads(reader: Reader, table: NDArray[np.floating], random: np.random.Generator) -> bool:
    """Return whether `reader` reads a digit on a sheet that lies on `table`; a wrong reading must be refused."""
    table = np.clip(table, 0, 255)
    digit, height = int(random.integers(10)), int(random.integers(30, 60))
    ink = Hand.any(random).digit(digit, height, random)
    side = round(height * random.uniform(2.2, 2.8))
    sheet, at = np.full((side, side), 240.0, np.float32), (side - height) // 2
    sheet[at : at + ink.shape[0], at : at + ink.shape[1]] -= 190 * ink
    lying = Image.new("LA", (side, side))
    lying.putdata([(round(float(value)), 255) for value in sheet.ravel()])
    turned = np.asarray(lying.rotate(float(random.uniform(-12, 12)), Image.Resampling.BILINEAR, expand=True))
    top, left = ((_SIDE - np.array(turned.shape[:2])) // 2).tolist()
    area = np.s_[top : top + turned.shape[0], left : left + turned.shape[1]]
    cover = turned[:, :, 1:] / 255
    table[area] = table[area] * (1 - cover) + turned[:, :, :1] * cover
    reading = reader.read(table.astype(np.uint8), kind="digit")
    assert reading.text == str(digit) or reading.decision == "reject"
    return reading.text == str(digit)
