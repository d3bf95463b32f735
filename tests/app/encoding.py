"""Pictures of the tests as files, and files as the service decodes them."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.images import Decoded, Limits, decode

LIMITS = Limits(1_000_000, 1_000_000)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return `image` as a file of the type `kind`."""
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def decoded(image: Image.Image, kind: str, **options: Any) -> Decoded:
    """Return what the service makes of `image` in a file of the type `kind`."""
    return decode(encoded(image, kind, **options), LIMITS)


def written(height: int = 48, width: int = 120) -> NDArray[np.uint8]:
    """Return dark strokes on light paper, (height, width), that look like no turned or mirrored form of themselves."""
    pixels = np.full((height, width), 235, np.uint8)
    pixels[height // 6 : height // 2, width // 8 : width // 4] = 30
    pixels[height // 2 : -height // 6, width // 3 : -width // 4] = 90
    return pixels
