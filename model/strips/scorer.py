"""Units -> evidence: how much likelier each is one whole digit, or a mark to pass over, than anything else."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model import artifact
from model.arrays import ArtifactError
from model.network import Network
from model.strips.units import FEATURES, Features

SHIPPED = Path(__file__).parents[1] / "weights" / "strips.npz"
DIGIT, MARK, OTHER = 0, 1, 2
"""A unit is one whole digit; a dot, a dash, a rule, dirt; or part of a digit, several, or a digit with a mark."""


@dataclass(frozen=True)
class Evidence:
    """Logarithms of how much likelier than OTHER each unit is a digit and a mark: (N,) float64 each."""

    digits: NDArray[np.float64]
    marks: NDArray[np.float64]


class Scorer:
    """The light network that looks at every unit, so that the one that reads digits need only look at a few."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def evidence(self, features: Features) -> Evidence:
        """Return the evidence for units with `features` (N, FEATURES)."""
        if len(features) == 0:
            return Evidence(np.zeros(0), np.zeros(0))
        logits = self._network.logits(features).astype(np.float64) / self._network.temperature
        return Evidence(logits[:, DIGIT] - logits[:, OTHER], logits[:, MARK] - logits[:, OTHER])


@functools.cache
def shipped() -> Scorer:
    """Return the scorer that the project ships. Raises ArtifactError where its file is broken."""
    loaded = artifact.load(SHIPPED)
    network = loaded.classifier
    if not isinstance(network, Network) or network.logits(np.zeros((1, FEATURES), np.float32)).shape != (1, 3):
        raise ArtifactError(
            f"{SHIPPED} ({loaded.name}) is not the network that scores {FEATURES} features in 3 classes"
        )
    return Scorer(network)
