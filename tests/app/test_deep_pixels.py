"""Pictures of more than 8 bits a pixel: read as in 8, and blank paper stays blank."""

import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.errors import UnreadableError
from app.images import Limits, decode
from model.picture.ink import find_ink
from tests.app.encoding import decoded, encoded, written

LIMITS = Limits(100_000, 100_000)


PHOTOMETRIC, MAX_SAMPLE_VALUE, SAMPLE_FORMAT = 262, 281, 339
MIN_IS_WHITE = {PHOTOMETRIC: 0}


def tagged(values: NDArray[np.generic], tags: dict[int, int]) -> bytes:
    """Return a TIFF of `values` that has these tags, each of one number, in place of those that Pillow writes."""
    content = bytearray(encoded(Image.fromarray(values), "TIFF", tiffinfo={MAX_SAMPLE_VALUE: 65_535}))
    (start,) = struct.unpack_from("<I", content, 4)
    for entry in range(start + 2, start + 2 + 12 * struct.unpack_from("<H", content, start)[0], 12):
        (tag,) = struct.unpack_from("<H", content, entry)
        if tag in tags:
            struct.pack_into("<H", content, entry + 8, tags[tag])
        elif tag == MAX_SAMPLE_VALUE:
            struct.pack_into("<H", content, entry + 8, 0)  # says nothing
    return bytes(content)


def creased(paper: float, crease: float, noise: float, seed: int) -> NDArray[np.float64]:
    """Return blank paper with a faint upright crease; all but the seed as shares of the range."""
    values = np.random.default_rng(seed).normal(paper, noise, (60, 60))
    values[8:52, 28:32] += crease
    return np.clip(values, 0, 1)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("light", [False, True])
def test_a_scan_of_any_depth_in_sixteen_bits_is_as_in_eight(bits: int, light: bool) -> None:
    shown = 255 - written() if light else written()
    deep = np.rint(shown * ((2**bits - 1) / 255)).astype(np.uint16)
    for kind in ("PNG", "TIFF"):
        assert np.array_equal(decoded(Image.fromarray(deep), kind).picture, shown)


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
def test_fractions_are_of_one_or_of_a_range(white: float) -> None:
    values = (written() * (white / 255)).astype(np.float32)
    assert np.array_equal(decoded(Image.fromarray(values), "TIFF").picture, written())
    overshooting = np.where(values > 0.9 * white, 1.05 * white, values - 0.12 * white).astype(np.float32)
    assert np.abs(decoded(Image.fromarray(overshooting), "TIFF").picture.astype(int) - written()).max() <= 31


@pytest.mark.parametrize("white", [255, 4_095, 65_535, 2**20 - 1, 2**31 - 1])
def test_whole_numbers_of_32_bits_have_the_range_that_holds_them(white: int) -> None:
    values = (written().astype(np.int64) * white // 255).astype(np.int32)
    values[0, 0] = white
    assert np.abs(decoded(Image.fromarray(values), "TIFF").picture.astype(int) - written())[1:].max() <= 1


def test_a_tiff_of_which_0_is_white_is_shown_as_it_says() -> None:
    deep = (255 - written()).astype(np.uint16) * 257
    assert np.array_equal(decode(tagged(deep, MIN_IS_WHITE), LIMITS).picture, written())
    of_12_bits = np.rint((255 - written()) * (4_095 / 255)).astype(np.uint16)
    assert decode(tagged(of_12_bits, MIN_IS_WHITE), LIMITS).picture.min() > 200
    said = MIN_IS_WHITE | {MAX_SAMPLE_VALUE: 4_095}
    assert np.array_equal(decode(tagged(of_12_bits, said), LIMITS).picture, written())


def test_whole_numbers_without_a_sign_use_all_32_bits() -> None:
    values = (written().astype(np.uint32) << 24).view(np.int32)
    picture = decode(tagged(values, {SAMPLE_FORMAT: 1}), LIMITS).picture
    assert np.abs(picture.astype(int) - written()).max() <= 1
    with pytest.raises(UnreadableError, match="the image holds values from -"):
        decode(tagged(values, {}), LIMITS)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("seed", range(5))
def test_blank_paper_with_a_faint_crease_has_no_ink(bits: int, seed: int) -> None:
    values = creased(paper=0.9, crease=-0.015, noise=0.002, seed=seed)
    deep = np.rint(values * (2**bits - 1)).astype(np.uint16)
    for kind in ("PNG", "TIFF"):
        assert not find_ink(decoded(Image.fromarray(deep), kind).picture).strength.any()


@pytest.mark.parametrize("seed", range(5))
def test_blank_paper_scanned_dark_has_no_ink(seed: int) -> None:
    values = np.rint(creased(paper=0.03, crease=0.01, noise=0.001, seed=seed) * 65_535).astype(np.uint16)
    assert not find_ink(decoded(Image.fromarray(values), "PNG").picture).strength.any()
    assert not find_ink(decoded(Image.fromarray(values.astype(np.float32)), "TIFF").picture).strength.any()
    clipped = np.where(values > 2_300, values - 2_000, 0).astype(np.uint16)  # pure white but for the crease
    assert not find_ink(decode(tagged(clipped, MIN_IS_WHITE), LIMITS).picture).strength.any()


@pytest.mark.parametrize("values", [(-1.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_values_that_are_no_shades_are_refused(values: tuple[float, float]) -> None:
    picture = np.full((40, 60), values[1], np.float32)
    picture[10:20] = values[0]
    with pytest.raises(UnreadableError, match="the image holds values"):
        decoded(Image.fromarray(picture), "TIFF")


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_mask_of_0_and_1_is_black_and_white(kind: str, channels: int) -> None:
    mask = (written() < 100).astype(np.uint8)
    picture = decoded(Image.fromarray(mask if channels == 1 else np.dstack([mask] * 3)), kind).picture
    assert np.array_equal(np.atleast_3d(picture)[:, :, 0], mask * 255)
    assert np.array_equal(decoded(Image.fromarray(mask.astype(np.uint16)), "PNG").picture, mask * 255)


def test_what_is_nearly_black_in_a_jpeg_is_no_mask() -> None:
    picture = np.zeros((40, 60), np.uint8)
    picture[16:24, 16:24] = 1
    assert decoded(Image.fromarray(picture), "JPEG", quality=100).picture.max() <= 2
    assert not decoded(Image.fromarray(np.zeros((40, 60), np.uint8)), "PNG").picture.any()
