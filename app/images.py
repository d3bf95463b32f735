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
from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from app.decoding import cut_jpegs, image_geometry
from app.decoding.avif_frames import frame_pixels
from app.decoding.image_types import EXPECTED, FORMATS, JPEGS, LOSSLESS, is_image, unsupported
from app.decoding.jpeg_scans import MOST_SCANS, scans
from app.decoding.reduced_pixels import WORKING_PIXELS, reduced, working_size
from app.errors import TooLargeError, UnreadableError, UnsupportedTypeError
from model.types import WHITE

# The limit is ours, checked before anything is decoded; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None
# How many threads compute is the service's choice.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# What it has to say of broken files would let clients fill the log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

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
    """A picture (H, W) or (H, W, 3), 0 to 255, and the size, in pixels, of the image that it was decoded from.

    Both lie the same way up, but a picture may be smaller, and has square pixels where the image has not.
    """

    picture: NDArray[Any]
    width: int
    height: int


@dataclass(frozen=True)
class Limits:
    """The most pixels that a picture may have; a JPEG may have more, since it is decoded at reduced size."""

    pixels: int
    jpeg_pixels: int


def full_range(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return `pixels`, 0 to 255, of a picture whose values may be 0 to 1 instead: where none is greater, they are."""
    return pixels * pixels.dtype.type(WHITE) if pixels.max() <= 1 else pixels


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
        raise UnsupportedTypeError(unsupported(content))
    with _told_when_broken():
        image = _open(content)
        most = limits.jpeg_pixels if image.format in JPEGS else limits.pixels
        if image.width * image.height > most:
            raise TooLargeError(f"the picture has {image.width} × {image.height} pixels; the limit is {most}")
        if image.format == "AVIF" and (coded := frame_pixels(content)) > 2 * most:  # once more for what is transparent
            raise TooLargeError(f"the frames of the AVIF image have {coded} pixels; the limit is {2 * most}")
        if image.info.get("progressive") and len(scans(content)) > MOST_SCANS:
            raise UnreadableError(f"the JPEG is stored in more than {MOST_SCANS} scans; expected about ten")
        return Opened(image, content)


class Opened:
    """An image whose header has been read, but whose pixels have not."""

    def __init__(self, image: Image.Image, content: bytes) -> None:
        self._image, self._content = image, content
        self.width, self.height = image.size

    @property
    def pixels(self) -> int:
        """The number of its pixels."""
        return self.width * self.height

    def decoded(self) -> Decoded:
        """Return the upright picture; can be called once. Raises UnreadableError where it is truncated or broken."""
        image = self._image
        with _told_when_broken(), closing(image):  # also gives back the memory of its pixels
            tags = image_geometry.tags_of(image)
            orientation, aspect = image_geometry.orientation_of(tags), image_geometry.aspect_of(image.info, tags)
            sideways = image_geometry.is_sideways(orientation)
            width, height = image.size
            picture = _pixels(image, self._content)
            if image.format == "TIFF":  # Pillow turns it as it loads
                width, height = image.size
            else:
                picture = image_geometry.upright(picture, orientation)
                width, height = (height, width) if sideways else (width, height)
            picture = image_geometry.square(picture, 1 / aspect if sideways else aspect, WORKING_PIXELS)
            pixels = np.asarray(picture)
            # What a lossy coder leaves of black is no mask.
            return Decoded(full_range(pixels) if image.format in LOSSLESS else pixels, width, height)


@contextmanager
def _told_when_broken() -> Iterator[None]:
    """Turn whatever a decoder raises on broken bytes into UnreadableError."""
    try:
        yield
    except UnidentifiedImageError as error:
        raise UnreadableError(f"the image is broken: its header does not decode; {EXPECTED}") from error
    except BROKEN as error:
        raise UnreadableError(f"the image is truncated or broken: {str(error)[:100]}; {EXPECTED}") from error


def _open(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=FORMATS)


def _pixels(image: Image.Image, content: bytes) -> Image.Image:
    """Return the pixels of `image`, which was opened from `content`, as `reduced` does."""
    if image.format not in JPEGS:
        image.load()
        return reduced(image)
    width = image.width
    try:
        return _jpeg_pixels(image)
    except OSError:  # truncated
        if (mended := cut_jpegs.mended(content, width, lambda whole: _jpeg_pixels(_open(whole)))) is None:
            raise
        return mended


def _jpeg_pixels(image: Image.Image) -> Image.Image:
    image.draft(None, working_size(image.size))
    image.load()
    picture = reduced(image)
    if picture is not image:
        image.close()  # gives back the memory of its pixels
    return picture
