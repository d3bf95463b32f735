"""The named models: each an architecture and how it is trained, in a few lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model import evaluation, initialisation, mnist
from model.augmentation import Distortion
from model.layers import Dense, Layer, ReLU, Sigmoid
from model.losses import SigmoidCrossEntropy, SoftmaxCrossEntropy
from model.network import Network
from model.normalisation import Normalisation
from model.optimisers import Adam, GradientDescent
from model.training import Batch, History, Plan, Progress, train, warm_up_then_cosine

Array = NDArray[Any]


@dataclass(frozen=True)
class Run:
    """What one training is told beside its recipe."""

    seed: int = 1
    preset: str = "full"
    checkpoint: Path | None = None
    resume: bool = False
    progress: Progress | None = None


@dataclass(frozen=True)
class Trained:
    """A network, what happened, and what its artifact's header says of it."""

    network: Network
    history: History
    header: dict[str, Any]


class Recipe(Protocol):
    """A named way to make a classifier."""

    @property
    def name(self) -> str:
        """What `train.py --model` calls it."""
        ...

    @property
    def summary(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def needs_data(self) -> bool:
        """Whether it is trained on MNIST."""
        ...

    @property
    def presets(self) -> tuple[str, ...]:
        """How long it may train: "full" and, where there is one, "quick"."""
        ...

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        """Return the trained network; `digits` are all 60,000 training images, None where no data is needed."""
        ...


@dataclass(frozen=True)
class Xor:
    """The lesson's first network: two neurons, then one, learn XOR."""

    name: str = "xor"
    summary: str = "the lesson's XOR: 2-2-1 sigmoids"
    needs_data: bool = False
    presets: tuple[str, ...] = ("full",)

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:  # noqa: ARG002  # the table is its data
        layers: list[Layer] = [Dense(2, 2, np.float64), Sigmoid(), Dense(2, 1, np.float64)]
        initialisation.lesson_uniform(layers, run.seed)
        network = Network(layers, SigmoidCrossEntropy(), Normalisation.identity(np.float64))
        table = xor_table()
        plan = Plan(steps=2000, learning_rate=1.0)
        history = train(network, GradientDescent(), lambda _: iter([table]), plan, seed=run.seed, progress=run.progress)
        return Trained(network, history, {"training": {"data": "the four rows of XOR"}, "scores": {}})


def xor_table() -> Batch:
    """Return XOR's inputs (4, 2) and outputs (4, 1), float64."""
    return np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64), np.array([[0], [1], [1], [0]], np.float64)


@dataclass(frozen=True)
class TwoLayerSeed:
    """The lesson's network and recipe, exactly: 784-50-10 sigmoids, plain descent in the order of the data."""

    name: str = "two-layer-seed"
    summary: str = "the lesson's network: 50 sigmoids, then ten; 91 % of MNIST's test images"
    needs_data: bool = True
    presets: tuple[str, ...] = ("full",)
    batch_size: int = 64

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        data = _required(digits)
        layers: list[Layer] = [Dense(784, 50, np.float64), Sigmoid(), Dense(50, 10, np.float64)]
        initialisation.lesson_uniform(layers, run.seed)
        images = data.images.astype(np.float64) / 255
        network = Network(layers, SigmoidCrossEntropy(), Normalisation.of_each_pixel(images))
        inputs, targets = network.normalisation.apply(images), one_hot(data.labels, np.float64)

        def batches(_: int) -> Iterator[Batch]:
            for start in range(0, len(inputs), self.batch_size):
                yield inputs[start : start + self.batch_size], targets[start : start + self.batch_size]

        history = train(
            network,
            GradientDescent(),
            batches,
            Plan(steps=20_000, learning_rate=1.0),
            seed=run.seed,
            checkpoint=run.checkpoint,
            resume=run.resume,
            progress=run.progress,
        )
        right = 1 - evaluation.errors(network.logits(images), data.labels) / len(data)
        return Trained(network, history, {"training": _about(data), "scores": {"training": {"accuracy": right}}})


