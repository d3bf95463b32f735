"""The interface that every method of reading digits has in common: networks, neighbours, regressions."""

from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from model.types import Array, Images, Probabilities


class Classifier(Protocol):
    """A method that reads digits. Its parameters never change once it is made, so threads may share it."""

    kind: ClassVar[str]
    """The name of this class in an artifact."""

    def probabilities(self, images: Images) -> Probabilities:
        """Return each image's chance of being each digit.

        images: (N, 28, 28) float32 in [0, 1], ink bright on dark, in MNIST's geometry; left unchanged.
        Returns (N, 10) float32, each row summing to one; a row is the same alone and in a batch, to within 1e-5.
        Raises ValueError where `images` has another shape.
        """
        ...

    def to_arrays(self) -> dict[str, Array]:
        """Return the arrays that define this classifier, by name: what an artifact keeps besides `description`."""
        ...

    def description(self) -> dict[str, Any]:
        """Return the plain values (JSON) that `from_arrays` needs besides the arrays."""
        ...

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], description: dict[str, Any]) -> Self:
        """Return the classifier that `to_arrays` and `description` came from; ValueError where they do not fit."""
        ...


@runtime_checkable
class KnowsNonDigits(Protocol):
    """A classifier that can also tell whether an image shows a digit at all."""

    def judged(self, images: Images) -> tuple[Probabilities, NDArray[np.float32]]:
        """Return `probabilities` of `images` and the chance that each shows one whole digit, (N,) float32."""
        ...


def judged(classifier: Classifier, images: Images) -> tuple[Probabilities, NDArray[np.float32]]:
    """Return what `classifier` says of `images`: their probabilities, and the chance that each shows a digit.

    The chance is one where the classifier cannot tell.
    """
    if isinstance(classifier, KnowsNonDigits):
        return classifier.judged(images)
    return classifier.probabilities(images), np.ones(len(images), np.float32)
