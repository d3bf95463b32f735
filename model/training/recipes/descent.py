"""Training a network on MNIST: what all recipes that use gradient descent have in common."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from model import evaluation
from model.engine.network import Network
from model.training import calibration, mnist
from model.training.augmentation import Distortion
from model.training.loop import Batch, History, Plan, train, warm_up_then_cosine
from model.training.optimisers import Optimiser
from model.training.recipes.recipe import Run, Trained, about, one_hot, validation_scores
from model.types import CLASSES, Images

# How many of the fitted images have their accuracy shown beside the validation's: as many as that has.
SHOWN = slice(0, 5000)


@dataclass(frozen=True)
class Descent:
    """How a network is fitted: mini-batches shuffled and distorted anew each epoch, one rise and a slow fall.

    drawn: what the project draws for an epoch besides MNIST's digits: (generator, MNIST's images as ink) -> images
    (M, 28, 28) and targets (M, K). They are spread evenly over the mini-batches.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    distortion: Distortion | None = None
    warm_up: float = 0.05
    averaging: float | None = None
    shards: int = 1
    drawn: Callable[[np.random.Generator, Images], Batch] | None = None

    def __call__(self, network: Network, optimiser: Optimiser, digits: mnist.Ink, run: Run) -> Trained:
        """Return `network` fitted to the training part of `digits`, as `train` keeps it, calibrated on validation."""
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(f"`epochs` and `batch_size` must be at least 1; got {self.epochs} and {self.batch_size}")
        fit, held_out = digits[mnist.FIT], digits[mnist.VALIDATION]
        steps = -(-len(fit) // self.batch_size)
        history = train(
            network,
            optimiser,
            lambda epoch: self._batches(network, fit, np.random.default_rng([run.seed, epoch])),
            Plan(
                self.epochs * steps,
                self.learning_rate,
                lambda share: warm_up_then_cosine(share, self.warm_up),
                averaging=self.averaging,
                shards=self.shards,
            ),
            seed=run.seed,
            validate=validator(fit, held_out),
            checkpoint=run.checkpoint,
            progress=run.progress,
        )
        return calibrated(network, history, fit, held_out)

    def _batches(self, network: Network, fit: mnist.Ink, random: np.random.Generator) -> Iterator[Batch]:
        """Yield an epoch's mini-batches."""
        extra = self.drawn(random, fit.images) if self.drawn else None
        classes = extra[1].shape[1] if extra else CLASSES
        targets = one_hot(fit.labels, np.float32, classes)
        order = random.permutation(len(fit))
        parts = np.array_split(np.arange(len(extra[0])), -(-len(order) // self.batch_size)) if extra else []
        for number, start in enumerate(range(0, len(order), self.batch_size)):
            rows = order[start : start + self.batch_size]
            chosen, wanted = fit.images[rows], targets[rows]
            if extra:
                chosen = np.concatenate([chosen, extra[0][parts[number]]])
                wanted = np.concatenate([wanted, extra[1][parts[number]]])
                mixed = random.permutation(len(chosen))
                chosen, wanted = chosen[mixed], wanted[mixed]
            if self.distortion:
                chosen = self.distortion.apply(chosen, random)
            yield network.normalisation.apply(chosen), wanted


def validator(fit: mnist.Ink, held_out: mnist.Ink) -> Callable[[Network], dict[str, float]]:
    """Return the function that scores a network on `held_out`, with its accuracy on some of `fit` for comparison."""
    shown = fit[SHOWN]

    def validate(network: Network) -> dict[str, float]:
        chances = network.loss.probabilities(network.logits(held_out.images))
        errors = evaluation.errors(chances, held_out.labels)
        right = network.loss.probabilities(network.logits(shown.images))
        return {
            "errors": errors,
            "loss": evaluation.negative_log_likelihood(chances, held_out.labels),
            "accuracy": 1 - errors / len(held_out),
            "training_accuracy": 1 - evaluation.errors(right, shown.labels) / len(shown),
        }

    return validate


def calibrated(network: Network, history: History, fit: mnist.Ink, held_out: mnist.Ink) -> Trained:
    """Return `network` with the temperature that suits `held_out`, and its scores there."""
    logits = network.logits(held_out.images)
    network.temperature = calibration.fit_temperature(logits, held_out.labels, network.loss)
    scores = validation_scores(network.probabilities(held_out.images), held_out.labels)
    return Trained(network, history, {"training": about(fit), "scores": {"validation": scores}})
