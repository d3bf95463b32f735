"""The lid of a scanner beside a sheet: it is left out, and a stroke along the edge of a tight crop is not."""

import numpy as np
import pytest

from model.picture.ink import find_ink
from model.picture.lid import beside_lid
from tests.model.picture.papers import Floats, agreement, drawn, photographed, stroke

COUNT = 20


def _field(random: np.random.Generator, fades: float) -> tuple[Floats, Floats, int]:
    """Return a field with rules from side to side and a digit between them, beside a lid; its ink; the lid's width."""
    ink = np.pad(stroke(random, 84, 84), ((40, 60), (6, 6)))
    paper = drawn(ink, random.uniform(200, 255), random.uniform(50, 90))
    for row in (20, 150):  # no part of the sheet is closed in itself
        paper[row : row + 2] = 60
    wide = int(random.integers(8, 100))
    lid = 1 / (1 + np.exp(np.clip((np.arange(wide + paper.shape[1]) - wide) / fades, -30, 30)))
    whole = np.pad(paper, ((0, 0), (wide, 0)), mode="edge")
    return np.asarray(whole + lid * (random.uniform(0, 8) - whole), np.float32), np.pad(ink, ((0, 0), (wide, 0))), wide


@pytest.mark.parametrize("fades", [0.3, 2.0])
@pytest.mark.parametrize("turns", range(4))
def test_what_lies_beside_a_lid_is_found(fades: float, turns: int) -> None:
    random = np.random.default_rng(turns)
    for _ in range(COUNT):
        picture, _, wide = _field(random, fades)
        beside = beside_lid(np.rot90(picture, turns)[:, :, None])
        assert beside is not None
        columns = np.flatnonzero(np.rot90(beside, -turns).all(axis=0))
        assert abs(columns[0] - wide) <= 3 + 6 * fades
        assert columns[-1] == picture.shape[1] - 1


def test_ink_is_what_stands_beside_the_lid() -> None:
    random = np.random.default_rng(0)
    right = 0
    for _ in range(COUNT):
        picture, ink, _ = _field(random, 0.3)
        found = find_ink(photographed(picture, random)).strength
        right += agreement(found[40:140], ink[40:140]) > 0.75
    assert right >= 0.9 * COUNT


def test_a_stroke_along_the_edge_of_a_tight_crop_is_no_lid() -> None:
    random = np.random.default_rng(0)
    for _ in range(COUNT):
        ink = stroke(random, 84, 84)
        rows = np.flatnonzero(ink.any(axis=1))
        ink = ink[rows[0] : rows[-1] + 1]
        ink[:, : int(random.integers(4, len(ink) // 5))] = 1  # a 1 as high as the digit beside it
        picture = drawn(ink, random.uniform(200, 255), random.uniform(10, 90))
        assert beside_lid(photographed(picture, random)[:, :, None].astype(np.float32)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 3)])
def test_tiny_pictures_have_no_lid(shape: tuple[int, int]) -> None:
    assert beside_lid(np.zeros((*shape, 1), np.float32)) is None
    assert beside_lid(np.random.default_rng(0).uniform(0, 255, (*shape, 3)).astype(np.float32)) is None


def test_the_lit_half_of_a_page_is_no_lid_where_a_stroke_leads_into_it() -> None:
    random, lids = np.random.default_rng(0), 0
    for number in range(COUNT):
        ink = np.pad(stroke(random, 84, 84), 18)
        columns = np.flatnonzero(ink.any(axis=0))
        lit = np.arange(120) >= columns.mean()
        page = random.uniform(220, 250) * np.where(lit, 1, random.uniform(0.4, 0.6))[None] * (1 - 0.85 * ink)
        lids += beside_lid(np.asarray(np.rot90(page, number % 4)[:, :, None], np.float32)) is not None
    assert lids <= 1
