"""Training a network on MNIST: what every recipe by gradient descent has in common."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from model import evaluation, mnist
from model.augmentation import Distortion
from model.network import Network
from model.optimisers import Optimiser
from model.recipes.recipe import Run, Trained, about, one_hot, validation_scores
from model.training import Batch, History, Plan, train, warm_up_then_cosine

# Images of the fit whose accuracy is shown beside the validation's: as many as there.
SHOWN = slice(0, 5000)


@dataclass(frozen=True)
class Descent:
    """How a network is fitted: mini-batches in an order shuffled each epoch, distorted anew, one rise and slow fall."""

    epochs: int
    batch_size: int
    learning_rate: float
    distortion: Distortion | None = None

    def __call__(self, network: Network, optimiser: Optimiser, digits: mnist.Digits, run: Run) -> Trained:
        """Return `network` fitted to `digits`' images for that, its best epoch by validation, calibrated there."""
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(f"`epochs` and `batch_size` must be at least 1; got {self.epochs} and {self.batch_size}")
        fit, held_out = digits[mnist.FIT], digits[mnist.VALIDATION]
        images, targets = mnist.as_ink(fit.images), one_hot(fit.labels, np.float32)

        def batches(epoch: int) -> Iterator[Batch]:
            random = np.random.default_rng([run.seed, epoch])
            order = random.permutation(len(images))
            for start in range(0, len(order), self.batch_size):
                rows = order[start : start + self.batch_size]
                chosen = self.distortion.apply(images[rows], random) if self.distortion else images[rows]
                yield network.normalisation.apply(chosen), targets[rows]

        history = train(
            network,
            optimiser,
            batches,
            Plan(self.epochs * -(-len(fit) // self.batch_size), self.learning_rate, warm_up_then_cosine),
            seed=run.seed,
            validate=validator(fit, held_out),
            checkpoint=run.checkpoint,
            resume=run.resume,
            progress=run.progress,
        )
        return calibrated(network, history, fit, held_out)


def validator(fit: mnist.Digits, held_out: mnist.Digits) -> Callable[[Network], dict[str, float]]:
    """Return the function that scores a network on `held_out`, and its accuracy on some of `fit` beside it."""
    images, targets = mnist.as_ink(held_out.images), one_hot(held_out.labels, np.float32)
    shown, shown_labels = mnist.as_ink(fit.images[SHOWN]), fit.labels[SHOWN]

    def validate(network: Network) -> dict[str, float]:
        logits = network.logits(images)
        errors = evaluation.errors(logits, held_out.labels)
        return {
            "errors": errors,
            "loss": network.loss.value(logits, targets),
            "accuracy": 1 - errors / len(images),
            "training_accuracy": 1 - evaluation.errors(network.logits(shown), shown_labels) / len(shown),
        }

    return validate


def calibrated(network: Network, history: History, fit: mnist.Digits, held_out: mnist.Digits) -> Trained:
    """Return `network` with the temperature that suits `held_out`, and its scores there."""
    images = mnist.as_ink(held_out.images)
    network.temperature = evaluation.fit_temperature(network.logits(images), held_out.labels, network.loss)
    scores = validation_scores(network.probabilities(images), held_out.labels)
    return Trained(network, history, {"training": about(fit), "scores": {"validation": scores}})
