"""The network that tells digits from digits upside down: two layers, fitted to MNIST's and the project's own digits."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from model import evaluation
from model.engine.dense import Dense, Dropout, ReLU
from model.engine.layer import Layer
from model.engine.losses import SoftmaxCrossEntropy
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.strips.upright import odds, upside_down
from model.training import calibration, initialisation, mnist
from model.training.augmentation import Distortion
from model.training.drawing.digits import COMMON, drawn_digits
from model.training.loop import Batch, Plan, train, warm_up_then_cosine
from model.training.optimisers import Adam
from model.training.recipes.recipe import DRAWN, Run, Trained, about, one_hot
from model.types import PIXELS, Array, Images

_UPRIGHT, _UPSIDE_DOWN = 0, 1


@dataclass(frozen=True)
class Upright:
    """How it is fitted. drawn: the share of the digits that the project draws: other hands than MNIST's."""

    name: str = "upright"
    hidden: int = 256
    epochs: int = 16
    batch_size: int = 200
    drawn: float = 0.2
    dropout: float = 0.3
    distortion: Distortion = field(
        default_factory=lambda: Distortion(rotation=0.12, scale=0.1, shear=0.15, shift=0.7, elastic=0.5)
    )

    def train(self, digits: mnist.Digits, run: Run) -> Trained:
        """Return the network fitted to `digits`, calibrated on their validation part."""
        data = digits.ink()
        fit, held_out = data[mnist.FIT], data[mnist.VALIDATION].images
        layers: list[Layer] = [Dense(PIXELS, self.hidden), ReLU(), Dropout(self.dropout), Dense(self.hidden, 2)]
        initialisation.he(layers, run.seed)
        network = Network(layers, SoftmaxCrossEntropy(), Normalisation.of_all_pixels(fit.images))
        history = train(
            network,
            Adam(weight_decay=0.01),
            lambda epoch: self._batches(network, fit.images, np.random.default_rng([run.seed, epoch])),
            Plan(self.epochs * -(-len(fit) // self.batch_size), 2e-3, warm_up_then_cosine),
            seed=run.seed,
            validate=lambda fitted: _scores(fitted, held_out),
            checkpoint=run.checkpoint,
            progress=run.progress,
        )
        pairs, labels = _pairs(network, held_out)
        network.temperature = calibration.fit_temperature(pairs, labels, network.loss)
        return Trained(
            network, history, {"training": about(fit, DRAWN), "scores": {"validation": _scores(network, held_out)}}
        )

    def _batches(self, network: Network, images: Images, random: np.random.Generator) -> Iterator[Batch]:
        """Yield an epoch's mini-batches: half of the digits upside down."""
        own, _ = drawn_digits(round(self.drawn * len(images)), random, COMMON)
        order = random.permutation(len(images))
        replaced = order[: len(own)]
        mixed = images.copy()
        mixed[replaced] = own
        for rows in np.array_split(random.permutation(len(mixed)), -(-len(mixed) // self.batch_size)):
            chosen = self.distortion.apply(mixed[rows], random)
            turned = random.random(len(chosen)) < 0.5
            chosen[turned] = upside_down(chosen[turned])
            yield network.normalisation.apply(chosen), one_hot(turned.astype(np.int64), np.float32, 2)


def _pairs(network: Network, images: Images) -> tuple[Array, Array]:
    """Return logits (2 N, 2), before the temperature, for `images` as they are and upside down, and labels (2 N,)."""
    found = odds(images, network) * network.temperature
    logits = np.stack([np.concatenate([found, -found]), np.zeros(2 * len(images))], axis=1)
    return logits, np.repeat([_UPRIGHT, _UPSIDE_DOWN], len(images))


def _scores(network: Network, images: Images) -> dict[str, float]:
    logits, labels = _pairs(network, images)
    chances = network.loss.probabilities(logits / network.temperature)
    wrong = evaluation.errors(chances, labels)
    loss = evaluation.negative_log_likelihood(chances, labels)
    return {"errors": wrong, "loss": loss, "accuracy": 1 - wrong / len(labels)}
