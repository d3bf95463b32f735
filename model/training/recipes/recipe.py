"""What a recipe is, and what all recipes share: the data that they need, and how they are scored."""

from dataclasses import Field, dataclass, replace
from typing import Any, ClassVar, Protocol

import numpy as np

from model import evaluation
from model.classifiers.classifier import Classifier
from model.training import elsewhere, mnist
from model.training.checkpoint import Checkpoint
from model.training.loop import History, Progress
from model.types import Array

DRAWN = {"name": "pictures drawn by the project", "licence": "MIT"}
"""What an artifact's header says of them; `about` gives the same for MNIST."""


@dataclass(frozen=True)
class Run:
    """What a training is told besides its recipe. `also`: digits to fit beside MNIST's, if the recipe takes them."""

    seed: int = 1
    preset: str = "full"
    checkpoint: Checkpoint | None = None
    progress: Progress | None = None
    also: tuple[elsewhere.Set, ...] = ()

    def part(self, number: int, parts: int) -> "Run":
        """Return the run of training `number` of `parts` in a row: its own seed and checkpoint, one bar for all."""
        checkpoint = self.checkpoint and self.checkpoint.part(str(number))
        progress = self.progress and _Part(self.progress, number, parts)
        return replace(self, seed=self.seed + number, checkpoint=checkpoint, progress=progress)


@dataclass(frozen=True)
class _Part:
    """The progress of one of several equally long trainings, as a part of the whole."""

    whole: Progress
    number: int
    parts: int

    def advance(self, step: int, steps: int) -> None:
        self.whole.advance(self.number * steps + step, self.parts * steps)

    def say(self, line: str) -> None:
        self.whole.say(f"{self.number + 1} of {self.parts}: {line}")


@dataclass(frozen=True)
class Trained:
    """A classifier, the history of its training, and what its artifact's header says of it."""

    classifier: Classifier
    history: History
    header: dict[str, Any]


class Recipe(Protocol):
    """A named way to make a classifier: a frozen dataclass, whose fields `train.py --set` changes."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    makes: ClassVar[type[Classifier]]
    summary: ClassVar[str]
    presets: ClassVar[tuple[str, ...]]
    needs_data: ClassVar[bool]

    @property
    def name(self) -> str:
        """What `train.py --model` calls it."""
        ...

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        """Return the trained classifier; `digits` are all 60,000 training images, None where no data is needed.

        Raises ValueError where a field is out of range.
        """
        ...


def one_hot(labels: Array, dtype: Any, classes: int = 10) -> Array:
    """Return (N, classes): one in the label's column, zero elsewhere."""
    return np.asarray((labels[:, None] == np.arange(classes)).astype(dtype))


def required(digits: mnist.Digits | None) -> mnist.Digits:
    """Return `digits`; ValueError where they are missing."""
    if digits is None:
        raise ValueError("this recipe needs MNIST's training images: run `make data` to fetch them")
    return digits


def about(digits: mnist.Digits | mnist.Ink, *others: dict[str, Any]) -> dict[str, Any]:
    """Return what a header says a classifier was trained on: `digits`, and the entries of `others`."""
    own = {
        "name": "MNIST training files",
        "images": [0, len(digits)],
        "sha256": digits.sha256,
        "licence": mnist.LICENCE,
    }
    return {"data": [own, *others]}


def validation_scores(probabilities: Array, labels: Array) -> dict[str, Any]:
    """Return what an artifact's header says of the validation images.

    "thresholds" holds, for each share of errors among the accepted, the least confidence expected to keep to it.
    """
    wrong = evaluation.errors(probabilities, labels)
    return {
        "n": len(labels),
        "errors": wrong,
        "accuracy": 1 - wrong / len(labels),
        "calibration_error": evaluation.calibration_error(probabilities, labels),
        "negative_log_likelihood": evaluation.negative_log_likelihood(probabilities, labels),
        "thresholds": {str(rate): evaluation.threshold(probabilities, rate) for rate in evaluation.ERROR_RATES},
    }
