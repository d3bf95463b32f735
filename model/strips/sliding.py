"""The network that slides over a line: the digit network's convolutions, with its last layer as one more convolution.

A frame is a window of a digit's width. For each frame, the network says which digit stands in its middle, or none.
Source: Matan, Burges, LeCun and Denker 1992, "Multi-digit recognition using a space displacement neural network".
"""

import functools
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
from model.types import CLASSES

BLANK = CLASSES
STRIDE = 2
"""Columns of a band from one frame to the next."""


class SlidingNetwork:
    """A network that reads bands. Threads may share it. `artifact` is what it was loaded from."""

    def __init__(self, loaded: Artifact) -> None:
        """Raise ArtifactError where `loaded` holds no network that slides over strips."""
        network = loaded.classifier
        if not isinstance(network, Network) or not isinstance(network.loss, TemporalClassification):
            raise ArtifactError(f"a {loaded.name} is not a network that slides over strips")
        self.artifact, self._network = loaded, network

    def log_chances(self, band: Band) -> NDArray[np.float64]:
        """Return the log of each frame's chance of each digit and, last, of no digit: (T, 11).

        Frame t sees the band's columns from 2 t to 2 t + 27.
        """
        logits = self._network.logits(band.image[None])[0, 0]
        return log_softmax((logits / self._network.temperature).astype(np.float64))


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
