"""JPEGs whose last bytes got lost on the way: whole pictures to a viewer, an error to a decoder."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageStat

from app.decoding.jpeg_scans import are_all, scans

_END = b"\xff\xd9"
_ROW_BYTES = 32  # for each pixel of width: what stands in for lost bytes must reach over a row of blocks at least
_MOST_LOST = 0.05  # of the picture


def mended(content: bytes, width: int, decoded: Callable[[bytes], Image.Image]) -> Image.Image | None:
    """Return the picture of a JPEG without its end, paper where its last blocks are lost; None where rows are lost.

    Whatever follows the bytes that are there, a decoder makes some picture of it. So it is decoded twice, once with
    nothing and once with noise in place of what is lost: where both agree, nothing is. A row of blocks whose first half
    is there counts as there. A progressive JPEG shows all rows long before its end, so each scan must be there too.
    content: the JPEG. width: in pixels. decoded: decodes a JPEG that has an end.
    """
    if not are_all(scans(content)):
        return None
    content = content.removesuffix(_END[:1])
    noise = np.random.default_rng(0).integers(0, 255, _ROW_BYTES * width, np.uint8).tobytes()  # no 255: no marker
    picture = decoded(content + _END)
    lost = ImageChops.difference(picture, decoded(content + noise + _END)).getbbox()
    if lost is None:
        return picture
    left, top, right, bottom = lost
    if left < picture.width // 2 or (right - left) * (bottom - top) > _MOST_LOST * picture.width * picture.height:
        return None
    paper = tuple(map(int, ImageStat.Stat(picture).median))
    picture.paste(paper if len(paper) > 1 else paper[0], lost)
    return picture
