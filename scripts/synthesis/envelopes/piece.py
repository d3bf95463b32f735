"""A labelled picture of a mail piece."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from synthesis.envelopes.line import Points

Writing = Literal["pen", "print"]


@dataclass(frozen=True)
class Piece:
    """picture: (H, W, 3) uint8. code: the addressee's, its digits alone; empty where there is none.

    quad: the corners (4, 2) of the tight rectangle round it, clockwise from the upper left of its first digit, in
    pixels; None without a code. sender_code, sender_quad: the same of the sender. note: what is special.
    quality: of the JPEG that the picture should be kept as.
    """

    picture: NDArray[np.uint8]
    code: str
    country: str
    quad: Points | None
    writing: Writing
    view: Literal["scan", "photo"]
    sender_code: str
    sender_quad: Points | None
    note: str
    quality: int

    @property
    def angle(self) -> float | None:
        """By how many degrees clockwise the code lies, -180 to 180."""
        if self.quad is None:
            return None
        across, down = self.quad[1] - self.quad[0]
        return float(np.degrees(np.arctan2(down, across)))
