"""What a client sent as a picture, and how it becomes one."""

from dataclasses import dataclass

import numpy as np

from app import images
from app.base64_text import Base64Text
from app.errors import ServiceError
from app.images import Decoded, Limits
from model.types import SIDE

Sent = bytes | Decoded | Base64Text
"""An image's bytes, or their base64, both still to be decoded; or its pixels."""


@dataclass(frozen=True)
class Raw784:
    """784 bytes sent as application/octet-stream: an image if they decode as one, otherwise 28 × 28 pixels."""

    content: bytes

    def decoded(self, limits: Limits) -> Decoded:
        """Return the image, or else the digit whose pixels these are: pixels may begin with `BM` too."""
        try:
            return images.decode(self.content, limits)
        except ServiceError:
            pixels = images.full_range(np.frombuffer(self.content, np.uint8))
            return Decoded(pixels.reshape(SIDE, SIDE), SIDE, SIDE)


def sent_bytes(sent: bytes | Decoded | Raw784) -> bytes:
    """Return the bytes of a picture as it was sent: by them, it is the same one again.

    Of pixels in JSON, they are those of the 784 values: a byte each where all are whole, else a float32.
    """
    if isinstance(sent, bytes):
        return sent
    if isinstance(sent, Raw784):
        return sent.content
    whole = sent.picture.astype(np.uint8)
    return (whole if np.array_equal(whole, sent.picture) else sent.picture.astype("<f4")).tobytes()
