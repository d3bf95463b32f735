"""The convolutional network: six convolutions and one dense layer, trained on distorted, sharpened and drawn digits."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from model import initialisation, mnist
from model.augmentation import Distortion
from model.classifier import Classifier, Images
from model.drawing.digits import drawn_digits
from model.drawing.non_digits import non_digits
from model.folding import folded
from model.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, Layer, ReLU, ToImages
from model.losses import DigitOrNone
from model.network import CLASSES, Network
from model.normalisation import Normalisation
from model.optimisers import Adam
from model.recipes.descent import Descent
from model.recipes.recipe import Run, Trained, one_hot, required
from model.training import Batch

# Each convolution's channels and stride, 3 × 3 and unpadded: 28 pixels a side become 26, 12, 10, 8, 6, 4.
CONVOLUTIONS = ((16, 1), (32, 2), (64, 1), (64, 1), (96, 1), (128, 1))
LAST_SIDE = 4


@dataclass(frozen=True)
class Convolutional:
    """8.7 million multiply-adds a digit; its eleventh output says that a picture shows no digit.

    Source: LeCun et al. 1998 for the kind; Ioffe and Szegedy 2015, Srivastava et al. 2014, Loshchilov and Hutter 2019
    and Polyak and Juditsky 1992 for how it is trained.
    """

    makes: ClassVar[type[Classifier]] = Network
    summary: ClassVar[str] = "six convolutions, trained on distorted and drawn digits, and on what is no digit"
    needs_data: ClassVar[bool] = True
    presets: ClassVar[tuple[str, ...]] = ("full", "quick")
    name: str = "cnn"
    epochs: int = 60
    batch_size: int = 200
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    drawn_share: float = 0.05
    non_digit_share: float = 0.15
    shards: int = 2
    distortion: Distortion = field(default_factory=lambda: Distortion(elastic=0.8, sharpening=(-0.05, 0.5)))

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        data = required(digits)
        layers = self.layers()
        initialisation.he(layers, run.seed)
        normalisation = Normalisation.of_all_pixels(mnist.as_ink(data[mnist.FIT].images))
        network = Network(layers, DigitOrNone(), normalisation)
        descent = Descent(
            5 if run.preset == "quick" else self.epochs,
            self.batch_size,
            self.learning_rate,
            self.distortion,
            warm_up=0.1,
            averaging=0.998,
            shards=self.shards,
            drawn=self.drawn,
        )
        trained = descent(network, Adam(weight_decay=self.weight_decay), data, run)
        return Trained(folded(network), trained.history, trained.header)

    def layers(self) -> list[Layer]:
        """Return the network's layers, from the pixels to eleven logits."""
        layers: list[Layer] = [ToImages()]
        inputs = 1
        for outputs, stride in CONVOLUTIONS:
            layers += [Conv2D(inputs, outputs, 3, stride, bias=False), BatchNorm(outputs), ReLU()]
            inputs = outputs
        return [*layers, Flatten(), Dropout(0.3), Dense(LAST_SIDE * LAST_SIDE * inputs, CLASSES + 1)]

    def drawn(self, random: np.random.Generator, images: Images) -> Batch:
        """Return an epoch's drawn digits and pictures that show none, (M, 28, 28), and their targets (M, 11)."""
        strokes, labels = drawn_digits(round(self.drawn_share * len(images)), random)
        others = non_digits(round(self.non_digit_share * len(images)), random, images)
        pictures, classes = np.concatenate([strokes, others]), [*labels, *[CLASSES] * len(others)]
        mixed = random.permutation(len(pictures))
        return pictures[mixed], one_hot(np.array(classes)[mixed], np.float32, CLASSES + 1)
