"""Ink: what is written stands out, whatever the paper, the pen, the light and the polarity."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from model.picture.ink import MOST_PIXELS, find_ink
from tests.real_digits import real_digits

Colour = tuple[int, int, int]
DTYPES: Any = st.sampled_from([np.dtype(np.uint8), np.dtype(np.float32)])
DIGIT = real_digits().images[2_100].astype(np.float32) / 255


def _stroke(height: int = 112, width: int = 112) -> NDArray[np.float32]:
    """Return a real digit, three times its size, off-centre: (height, width) in [0, 1]."""
    large = np.kron(DIGIT, np.ones((3, 3), dtype=np.float32))
    canvas = np.zeros((height, width), dtype=np.float32)
    canvas[10 : 10 + 84, 20 : 20 + 84] = large
    return canvas


def _drawn(stroke: NDArray[np.float32], paper: Colour, pen: Colour) -> NDArray[np.float32]:
    cover = stroke[:, :, None]
    return np.asarray(cover * np.array(pen) + (1 - cover) * np.array(paper), np.float32)


def _agreement(ink: NDArray[np.float32], stroke: NDArray[np.float32]) -> float:
    """Return the pixels that are ink in both, as a share of those that are ink in either."""
    written, drawn = ink > 0.5, stroke > 0.5
    return float((written & drawn).sum() / (written | drawn).sum())


@pytest.mark.parametrize(
    ("paper", "pen"),
    [
        ((255, 255, 255), (0, 0, 0)),
        ((0, 0, 0), (255, 255, 255)),
        ((240, 240, 235), (40, 60, 170)),  # blue ballpoint
        ((186, 140, 95), (30, 40, 120)),  # on brown paper
        ((30, 70, 50), (240, 240, 240)),  # chalk on a board
        ((200, 200, 200), (255, 0, 0)),  # red, on paper of a mean grey not far from its own
        ((240, 240, 240), (205, 205, 205)),  # a faint pencil
    ],
)
def test_the_ink_is_what_was_drawn_in_any_colour(paper: Colour, pen: Colour) -> None:
    stroke = _stroke()
    found = find_ink(_drawn(stroke, paper, pen).astype(np.uint8))
    assert found.factor == 1
    assert found.strength.dtype == np.float32
    assert _agreement(found.strength, stroke) > 0.9


def test_light_that_falls_off_across_the_paper_is_not_ink() -> None:
    stroke = _stroke()
    y, x = np.mgrid[:112, :112] / 112
    light = 1 - 0.4 * x - 0.2 * y * y
    picture = (_drawn(stroke, (220, 220, 210), (40, 40, 60)) * light[:, :, None]).astype(np.uint8)
    assert _agreement(find_ink(picture).strength, stroke) > 0.9
    assert not find_ink((220 * light).astype(np.uint8)).strength.any()


@pytest.mark.parametrize("noise", [0, 5, 20])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (20, 200), (300, 300)])
def test_blank_and_noisy_paper_holds_no_ink(shape: tuple[int, int], noise: int) -> None:
    picture = 180 + noise * np.random.default_rng(0).normal(size=shape)
    assert not find_ink(np.clip(picture, 0, 255).astype(np.float32)).strength.any()


def test_noise_beside_a_digit_is_not_ink() -> None:
    stroke = _stroke()
    noisy = _drawn(stroke, (200, 200, 200), (60, 60, 60)) + np.random.default_rng(0).normal(0, 10, (112, 112, 1))
    found = find_ink(np.clip(noisy, 0, 255).astype(np.uint8)).strength
    assert _agreement(found, stroke) > 0.85
    assert (found[stroke == 0] > 0.1).mean() < 0.01


def test_a_thick_digit_that_fills_its_crop_is_the_ink_and_not_the_paper() -> None:
    y, x = np.mgrid[:16, :16] - 7.5
    ring = ((x / 8) ** 2 + (y / 8) ** 2 < 1) & ((x / 2) ** 2 + (y / 3) ** 2 > 1)
    assert ring.mean() > 0.6  # more ink than paper
    found = find_ink((255 * ring).astype(np.uint8)).strength
    np.testing.assert_array_equal(found > 0.5, ring)


def test_a_dark_sheet_on_a_light_scanner_shows_its_light_writing() -> None:
    picture = np.full((140, 140), 250, dtype=np.uint8)
    sheet = _stroke(132, 132)
    picture[4:-4, 4:-4] = (40 + 200 * sheet).astype(np.uint8)
    assert _agreement(find_ink(picture).strength[4:-4, 4:-4], sheet) > 0.9


@settings(deadline=None)
@given(
    hnp.arrays(
        DTYPES,
        st.one_of(
            st.tuples(st.integers(1, 12), st.integers(1, 12)),
            st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3)),
        ),
        elements=st.integers(0, 255),
    )
)
def test_any_picture_has_an_ink_map_of_its_size_from_0_to_1(picture: NDArray[np.uint8]) -> None:
    found = find_ink(picture).strength
    assert found.shape == picture.shape[:2]
    assert np.isfinite(found).all()
    assert found.min() >= 0
    assert found.max() <= 1


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 255), st.integers(0, 255))
def test_a_picture_and_its_negative_hold_the_same_ink(paper: int, pen: int) -> None:
    picture = _drawn(_stroke(), (paper,) * 3, (pen,) * 3)[:, :, 0]
    np.testing.assert_allclose(find_ink(picture).strength, find_ink(255 - picture).strength, atol=1e-3)


def test_a_large_picture_is_read_in_blocks_and_says_how_large_they_are() -> None:
    picture = np.full((2_400, 2_000), 230, dtype=np.uint8)
    picture[1_000:1_300, 500:540] = 20
    found = find_ink(picture)
    assert found.factor == 3
    assert found.strength.shape == (800, 666)
    assert found.strength.size <= MOST_PIXELS
    rows, columns = np.nonzero(found.strength > 0.5)
    assert abs(int(rows.min()) * 3 - 1_000) <= 3
    assert abs(int(columns.min()) * 3 - 500) <= 3


@pytest.mark.parametrize("light_on_dark", [False, True])
@pytest.mark.parametrize("shape", [(1_000, 700), (1_400, 1_000)])
def test_a_small_digit_on_a_large_clean_page_is_ink(shape: tuple[int, int], light_on_dark: bool) -> None:
    random = np.random.default_rng(0)
    for _ in range(3):
        page = np.full(shape, 250.0)
        top, left = random.integers(100, 600, 2)
        page[top : top + 20, left : left + 20] -= 220 * DIGIT[4:24, 4:24]
        picture = np.clip(page + random.normal(0, 1, shape), 0, 255).astype(np.uint8)
        found = find_ink(255 - picture if light_on_dark else picture)
        rows, columns = np.nonzero(found.strength > 0.5)
        assert len(rows) > 10
        assert abs(int(rows.min()) * found.factor - top) < 8
        assert abs(int(columns.max()) * found.factor - left - 20) < 8


def test_dust_creases_and_dead_pixels_on_a_large_page_are_not_ink() -> None:
    random = np.random.default_rng(0)
    page = np.full((1_000, 900), 240.0)
    page[random.integers(0, 1_000, 60), random.integers(0, 900, 60)] = 20  # dead pixels
    for y, x in random.integers(0, 890, (20, 2)):
        page[y : y + 2, x : x + 2] -= 90  # dust
    page[400:402] -= 4  # a crease
    picture = np.clip(page + random.normal(0, 1, page.shape), 0, 255).astype(np.uint8)
    assert not find_ink(picture).strength.any()
    assert not find_ink(255 - picture).strength.any()


@pytest.mark.parametrize("shape", [(0, 4), (4,), (4, 4, 4), (2, 4, 4, 3), (4, 0, 3)])
def test_an_array_that_is_not_a_picture_is_refused_with_its_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"picture must be \(H, W\) or \(H, W, 3\).*got shape"):
        find_ink(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize(("value", "said"), [(np.nan, "nan"), (-1.0, "-1.0"), (256.0, "256.0"), (np.inf, "inf")])
def test_values_that_are_not_pixels_are_refused_with_the_range(value: float, said: str) -> None:
    picture = np.zeros((5, 5), dtype=np.float32)
    picture[2, 2] = value
    with pytest.raises(ValueError, match=f"picture must have values from 0 to 255; got .*{said}"):
        find_ink(picture)


def test_integers_that_are_not_bytes_are_refused_with_their_type() -> None:
    with pytest.raises(ValueError, match="picture must be uint8 or floating point, 0 to 255; got int64"):
        find_ink(np.zeros((5, 5), dtype=np.int64))  # type: ignore[arg-type]  # what a caller without types may send
