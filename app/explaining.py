"""What led to a reading -> the `explanation` of an answer: pictures of the stages, small enough to send."""

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.seen import Seen
from model.strips.reading import StripReading
from model.types import WHITE, InkMap

STAGE_SIDE = 640
"""Pixels of a stage's longer side: larger ones are reduced. As base64, a stage takes half a megabyte at most."""
MOST_FRAMES = 400
"""Frames of a network that are sent: more than any postal code has."""
_PLACES = 4  # of a chance, after the point


def explanation(seen: Seen | None) -> dict[str, Any]:
    """Return the explanation of a reading that was made from what is `seen`, in the shape of `schemas.Explanation`.

    Where nothing is, it has no stages.
    """
    if seen is None:
        return {"stages": [], "digits": [], "frames": None}
    strip = seen.source if isinstance(seen.source, StripReading) else None
    return {
        "stages": [_stage(name, strength) for name, strength in _stages(seen, strip)],
        "digits": [None if image is None else _png(_grey(image)) for image in seen.digits],
        "frames": None if strip is None else _frames(strip.look.log_chances),
    }


def _stages(seen: Seen, strip: StripReading | None) -> list[tuple[str, InkMap]]:
    """Return the stages with their names, in order, without those that change nothing."""
    if seen.ink is None or seen.inside is None or seen.unlined is None:  # already an image for the network
        return [("ink", image) for image in seen.digits if image is not None]
    stages = [("ink", seen.ink.strength)]
    for name, strength in (("unringed", seen.inside.strength), ("unlined", seen.unlined)):
        if not np.array_equal(stages[-1][1], strength):
            stages.append((name, strength))
    return stages if strip is None else [*stages, ("line", strip.line.strength), ("band", strip.look.band.image)]


def _stage(name: str, strength: InkMap) -> dict[str, Any]:
    """Return the stage in which this is the ink (H, W): dark on light."""
    picture = Image.fromarray(WHITE - _grey(strength))
    picture = picture.reduce(-(-max(picture.size) // STAGE_SIDE))
    return {"name": name, "image": _png(np.asarray(picture)), "width": picture.width, "height": picture.height}


def _frames(log_chances: NDArray[np.float64]) -> list[list[float]] | None:
    """Return each frame's chances (T, 11); None where there are too many frames to send."""
    return None if len(log_chances) > MOST_FRAMES else np.exp(log_chances).round(_PLACES).tolist()


def _grey(strength: InkMap) -> NDArray[np.uint8]:
    return np.asarray(np.clip(strength, 0, 1) * WHITE + 0.5, np.uint8)


def _png(grey: NDArray[np.uint8]) -> str:
    content = io.BytesIO()
    Image.fromarray(grey).save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
