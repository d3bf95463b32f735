"""Bytes -> upright picture, with every limit on what is accepted. Untrusted bytes are decoded here and nowhere else."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import TooLargeError, UnreadableError, UnsupportedTypeError

# The limit is ours, checked before anything is decoded; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None
# What it has to say of broken files would let clients fill the log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
EXPECTED = "expected a PNG, JPEG, WebP, TIFF, BMP or GIF image"
# The first bytes of each type; WebP's come after the RIFF length.
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"GIF87a", b"GIF89a")
# Pictures are reduced to about this many pixels: the reader averages larger ones anyway.
WORKING_PIXELS = 4_000_000
BAND_PIXELS = 500_000  # of which a picture is reduced at once
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
        image = self._image
        with _told_when_broken(), closing(image):  # also gives back the memory of its pixels
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
    """Return `image`, grey or RGB, of about `WORKING_PIXELS` at most.

    A band of rows at a time: Pillow lets no other thread run while it converts, and a copy of the whole takes memory.
    """
    image.load()
    shades = _range(image) if image.mode in ("F", "I") or image.mode.startswith("I;16") else None
    mode = "L" if image.mode in ("1", "L", "LA", "La") or shades is not None else "RGB"
    factor = max(1, int((image.width * image.height / WORKING_PIXELS) ** 0.5))
    bands = [_reduced_band(band, factor, shades) for band in _bands(image, factor)]
    if bands[0].mode == "RGBA":
        bands = _on_paper(bands)
    bands = [band.convert(mode) for band in bands]
    whole = bands[0]
    if len(bands) > 1:
        whole = Image.new(mode, (whole.width, sum(band.height for band in bands)))
        top = 0
        for band in bands:
            whole.paste(band, (0, top))
            top += band.height
    return whole


def _bands(image: Image.Image, factor: int) -> Iterator[Image.Image]:
    """Yield the rows of `image` in bands, each of a height that `factor` divides, but for the last."""
    rows = max(1, BAND_PIXELS // (image.width * factor)) * factor
    if rows >= image.height:
        yield image
        return
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _reduced_band(band: Image.Image, factor: int, shades: tuple[float, float] | None) -> Image.Image:
    """Return `band`, L, RGB or RGBA, with `factor` times fewer pixels each way."""
    if shades is not None:
        band = _eight_bits(band, *shades)
    if band.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in band.info:
        band = band.convert("RGBA")
    elif band.mode == "1":
        band = band.convert("L")
    return band.reduce(factor) if factor > 1 else band


def _range(image: Image.Image) -> tuple[float, float]:
    """Return the lowest value in a picture of more than 8 bits a pixel, and how far the highest lies above it."""
    extremes = [(values.min(), values.max()) for values in map(_values, _bands(image, 1))]
    low, high = float(np.min(extremes)), float(np.max(extremes))
    if not (np.isfinite(low) and np.isfinite(high)):
        raise UnreadableError("the image holds values that are not finite; expected numbers")
    # A blank picture has no range: it must not turn its last bit into ink.
    return low, max(high - low, 1e-6 if image.mode == "F" else 1.0)


def _values(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image).astype(np.float32)


def _eight_bits(image: Image.Image, low: float, span: float) -> Image.Image:
    """Return a picture of more than 8 bits a pixel with the range of the whole spread over 0 to 255."""
    return Image.fromarray(np.rint((_values(image) - low) * (255 / span)).astype(np.uint8))


def _on_paper(bands: list[Image.Image]) -> list[Image.Image]:
    """Return a transparent picture on white; on black where what is visible is light, so that ink never vanishes."""
    visible = light = 0.0
    opaque = True
    for pixels in map(np.asarray, bands):
        alpha = pixels[:, :, 3]
        opaque = opaque and alpha.min() == 255
        visible += float(alpha.sum(dtype=np.float64))
        light += float((pixels[:, :, :3].mean(axis=2, dtype=np.float32) * alpha).sum(dtype=np.float64))
    if opaque:
        return bands
    paper = "black" if light / max(visible, 1.0) > 127 else "white"
    return [Image.alpha_composite(Image.new("RGBA", band.size, paper), band) for band in bands]


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` turned as the EXIF `orientation` says (1 to 8; any other value changes nothing)."""
    if not 2 <= orientation <= 8:
        return image
    image.getexif()[0x0112] = orientation
    turned = ImageOps.exif_transpose(image)
    return turned if turned is not None else image
