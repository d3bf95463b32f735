"""Networks of dense layers: one layer of weights (logistic regression), or two."""

from dataclasses import dataclass, field
from typing import ClassVar

from model.classifiers.classifier import Classifier
from model.engine.dense import Dense, ReLU
from model.engine.layer import Layer
from model.engine.losses import Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.training import initialisation, mnist
from model.training.augmentation import Distortion
from model.training.optimisers import Adam
from model.training.recipes.descent import Descent
from model.training.recipes.recipe import Run, Trained, required


@dataclass(frozen=True)
class Logistic:
    """Logistic regression: one layer of weights, so that each digit is a template of 784 pixels.

    Source: LeCun et al. 1998, whose linear classifier makes 12.0 % errors, by least squares.
    """

    makes: ClassVar[type[Classifier]] = Network
    summary: ClassVar[str] = "one layer of weights under a softmax: each digit is one template"
    needs_data: ClassVar[bool] = True
    presets: ClassVar[tuple[str, ...]] = ("full", "quick")
    loss: ClassVar[Loss] = SoftmaxCrossEntropy()
    name: str = "logistic"
    epochs: int = 40
    batch_size: int = 200
    learning_rate: float = 1e-3

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        data = required(digits).ink()
        layers: list[Layer] = [Dense(784, 10)]  # the cost has one valley, so any start will do, even zero
        normalisation = Normalisation.of_all_pixels(data[mnist.FIT].images)
        descent = Descent(10 if run.preset == "quick" else self.epochs, self.batch_size, self.learning_rate)
        network = Network(layers, self.loss, normalisation)
        return descent(network, Adam(), data, run)


@dataclass(frozen=True)
class OneAgainstAll(Logistic):
    """The lesson's logistic regression: ten yes-or-no questions instead of one choice."""

    summary: ClassVar[str] = "the lesson's logistic regression: ten sigmoids, one against all"
    loss: ClassVar[Loss] = SigmoidCrossEntropy()
    name: str = "logistic-one-against-all"


@dataclass(frozen=True)
class TwoLayer:
    """Two layers of weights and newer methods: ReLU, softmax, He's start, distortions, Adam, one slow decline.

    Source: Simard, Steinkraus and Platt 2003, who report 0.7 % errors for 800 hidden units with elastic distortions.
    """

    makes: ClassVar[type[Classifier]] = Network
    summary: ClassVar[str] = "two layers of weights, trained on distorted digits"
    needs_data: ClassVar[bool] = True
    presets: ClassVar[tuple[str, ...]] = ("full", "quick")
    name: str = "two-layer"
    hidden: int = 1024
    epochs: int = 120
    batch_size: int = 200
    distortion: Distortion = field(default_factory=Distortion)

    def train(self, digits: mnist.Digits | None, run: Run) -> Trained:
        data = required(digits).ink()
        layers: list[Layer] = [Dense(784, self.hidden), ReLU(), Dense(self.hidden, 10)]
        initialisation.he(layers, run.seed)
        normalisation = Normalisation.of_all_pixels(data[mnist.FIT].images)
        network = Network(layers, SoftmaxCrossEntropy(), normalisation)
        epochs = 10 if run.preset == "quick" else self.epochs
        return Descent(epochs, self.batch_size, 1.5e-3, self.distortion)(network, Adam(weight_decay=0.01), data, run)
