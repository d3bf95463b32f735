"""JPEGs that lost their end are read where they show every row; those cut in the middle are refused."""

import numpy as np
import pytest
from PIL import Image

from app.decoding.jpeg_scans import MOST_SCANS
from app.errors import ServiceError, UnreadableError
from app.images import Limits, decode
from tests.app.encoding import encoded

LIMITS = Limits(1_000_000, 1_000_000)
KINDS = [
    {"quality": quality, "progressive": progressive, "subsampling": subsampling}
    for quality in (40, 90)
    for progressive in (False, True)
    for subsampling in (0, 2)
]


def noisy(seed: int, colour: bool) -> Image.Image:
    """Return strokes on paper, of a size that no multiple of 8 need be."""
    random = np.random.default_rng(seed)
    height, width = random.integers(28, 150), random.integers(60, 300)
    pixels = random.normal(230, 4, (height, width))
    for left in range(10, width - 20, 30):
        pixels[height // 5 : -height // 5, left : left + 6] = 40
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return image.convert("RGB") if colour else image


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("colour", [False, True])
def test_a_jpeg_without_its_end_is_read_as_with_it(options: dict[str, int], colour: bool) -> None:
    for seed in range(3):
        content = encoded(noisy(seed, colour), "JPEG", **options)
        whole = decode(content, LIMITS)
        for lost in (1, 2):
            found = decode(content[:-lost], LIMITS)
            assert np.array_equal(found.picture, whole.picture)
            assert (found.width, found.height) == (whole.width, whole.height)


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_jpeg_without_its_last_block_has_paper_in_its_place_or_is_refused(options: dict[str, int]) -> None:
    read = 0
    for seed in range(6):
        content = encoded(noisy(seed, colour=True), "JPEG", **options)
        whole = decode(content, LIMITS).picture.astype(int)
        try:
            found = decode(content[:-4], LIMITS).picture
        except UnreadableError:
            continue
        read += 1
        assert (np.abs(found - whole).max(axis=2) > 40).mean() < 0.01
    assert read >= (1 if options["progressive"] else 6)


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_jpeg_cut_in_the_middle_is_refused(options: dict[str, int]) -> None:
    random = np.random.default_rng(0)
    for seed in range(2):
        content = encoded(noisy(seed, colour=True), "JPEG", **options)
        for share in random.uniform(0.03, 0.9, 8):
            with pytest.raises(ServiceError):
                decode(content[: int(share * len(content))], LIMITS)


def test_a_jpeg_of_many_scans_is_refused_before_it_is_decoded() -> None:
    content = encoded(Image.new("L", (900, 900), 255), "JPEG", progressive=True)
    first = content.index(b"\xff\xda", content.index(b"\xff\xda") + 1)
    end = content.index(b"\xff", content.index(b"\xff\xda", first) + 2)
    assert decode(content, LIMITS).picture.shape == (900, 900)
    with pytest.raises(UnreadableError, match=f"more than {MOST_SCANS} scans"):
        decode(content[:end] + content[first:end] * MOST_SCANS + content[end:], LIMITS)


def test_a_cut_jpeg_with_a_thumbnail_is_told_by_its_own_scans() -> None:
    thumbnail = encoded(Image.new("RGB", (16, 16)), "JPEG")
    content = encoded(noisy(0, colour=True), "JPEG", progressive=True, comment=thumbnail)
    assert thumbnail in content
    whole = decode(content, LIMITS).picture
    assert np.array_equal(decode(content[:-2], LIMITS).picture, whole)
    last = content.rindex(b"\xff\xda")
    with pytest.raises(UnreadableError):
        decode(content[:last], LIMITS)