@dataclass(frozen=True)
class TwoLayer:
    """Two layers of weights with all that was learnt since: ReLU, softmax, He, distortions, Adam, one slow decline.

    Source: Simard, Steinkraus and Platt 2003, who report 0.7 % errors for 800 hidden units with elastic distortions.
    """

    name: str = "two-layer"
    summary: str = "two layers of weights, trained on distorted digits"
    needs_data: bool = True
    presets: tuple[str, ...] = ("full", "quick")
    hidden: int = 1024
    batch_size: int = 200
    distortion: Distortion = field(default_factory=Distortion)

    def epochs(self, preset: str) -> int:
        return {"full": 120, "quick": 10}[preset]

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        data = _required(digits)
        fit, held_out = data[mnist.FIT], data[mnist.VALIDATION]
        images = mnist.as_ink(fit.images)
        layers: list[Layer] = [Dense(784, self.hidden), ReLU(), Dense(self.hidden, 10)]
        initialisation.he(layers, run.seed)
        network = Network(layers, SoftmaxCrossEntropy(), Normalisation.of_all_pixels(images))
        targets = one_hot(fit.labels, np.float32)
        steps = self.epochs(run.preset) * -(-len(fit) // self.batch_size)

        def batches(epoch: int) -> Iterator[Batch]:
            random = np.random.default_rng([run.seed, epoch])
            order = random.permutation(len(images))
            for start in range(0, len(order), self.batch_size):
                rows = order[start : start + self.batch_size]
                yield network.normalisation.apply(self.distortion.apply(images[rows], random)), targets[rows]

        history = train(
            network,
            Adam(weight_decay=0.01),
            batches,
            Plan(steps, 1.5e-3, warm_up_then_cosine),
            seed=run.seed,
            validate=validator(held_out),
            checkpoint=run.checkpoint,
            resume=run.resume,
            progress=run.progress,
        )
        return calibrated(network, history, fit, held_out)


def validator(held_out: mnist.Digits) -> Callable[[Network], dict[str, float]]:
    """Return the function that scores a network on `held_out`: its errors and its loss."""
    images, targets = mnist.as_ink(held_out.images), one_hot(held_out.labels, np.float32)

    def validate(network: Network) -> dict[str, float]:
        logits = network.logits(images)
        return {
            "errors": evaluation.errors(logits, held_out.labels),
            "loss": network.loss.value(logits, targets),
        }

    return validate


def calibrated(network: Network, history: History, fit: mnist.Digits, held_out: mnist.Digits) -> Trained:
    """Return `network` with the temperature that suits `held_out`, and its scores there."""
    images = mnist.as_ink(held_out.images)
    network.temperature = evaluation.fit_temperature(network.logits(images), held_out.labels)
    probabilities = network.probabilities(images)
    wrong = evaluation.errors(probabilities, held_out.labels)
    scores = {
        "n": len(held_out),
        "errors": wrong,
        "accuracy": 1 - wrong / len(held_out),
        "calibration_error": evaluation.calibration_error(probabilities, held_out.labels),
        "negative_log_likelihood": evaluation.negative_log_likelihood(probabilities, held_out.labels),
    }
    return Trained(network, history, {"training": _about(fit), "scores": {"validation": scores}})


def one_hot(labels: Array, dtype: Any) -> Array:
    """Return (N, 10), one where the column is the label, zero elsewhere."""
    return np.asarray((labels[:, None] == np.arange(10)).astype(dtype))


def _required(digits: mnist.Digits | None) -> mnist.Digits:
    if digits is None:
        raise ValueError("this recipe needs MNIST's training images: run `make data` to fetch them")
    return digits


def _about(digits: mnist.Digits) -> dict[str, Any]:
    return {"data": "MNIST training files", "images": [0, len(digits)], "sha256": digits.sha256}


RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (Xor(), TwoLayerSeed(), TwoLayer())}
