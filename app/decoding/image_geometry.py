"""How a stored image is to be looked at: which way up, and how wide its pixels are. Both stand in its tags."""

from collections.abc import Mapping
from typing import Any

from PIL import Image

Tags = Mapping[int, Any]
"""Values by the numbers that EXIF gives them."""

ORIENTATION, X_RESOLUTION, Y_RESOLUTION = 0x0112, 0x011A, 0x011B
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
# Faxes have 204 × 98 or 204 × 391 pixels an inch. Less than the least distorts no digit, and nothing makes more than
# the most: such tags are mistakes.
_LEAST_ASPECT, _MOST_ASPECT = 1.2, 4.0


def tags_of(image: Image.Image) -> Tags:
    """Return the EXIF tags of an opened image, and of a TIFF its own; a GIF has none."""
    return image.getexif() if image.format != "GIF" else {}


def orientation_of(tags: Tags) -> int:
    """Return the orientation that the `tags` name, 1 to 8; 1 unless they do."""
    found = tags.get(ORIENTATION, 1)
    return found if found in _TURNS else 1


def is_sideways(orientation: int) -> bool:
    """Return whether an image of this orientation lies on its side."""
    return orientation in _SIDEWAYS


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` turned as its EXIF `orientation` says."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def aspect_of(info: Mapping[str | tuple[int, int], Any], tags: Tags) -> float:
    """Return how high an image's stored pixels are for their width by its `info` and `tags`; 1 unless believable."""
    said = [info[name] for name in ("jfif_density", "aspect", "resolution", "dpi") if name in info]
    if X_RESOLUTION in tags:
        # Before `dpi`, which Pillow takes from the horizontal one alone.
        said.insert(0, (tags[X_RESOLUTION], tags.get(Y_RESOLUTION)))
    for aspect in map(_aspect, said):
        if _LEAST_ASPECT <= max(aspect, 1 / aspect) <= _MOST_ASPECT:
            return aspect
    return 1.0


def _aspect(densities: Any) -> float:
    """Return a pixel's height for its width, given how many lie in a unit across and down; 1 where that is unknown."""
    try:
        across, down = map(float, densities)
        return across / down if across > 0 and down > 0 else 1.0
    except (TypeError, ValueError, ArithmeticError):
        return 1.0


def square(image: Image.Image, aspect: float, most: int) -> Image.Image:
    """Return `image`, whose pixels are `aspect` times as high as wide, with square pixels.

    It grows along its coarse side; where that would make more than `most` pixels, its fine side shrinks.
    """
    if aspect == 1:
        return image
    width, height = image.size
    higher, narrower = (width, max(1, round(height * aspect))), (max(1, round(width / aspect)), height)
    larger, smaller = (higher, narrower) if aspect > 1 else (narrower, higher)
    return image.resize(larger if larger[0] * larger[1] <= most else smaller, Image.Resampling.BILINEAR)
