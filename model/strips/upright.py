"""Digits -> how likely they stand upright, and not upside down, by their shapes alone."""

from functools import cache

import numpy as np

from model import artifact
from model.arrays import ArtifactError
from model.engine.network import Network
from model.shipped import UPRIGHT
from model.types import Array, Images


def upside_down(images: Images) -> Images:
    """Return `images` (N, 28, 28) turned by 180°, with the centre of the ink where MNIST has it: at pixel (14, 14)."""
    return np.roll(images[:, ::-1, ::-1], (1, 1), axis=(1, 2))


def odds(images: Images, network: Network) -> Array:
    """Return the log-odds, (N,) float64, that the digits in `images` (N, 28, 28) are upright rather than upside down.

    Each is looked at both ways up, so that what is turned gets the same odds with the other sign.
    """
    both = network.logits(np.concatenate([images, upside_down(images)])).astype(np.float64)
    upright, turned = np.split((both[:, 0] - both[:, 1]) / network.temperature, 2)
    return np.asarray((upright - turned) / 2)


@cache
def shipped() -> Network:
    """Return the network that the project ships. Raises ArtifactError where its file is missing or broken."""
    loaded = artifact.load(UPRIGHT).classifier
    if not isinstance(loaded, Network) or loaded.logits(np.zeros((1, 28, 28), np.float32)).shape != (1, 2):
        raise ArtifactError(f"{UPRIGHT} holds no network that tells upright digits from others")
    return loaded
