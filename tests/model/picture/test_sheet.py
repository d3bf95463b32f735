"""The sheet: ink is what stands on it, whatever surrounds it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.picture.ink import find_ink
from model.picture.sheet import find_sheet
from tests.model.picture.papers import Floats, agreement, askew, drawn, photographed, stroke

COUNT = 20


def _table(random: np.random.Generator, height: int, width: int) -> Floats:
    """Return a dark table, plain or with a grain."""
    grain = np.sin(np.arange(width) * random.uniform(0.2, 1)) * random.uniform(0, 12)
    return np.asarray(random.uniform(20, 130) + grain + np.zeros((height, 1)), np.float32)


def _on_table(random: np.random.Generator) -> tuple[NDArray[np.uint8], Floats]:
    """Return a digit on a sheet that lies askew on a table, perhaps beyond the picture's edge, and its ink."""
    ink = np.pad(stroke(random, 84, 84), 24)
    top, left, bottom, right = random.uniform(6, 18, 4) * (1, 1, -1, -1) + (0, 0, 132, 132)
    if random.random() < 0.3:
        left = -40
    sheet = askew(132, 132, (top, left, bottom, right), random.uniform(-8, 8))
    paper = drawn(ink, random.uniform(200, 255), random.uniform(10, 90))
    return photographed(np.where(sheet, paper, _table(random, 132, 132)), random), ink


def _beside_band(random: np.random.Generator) -> tuple[NDArray[np.uint8], Floats]:
    """Return a digit beside the black lid of a scanner, along one to three edges, and its ink."""
    ink = np.pad(stroke(random, 84, 84), 16)
    picture = drawn(ink, random.uniform(200, 255), random.uniform(10, 90))
    depth = random.integers(4, 14, 4) * (random.permutation(4) < random.integers(1, 4))
    edges = (np.s_[: depth[0]], np.s_[116 - depth[1] :], np.s_[:, : depth[2]], np.s_[:, 116 - depth[3] :])
    for edge in edges:
        picture[edge] = random.uniform(0, 30)
    return photographed(picture, random), ink


def _close_to_band(random: np.random.Generator) -> tuple[NDArray[np.uint8], Floats]:
    """Return two digits, one of them a few pixels from a black band whose edge is straight or ragged, and their ink."""
    ink = np.concatenate([stroke(random, 84, 84), stroke(random, 84, 84)], axis=1)
    ink = ink[:, : np.flatnonzero(ink.max(axis=0) > 0.1)[-1] + int(random.integers(2, 6))]
    ink = np.pad(ink, ((12, 12), (12, 0)))
    ragged = np.pad(ink, ((0, 0), (0, 16)))
    picture = drawn(ragged, random.uniform(200, 255), random.uniform(10, 90))
    edges = ink.shape[1] + random.integers(0, 4, (len(ink), 1)) * (random.random() < 0.5)
    picture[np.arange(ragged.shape[1]) >= edges] = random.uniform(0, 30)
    return photographed(picture, random), ragged


def _on_screen(random: np.random.Generator) -> tuple[NDArray[np.uint8], Floats]:
    """Return a digit in a dark drawing area in a light page, and its ink."""
    ink = np.pad(stroke(random, 84, 84), 20)
    area = askew(124, 124, (18, 18, 106, 106), 0)
    return photographed(np.where(area, drawn(ink, random.uniform(0, 40), 250), np.float32(235)), random), ink


@pytest.mark.parametrize("make", [_on_table, _beside_band, _close_to_band, _on_screen])
def test_ink_is_what_stands_on_the_sheet(make) -> None:  # type: ignore[no-untyped-def]  # one of those above
    random = np.random.default_rng(0)
    pictures = [make(random) for _ in range(COUNT)]
    right = sum(agreement(find_ink(picture).strength, ink) > 0.75 for picture, ink in pictures)
    assert right >= 0.9 * COUNT


def test_a_shadow_that_ends_amid_the_writing_is_no_edge_of_a_sheet() -> None:
    random = np.random.default_rng(0)
    for _ in range(COUNT):
        ink = np.concatenate([stroke(random, 84, 84), stroke(random, 84, 84)], axis=1)
        picture = drawn(ink, 230, 40)
        picture[:, 84 + int(random.integers(-3, 4)) :] *= 0.5
        assert find_sheet(photographed(picture, random)[:, :, None].astype(np.float32)) is None


def test_paper_that_fills_the_picture_is_no_sheet_on_something() -> None:
    random = np.random.default_rng(0)
    for _ in range(COUNT):
        picture = photographed(drawn(stroke(random, 90, 110), 230, 40), random)
        assert find_sheet(picture[:, :, None].astype(np.float32)) is None
