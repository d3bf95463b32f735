"""The lesson's own networks, unchanged: XOR, and 784-50-10."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from model import evaluation
from model.classifiers.classifier import Classifier
from model.engine.dense import Dense, Sigmoid
from model.engine.layer import Layer
from model.engine.losses import SigmoidCrossEntropy
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.training import initialisation, mnist
from model.training.loop import Batch, Plan, train
from model.training.optimisers import GradientDescent
from model.training.recipes.recipe import Run, Trained, about, one_hot, required


@dataclass(frozen=True)
class Xor:
    """The lesson's first network: two neurons, then one, learn XOR."""

    makes: ClassVar[type[Classifier]] = Network
    summary: ClassVar[str] = "the lesson's XOR: 2-2-1 sigmoids"
    needs_data: ClassVar[bool] = False
    presets: ClassVar[tuple[str, ...]] = ("full",)
    name: str = "xor"

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:  # noqa: ARG002  # the table is its data
        layers: list[Layer] = [Dense(2, 2, np.float64), Sigmoid(), Dense(2, 1, np.float64)]
        initialisation.lesson_uniform(layers, run.seed)
        network = Network(layers, SigmoidCrossEntropy(), Normalisation.identity(np.float64))
        table = xor_table()
        plan = Plan(steps=2000, learning_rate=1.0)
        history = train(network, GradientDescent(), lambda _: iter([table]), plan, seed=run.seed, progress=run.progress)
        if run.progress:
            for (left, right), logit in zip(table[0], network.logits(table[0])[:, 0], strict=True):
                run.progress.say(f"{left:.0f} xor {right:.0f} = {logit > 0:d}")
        data = [{"name": "the four rows of XOR", "licence": "MIT"}]
        return Trained(network, history, {"training": {"data": data}, "scores": {}})


def xor_table() -> Batch:
    """Return XOR's inputs (4, 2) and outputs (4, 1), float64."""
    return np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64), np.array([[0], [1], [1], [0]], np.float64)


@dataclass(frozen=True)
class TwoLayerSeed:
    """The lesson's network and recipe, unchanged: 784-50-10 sigmoids, plain descent in the order of the data."""

    makes: ClassVar[type[Classifier]] = Network
    summary: ClassVar[str] = "the lesson's network: 50 sigmoids, then ten; 91 % of MNIST's test images"
    needs_data: ClassVar[bool] = True
    presets: ClassVar[tuple[str, ...]] = ("full",)
    name: str = "two-layer-seed"
    batch_size: int = 64

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        data = required(digits)
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
            progress=run.progress,
        )
        right = 1 - evaluation.errors(network.logits(images), data.labels) / len(data)
        return Trained(network, history, {"training": about(data), "scores": {"training": {"accuracy": right}}})
