"""The pixels of an image as it is stored -> 8 bits, grey or RGB, on paper, and not many more than the reader needs."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from app.decoding import deep_pixels
from app.decoding.deep_pixels import Shades

WORKING_PIXELS = 4_000_000
"""Pictures are reduced to about this many: the reader averages larger ones anyway."""
BAND_PIXELS = 500_000  # of which a picture is reduced at once


def working_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return `size`, made smaller to about `WORKING_PIXELS` where it is larger."""
    shrink = max(1.0, (size[0] * size[1] / WORKING_PIXELS) ** 0.5)
    return max(1, round(size[0] / shrink)), max(1, round(size[1] / shrink))


def reduced(image: Image.Image) -> Image.Image:
    """Return a loaded `image`, grey (L) or RGB, of about `WORKING_PIXELS` at most; transparent areas become paper.

    That is the image itself where nothing is to be done.
    A band of rows at a time: Pillow lets no other thread run while it converts, and a copy of the whole takes memory.
    Raises UnreadableError where its values are no shades.
    """
    shades = deep_pixels.shades_of(image, _bands(image, 1)) if deep_pixels.is_deep(image) else None
    mode = "L" if image.mode in ("1", "L", "LA", "La", "LAB") or shades is not None else "RGB"
    factor = max(1, int((image.width * image.height / WORKING_PIXELS) ** 0.5))
    bands = [_reduced_band(band, factor, shades) for band in _bands(image, factor)]
    if bands[0].mode == "RGBA":
        bands = _on_paper(bands)
    bands = [band if band.mode == mode else band.convert(mode) for band in bands]
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


def _reduced_band(band: Image.Image, factor: int, shades: Shades | None) -> Image.Image:
    """Return `band`, L, RGB or RGBA, with `factor` times fewer pixels each way."""
    if shades is not None:
        band = shades.eight_bits(band)
    if band.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in band.info:
        band = band.convert("RGBA")
    elif band.mode == "1":
        band = band.convert("L")
    elif band.mode == "LAB":
        band = band.getchannel("L")  # its lightness: Pillow converts no more without a profile
    return band.reduce(factor) if factor > 1 else band


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
