"""Decoding: pictures without colour stay grey, and are read as they would be in colour."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.app.encoding import decoded

SHADES = np.linspace(0, 255, 40 * 60).reshape(40, 60)


def grey() -> NDArray[np.uint8]:
    return SHADES.astype(np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF"])
def test_grey_pictures_stay_grey(kind: str) -> None:
    picture = decoded(Image.fromarray(grey()), kind).picture
    if kind != "GIF":  # a palette
        assert picture.shape == (40, 60)
    assert picture.dtype == np.uint8
    rgb = np.atleast_3d(picture)
    assert np.abs(rgb - grey()[:, :, None].astype(int)).max() <= (8 if kind == "JPEG" else 0)


def test_pictures_of_one_and_of_sixteen_bits_and_of_numbers_are_grey() -> None:
    bits = Image.fromarray(SHADES > 100)
    assert np.array_equal(decoded(bits, "PNG").picture, np.where(SHADES > 100, 255, 0))
    deep = Image.fromarray(np.rint(SHADES * 257).astype(np.uint16))
    assert np.array_equal(decoded(deep, "PNG").picture, np.rint(SHADES).astype(np.uint8))
    numbers = Image.fromarray(SHADES.astype(np.float32))
    assert decoded(numbers, "TIFF").picture.shape == (40, 60)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0)])
def test_transparent_grey_pictures_are_on_the_paper_that_shows_their_ink(ink: int, paper: int) -> None:
    pixels = np.zeros((40, 60, 2), np.uint8)
    pixels[10:30, 20:24] = (ink, 255)
    expected = np.full((40, 60), paper)
    expected[10:30, 20:24] = ink
    assert np.array_equal(
        decoded(Image.merge("LA", [Image.fromarray(pixels[:, :, band]) for band in (0, 1)]), "PNG").picture, expected
    )
    keyed = Image.fromarray(np.where(pixels[:, :, 1], ink, 128).astype(np.uint8))
    assert np.array_equal(decoded(keyed, "PNG", transparency=128).picture, expected)


def test_a_picture_with_colour_keeps_it() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, 20:] = (200, 10, 30)
    assert np.array_equal(decoded(Image.fromarray(pixels), "PNG").picture, pixels)
    assert np.array_equal(decoded(Image.fromarray(pixels).quantize(4), "PNG").picture, pixels)


def test_a_turned_grey_picture_stands_upright_and_is_grey() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = decoded(Image.fromarray(grey()), "PNG", exif=exif)
    assert np.array_equal(turned.picture, np.rot90(grey(), -1))
    assert (turned.width, turned.height) == (40, 60)
