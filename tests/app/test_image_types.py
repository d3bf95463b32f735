"""Which files are images that are read, and what senders of others are told."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from app.decoding.image_types import is_image
from app.errors import TooLargeError, UnreadableError, UnsupportedTypeError
from app.images import Limits, decode
from tests.app.encoding import LIMITS, decoded, encoded, written


def boxed(*brands: bytes) -> bytes:
    """Return the beginning of an ISO base media file of these brands."""
    return struct.pack(">I", 12 + 4 * len(brands)) + b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:]) + bytes(100)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (boxed(b"heic", b"mif1", b"heic"), "HEIC image is not read: send it as JPEG"),
        (boxed(b"mif1", b"heic"), "HEIC image is not read: send it as JPEG"),
        (boxed(b"isom", b"mp42"), "unsupported image type"),
        (b"%PDF-1.7\n", "a PDF is not read: send each page as an image"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50), "a JPEG 2000 image is not read"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing is not read"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a digit -->\n<svg/>', "an SVG drawing is not read"),
        (b"hello", "the 5 bytes sent are of an unsupported image type"),
        (b"RIFF\0\0\0\0WAVE", "unsupported image type"),
        (b"\0\0\0\xffftyp", "unsupported image type"),
        (b"", "the 0 bytes"),
    ],
)
def test_what_is_no_image_is_told_what_to_send(content: bytes, told: str) -> None:
    assert not is_image(content)
    with pytest.raises(UnsupportedTypeError, match=told):
        decode(content, LIMITS)


def test_what_phones_write_as_jpeg_is_one_and_may_have_as_many_pixels() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = Image.fromarray(written(240, 400))
    content = encoded(photo, "MPO", save_all=True, append_images=[Image.new("L", (40, 30))], exif=exif)
    assert Image.open(io.BytesIO(content)).format == "MPO"
    found = decode(content, Limits(pixels=1_000, jpeg_pixels=100_000))
    assert (found.width, found.height) == (240, 400)
    assert np.abs(np.atleast_3d(found.picture)[:, :, 0].astype(int) - np.rot90(written(240, 400), -1)).mean() < 2
    with pytest.raises(TooLargeError, match="the limit is 1000"):
        decode(encoded(photo, "PNG"), Limits(pixels=1_000, jpeg_pixels=100_000))


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_is_read_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = decoded(Image.fromarray(written()).convert("RGB"), "AVIF", exif=exif, quality=90)
    assert (found.width, found.height) == (48, 120)
    assert np.abs(found.picture[:, :, 0].astype(int) - np.rot90(written(), -1)).mean() < 4


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_an_avif_that_says_it_is_small_is_refused_before_its_large_frames_are_decoded() -> None:
    for mode in ("RGB", "RGBA"):
        content = bytearray(encoded(Image.new(mode, (200, 100)), "AVIF"))
        assert decode(bytes(content), Limits(20_000, 1)).picture.shape == (100, 200, 3)
        with pytest.raises(TooLargeError, match="200 × 100 pixels; the limit is 19999"):
            decode(bytes(content), Limits(19_999, 1))
        at = content.index(b"ispe") + 8
        content[at : at + 8] = struct.pack(">II", 20, 10)
        with pytest.raises(TooLargeError, match=f"have {20_000 * (len(mode) - 2)} pixels; the limit is 1998"):
            decode(bytes(content), Limits(999, 1))


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_an_avif_that_is_no_still_image_is_refused() -> None:
    frames = encoded(
        Image.new("RGB", (20, 10)), "AVIF", save_all=True, append_images=[Image.new("RGB", (20, 10), "red")]
    )
    with pytest.raises(UnreadableError, match="expected a still image"):
        decode(frames, LIMITS)
    still = encoded(Image.new("RGB", (20, 10)), "AVIF")
    for part in (b"iinf", b"iloc", b"av01"):
        with pytest.raises(UnreadableError):
            decode(still.replace(part, b"none", 1), LIMITS)


@pytest.mark.parametrize(("kind", "end"), [("PNG", 12), ("GIF", 1)])
def test_what_misses_no_pixel_is_read_without_its_end(kind: str, end: int) -> None:
    content = encoded(Image.fromarray(written()), kind)
    assert np.array_equal(np.atleast_3d(decode(content[:-end], LIMITS).picture)[:, :, 0], written())
    with pytest.raises(UnreadableError):
        decode(content[: len(content) // 2], LIMITS)


GREY = Image.fromarray(written())
RGB = GREY.convert("RGB")
LIGHTNESS = Image.merge("LAB", (GREY, Image.new("L", GREY.size), Image.new("L", GREY.size)))
FRAMES: dict[str, Any] = {"save_all": True, "append_images": [Image.new("RGB", RGB.size)] * 2}
STORED = {
    "the first of GIF's frames": encoded(RGB, "GIF", **FRAMES),
    "the first of PNG's frames": encoded(RGB, "PNG", **FRAMES),
    "the first of WebP's frames": encoded(RGB, "WEBP", lossless=True, **FRAMES),
    "the first of TIFF's pages": encoded(RGB, "TIFF", **FRAMES),
    "CMYK in JPEG": encoded(RGB.convert("CMYK"), "JPEG", quality=95),
    "CMYK in TIFF": encoded(RGB.convert("CMYK"), "TIFF"),
    "YCbCr in TIFF": encoded(RGB.convert("YCbCr"), "TIFF"),
    "LAB in TIFF": encoded(LIGHTNESS, "TIFF"),
    "BigTIFF": encoded(GREY, "TIFF", big_tiff=True),
    "a palette in PNG": encoded(RGB.quantize(8), "PNG"),
    "a palette in GIF": encoded(RGB.quantize(8), "GIF"),
    "a palette in BMP": encoded(RGB.quantize(8), "BMP"),
    "a palette in TIFF": encoded(RGB.quantize(8), "TIFF"),
    "a colour that is transparent": encoded(GREY, "PNG", transparency=255),
}


@pytest.mark.parametrize("name", STORED)
def test_each_way_of_storing_a_picture_is_seen_as_a_viewer_shows_it(name: str) -> None:
    picture = np.atleast_3d(decode(STORED[name], LIMITS).picture).astype(int)
    assert np.abs(picture - written()[:, :, None]).mean() < 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_a_cut_out_is_on_white(kind: str) -> None:
    paper = written() == 235
    cut_out = np.dstack(
        [np.where(paper, 255, written()), *[np.where(paper, 0, written())] * 2, np.where(paper, 0, 255)]
    )
    picture = decoded(Image.fromarray(cut_out.astype(np.uint8)), kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert np.array_equal(picture.picture, np.dstack([np.where(paper, 255, written())] * 3))
