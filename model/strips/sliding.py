"""The network that slides over a line: the digit network's convolutions, with its last layer as one more convolution.

A frame is a window of a digit's width. For each frame, the network says which digit stands in its middle, or none.
Source: Matan, Burges, LeCun and Denker 1992, "Multi-digit recognition using a space displacement neural network".
"""

import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model import artifact
from model.arrays import ArtifactError
from model.artifact import Artifact
from model.engine.ctc import TemporalClassification
from model.engine.functions import log_softmax
from model.engine.network import Network
from model.shipped import STRIPS
from model.strips.band import Band
from model.types import CLASSES, SIDE, InkMap

BLANK = CLASSES
STRIDE = 2
"""Columns of a band from one frame to the next."""
MOST_AT_ONCE = 320 + SIDE - STRIDE
"""Columns of a band that are looked at together. A wider one is looked at in parts, so that the memory that a network
takes is that for this width. A part begins 320 columns, a multiple of what all widths are multiples of, after the last.
"""


class SlidingNetwork:
    """A network that reads bands. Threads may share it. `artifact` is what it was loaded from."""

    def __init__(self, loaded: Artifact) -> None:
        """Raise ArtifactError where `loaded` holds no network that slides over strips."""
        network = loaded.classifier
        if not isinstance(network, Network) or not isinstance(network.loss, TemporalClassification):
            raise ArtifactError(f"a {loaded.name} is not a network that slides over strips")
        self.artifact, self.network = loaded, network

    def log_chances(self, band: Band) -> NDArray[np.float64]:
        """Return the log of each frame's chance of each digit and, last, of no digit: (T, 11).

        Frame t sees the band's columns from 2 t to 2 t + 27.
        """
        parts = [self.network.logits(part[None])[0, 0] for part in _parts(band.image)]
        logits = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return log_softmax((logits / self.network.temperature).astype(np.float64))


def _parts(image: InkMap) -> Iterator[InkMap]:
    """Yield parts of `image` (rows, W), each of MOST_AT_ONCE columns at most; their frames are those of the whole."""
    start, step = 0, MOST_AT_ONCE - (SIDE - STRIDE)
    while image.shape[1] - start > MOST_AT_ONCE:
        yield image[:, start : start + MOST_AT_ONCE]
        start += step
    yield image[:, start:]


def load(path: Path) -> SlidingNetwork:
    """Return the network that scripts/fit_strips.py wrote to `path`; ArtifactError where it is broken or another."""
    loaded = artifact.load(path)
    try:
        return SlidingNetwork(loaded)
    except ArtifactError as error:
        raise ArtifactError(f"{path}: {error}") from error


@functools.cache
def shipped() -> tuple[SlidingNetwork, ...]:
    """Return the networks that the project ships."""
    return tuple(load(path) for path in STRIPS)
