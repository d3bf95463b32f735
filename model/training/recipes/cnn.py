"""The convolutional networks: six convolutions and a dense layer, trained on distorted, sharpened and drawn digits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import numpy as np

from model.classifiers.classifier import Classifier
from model.classifiers.committee import Committee, View
from model.engine.batch_norm import BatchNorm
from model.engine.convolution import Conv2D
from model.engine.dense import Dense, Dropout, ReLU
from model.engine.folding import folded
from model.engine.layer import Layer
from model.engine.losses import DigitOrNone
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.engine.pooling import Flatten, ToImages
from model.training import calibration, elsewhere, initialisation, mnist
from model.training.augmentation import Distortion
from model.training.drawing.digits import drawn_digits
from model.training.drawing.non_digits import non_digits
from model.training.loop import Batch, History
from model.training.optimisers import Adam
from model.training.recipes.descent import Descent
from model.training.recipes.recipe import DRAWN, Run, Trained, about, one_hot, required, validation_scores
from model.types import CLASSES, Images

# Each convolution's channels and stride; all are 3 × 3 and unpadded: 28 pixels a side become 26, 12, 10, 8, 6, 4.
CONVOLUTIONS = ((16, 1), (32, 2), (64, 1), (64, 1), (96, 1), (128, 1))
LAST_SIDE = 4
# The views are like training's copies, which are sharper than MNIST's images and lean either way.
VIEWS = (View(sharpening=0.35), View(sharpening=0.5, shear=-0.2), View(sharpening=0.5, shear=0.2))


@dataclass(frozen=True)
class Convolutional:
    """A committee of networks of 8.7 million multiply-adds, whose eleventh output stands for "no digit".

    Source: LeCun et al. 1998 for the kind; Ioffe and Szegedy 2015, Srivastava et al. 2014, Loshchilov and Hutter 2019
    and Polyak and Juditsky 1992 for how it is trained.
    """

    makes: ClassVar[type[Classifier]] = Committee
    summary: ClassVar[str] = (
        "six convolutions, trained on distorted and drawn digits and on non-digits; more networks where it is in doubt"
    )
    needs_data: ClassVar[bool] = True
    presets: ClassVar[tuple[str, ...]] = ("full", "quick")
    name: str = "cnn"
    members: int = 2
    doubt: float = 2e-3
    epochs: int = 30
    batch_size: int = 200
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    drawn_share: float = 0.05
    non_digit_share: float = 0.15
    shards: int = 2
    distortion: Distortion = field(default_factory=lambda: Distortion(elastic=0.8, sharpening=(-0.05, 0.5)))

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        data = required(digits).ink()
        if self.members < 1:
            raise ValueError(f"`members` must be at least 1; got {self.members}")
        members = 1 if run.preset == "quick" else self.members
        parts = [self._member(data, run.part(number, members)) for number in range(members)]
        committee = Committee([network for network, _ in parts], VIEWS, self.doubt)
        held_out = data[mnist.VALIDATION]
        calibration.calibrate(committee, held_out.images, held_out.labels)
        scores = validation_scores(committee.probabilities(held_out.images), held_out.labels)
        scores["doubted"] = float(committee.doubted(held_out.images).mean())
        # The curve is that of the first member, which answers most digits; the time is that of all members.
        first = parts[0][1]
        history = History(first.costs, first.validation, sum(part.seconds for _, part in parts))
        drawn = [DRAWN] if self.drawn_share or self.non_digit_share else []
        training = about(data[mnist.FIT], *drawn, *(each.about() for each in run.also))
        return Trained(committee, history, {"training": training, "scores": {"validation": scores}})

    def _member(self, data: mnist.Ink, run: Run) -> tuple[Network, History]:
        """Return one network of the committee and the history of its training."""
        layers = self.layers()
        initialisation.he(layers, run.seed)
        normalisation = Normalisation.of_all_pixels(data[mnist.FIT].images)
        network = Network(layers, DigitOrNone(), normalisation)
        descent = Descent(
            5 if run.preset == "quick" else self.epochs,
            self.batch_size,
            self.learning_rate,
            self.distortion,
            warm_up=0.1,
            averaging=0.998,
            shards=self.shards,
            drawn=partial(self.added, run.also),
        )
        trained = descent(network, Adam(weight_decay=self.weight_decay), data, run)
        return folded(network), trained.history

    def layers(self) -> list[Layer]:
        """Return a member's layers, from the pixels to eleven logits."""
        layers: list[Layer] = [ToImages()]
        inputs = 1
        for outputs, stride in CONVOLUTIONS:
            layers += [Conv2D(inputs, outputs, 3, stride, bias=False), BatchNorm(outputs), ReLU()]
            inputs = outputs
        return [*layers, Flatten(), Dropout(0.3), Dense(LAST_SIDE * LAST_SIDE * inputs, CLASSES + 1)]

    def added(self, also: Sequence[elsewhere.Set], random: np.random.Generator, images: Images) -> Batch:
        """Return what an epoch shows beside MNIST's `images`: (M, 28, 28) and the targets (M, 11).

        These are drawn digits, all digits of `also` that fit weights, and non-digits.
        """
        strokes, labels = drawn_digits(round(self.drawn_share * len(images)), random)
        others = non_digits(round(self.non_digit_share * len(images)), random, images)
        written = [each.fit.ink() for each in also]
        pictures = np.concatenate([strokes, *(each.images for each in written), others])
        classes = np.concatenate([labels, *(each.labels for each in written), np.full(len(others), CLASSES)])
        mixed = random.permutation(len(pictures))
        return pictures[mixed], one_hot(classes[mixed], np.float32, CLASSES + 1)
