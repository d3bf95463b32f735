"""Bytes -> upright picture, with every limit on what is accepted. Untrusted bytes are decoded here and nowhere else."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import TooLargeError, UnreadableError, UnsupportedTypeError

# The limit is ours, checked before anything is decoded; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
EXPECTED = "expected a PNG, JPEG, WebP, TIFF, BMP or GIF image"
# The first bytes of each type; WebP's come after the RIFF length.
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"GIF87a", b"GIF89a")
# Pictures are reduced to about this many pixels: the reader averages larger ones anyway.
WORKING_PIXELS = 4_000_000
# What Pillow's decoders raise on broken bytes.
BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Decoded:
    """A picture (H, W) or (H, W, 3), 0 to 255, and the size, in pixels, of the image that it was decoded from."""

    picture: NDArray[Any]
    width: int
    height: int


@dataclass(frozen=True)
class Limits:
    """The most pixels that a picture may have; a JPEG may have more, since it is decoded at reduced size."""

    pixels: int
    jpeg_pixels: int


def is_image(content: bytes) -> bool:
    """Return whether `content` begins like one of the image types."""
    return content.startswith(SIGNATURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def decode(content: bytes, limits: Limits) -> Decoded:
    """Return the upright picture in `content`: uint8, (H, W) if it has no colour, else (H, W, 3) RGB.

    Transparent areas become paper. Raises the same errors as `opened` and `Opened.decoded`.
    """
    return opened(content, limits).decoded()


def opened(content: bytes, limits: Limits) -> "Opened":
    """Return the image in `content` with only its header read.

    Raises UnsupportedTypeError for bytes of another type, TooLargeError over the pixel limit, UnreadableError where the
    header is broken.
    """
    if not is_image(content):
        raise UnsupportedTypeError(f"the {len(content)} bytes sent are of an unsupported image type; {EXPECTED}")
    with _told_when_broken():
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        most = limits.jpeg_pixels if image.format == "JPEG" else limits.pixels
        if image.width * image.height > most:
            raise TooLargeError(f"the picture has {image.width} × {image.height} pixels; the limit is {most}")
        return Opened(image)


class Opened:
    """An image whose header has been read, but whose pixels have not."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self.width, self.height = image.size

    @property
    def pixels(self) -> int:
        """The number of its pixels."""
        return self.width * self.height

    def decoded(self) -> Decoded:
        """Return the upright picture; can be called once. Raises UnreadableError where it is truncated or broken."""
        with _told_when_broken(), self._image as image:
            orientation = image.getexif().get(0x0112, 1) if image.format != "GIF" else 1
            if image.format == "JPEG":
                image.draft(None, _working_size((self.width, self.height)))
            picture = np.asarray(_upright(_reduced(image), orientation))
        turned = orientation in (5, 6, 7, 8)
        return Decoded(picture, self.height if turned else self.width, self.width if turned else self.height)


@contextmanager
def _told_when_broken() -> Iterator[None]:
    """Turn whatever a decoder raises on broken bytes into UnreadableError."""
    try:
        yield
    except UnidentifiedImageError as error:
        raise UnreadableError(f"the image is broken: its header does not decode; {EXPECTED}") from error
    except BROKEN as error:
        raise UnreadableError(f"the image is truncated or broken: {str(error)[:100]}; {EXPECTED}") from error


def _working_size(size: tuple[int, int]) -> tuple[int, int]:
    shrink = max(1.0, (size[0] * size[1] / WORKING_PIXELS) ** 0.5)
    return max(1, round(size[0] / shrink)), max(1, round(size[1] / shrink))


def _reduced(image: Image.Image) -> Image.Image:
    """Return `image` as grey or RGB, reduced to about `WORKING_PIXELS` at most."""
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        image = _eight_bits(image)
    colourless = image.mode in ("1", "L", "LA", "La")
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode == "1":
        image = image.convert("L")
    factor = max(1, int((image.width * image.height / WORKING_PIXELS) ** 0.5))
    if factor > 1:
        image = image.reduce(factor)
    if image.mode == "RGBA":
        image = _on_paper(image)
    return image.convert("L" if colourless else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of more than 8 bits per pixel with its range of values spread over 0 to 255."""
    values = np.asarray(image).astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise UnreadableError("the image holds values that are not finite; expected finite numbers")
    # A blank picture has no range: its last bit must not become ink.
    span = max(high - low, 1e-6 if image.mode == "F" else 1.0)
    return Image.fromarray(np.rint((values - low) * (255 / span)).astype(np.uint8))


def _on_paper(image: Image.Image) -> Image.Image:
    """Return a transparent picture on white, or on black if its visible part is light, so that ink never vanishes."""
    pixels = np.asarray(image, np.float32)
    alpha = pixels[:, :, 3]
    if alpha.min() == 255:
        return image
    lightness = (pixels[:, :, :3].mean(axis=2) * alpha).sum() / max(float(alpha.sum()), 1.0)
    paper = Image.new("RGBA", image.size, "black" if lightness > 127 else "white")
    return Image.alpha_composite(paper, image)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` turned as the EXIF `orientation` says (1 to 8; any other value changes nothing)."""
    if not 2 <= orientation <= 8:
        return image
    image.getexif()[0x0112] = orientation
    turned = ImageOps.exif_transpose(image)
    return turned if turned is not None else image
