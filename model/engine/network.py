"""A network: a readable list of layers, the loss that gives its outputs a meaning, and its normalisation."""

import math
import threading
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from model.engine.convolution import Conv2D
from model.engine.layer import Layer, Step, run
from model.engine.losses import LOSSES, Loss
from model.engine.normalisation import Normalisation
from model.engine.registry import layer_from
from model.engine.workspace import Workspace
from model.types import CLASSES, PIXELS, Array, Images, Probabilities

# Images taken through the layers at once: enough for fast products, few enough for buffers to stay in the cache.
ROWS_AT_ONCE = 256
IMAGES_AT_ONCE = 8


@dataclass(frozen=True)
class _Reading:
    """The steps from normalised `inputs` (N, features) to the logits, `outputs`, all in a workspace's memory."""

    inputs: Array
    steps: list[Step]
    outputs: Array


class Network:
    """A Classifier made of layers. `temperature` divides the logits, so that probabilities are calibrated."""

    kind: ClassVar[str] = "network"

    def __init__(self, layers: list[Layer], loss: Loss, normalisation: Normalisation, temperature: float = 1.0) -> None:
        self.layers = layers
        self.loss = loss
        self.normalisation = normalisation
        self.temperature = temperature
        self._block = IMAGES_AT_ONCE if any(isinstance(layer, Conv2D) for layer in layers) else ROWS_AT_ONCE
        self._threads = threading.local()

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Return the logits (N, K) of normalised `inputs` (N, features); they live in `workspace`."""
        for layer in self.layers:
            inputs = layer.forward(inputs, workspace)
        return inputs

    def backward(self, gradient: Array, workspace: Workspace) -> dict[str, Array]:
        """Return the cost's derivative by each of `parameters()`, given that by the logits of the last forward pass.

        `gradient` may be overwritten.
        """
        gradients: dict[str, Array] = {}
        first = min((index for index, layer in enumerate(self.layers) if layer.parameters()), default=0)
        for index, layer in reversed(list(enumerate(self.layers))[first:]):
            for name, value in layer.parameter_gradients(gradient, workspace).items():
                gradients[f"{index}.{name}"] = value
            if index > first:
                gradient = layer.input_gradient(gradient, workspace)
        return gradients

    def parameters(self) -> dict[str, Array]:
        """Return every array that training fits, as `layer.name`; changing one in place changes the network."""
        return {
            f"{index}.{name}": array
            for index, layer in enumerate(self.layers)
            for name, array in layer.parameters().items()
        }

    def statistics(self) -> dict[str, Array]:
        """Return every array that training updates from what it sees, likewise as `layer.name`."""
        return {
            f"{index}.{name}": array
            for index, layer in enumerate(self.layers)
            for name, array in layer.statistics().items()
        }

    def logits(self, images: Array) -> Array:
        """Return the logits (N, K) of `images` (N, …) in [0, 1], before the temperature."""
        workspace = self._workspace()
        # Blocks of similar size: an image costs more in a small block.
        size = -(-len(images) // -(-len(images) // self._block))
        blocks = [self._read(images[start : start + size], workspace) for start in range(0, len(images), size)]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _read(self, images: Array, workspace: Workspace) -> Array:
        """Return the logits of a block of `images`. The steps are kept: making them takes as long as some do."""
        reading = workspace.plan((self, images.shape), lambda: self._reading(images.shape, workspace))
        self.normalisation.apply(images, out=reading.inputs)
        run(reading.steps)
        return reading.outputs.copy()

    def _reading(self, images: tuple[int, ...], workspace: Workspace) -> _Reading:
        """Return the steps for arrays of shape `images` (N, …)."""
        rows = images[0], math.prod(images[1:])
        inputs = outputs = workspace.buffer((self, "inputs"), rows, self.normalisation.mean.dtype)
        steps: list[Step] = []
        for layer in self.layers:
            outputs, more = layer.steps(outputs, workspace)
            steps += more
        return _Reading(inputs, steps, outputs)

    def probabilities(self, images: Images) -> Probabilities:
        """Return each image's chance of being each digit: see `Classifier`."""
        self._check(images)
        return self._probabilities(self.logits(images)) if len(images) else np.zeros((0, CLASSES), np.float32)

    def judged(self, images: Images) -> tuple[Probabilities, Array]:
        """Return `probabilities` of `images` and the chance that each shows a digit at all, (N,) float32, in one pass.

        The chance is one where the network was not trained to judge it.
        """
        self._check(images)
        if len(images) == 0:
            return np.zeros((0, CLASSES), np.float32), np.zeros(0, np.float32)
        logits = self.logits(images)
        return self._probabilities(logits), self.loss.digit_chances(logits).astype(np.float32)

    def _probabilities(self, logits: Array) -> Probabilities:
        return self.loss.probabilities(logits / self.temperature).astype(np.float32, copy=False)

    def _check(self, images: Images) -> None:
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ValueError(f"`images` must be (N, 28, 28); got {images.shape}")

    def to_arrays(self) -> dict[str, Array]:
        return {
            **self.parameters(),
            **self.statistics(),
            "normalisation.mean": self.normalisation.mean,
            "normalisation.deviation": self.normalisation.deviation,
        }

    def description(self) -> dict[str, Any]:
        return {
            "layers": [layer.specification() for layer in self.layers],
            "loss": type(self.loss).__name__,
            "temperature": self.temperature,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], description: dict[str, Any]) -> Self:
        """Return the network that `to_arrays` and `description` came from; ValueError where they do not fit.

        Its arrays are read-only, so that whatever layers compute from them is computed only once per thread.
        """
        statistics = [arrays.get(f"normalisation.{name}") for name in ("mean", "deviation")]
        if statistics[0] is None or statistics[1] is None:
            raise ValueError("its normalisation's mean or deviation is missing")
        mean, deviation = statistics[0], statistics[1]
        if mean.shape not in ((), (PIXELS,)) or deviation.shape != mean.shape or not (deviation > 0).all():
            raise ValueError(f"its normalisation must be () or ({PIXELS},) with positive deviations; got {mean.shape}")
        if description["loss"] not in LOSSES:
            raise ValueError(f"its loss must be one of {', '.join(LOSSES)}; got {description['loss']!r}")
        layers = [layer_from(specification, mean.dtype) for specification in description["layers"]]
        temperature = float(description["temperature"])
        if not temperature > 0:
            raise ValueError(f"its temperature must be positive; got {temperature}")
        network = cls(layers, LOSSES[description["loss"]](), Normalisation(mean, deviation), temperature)
        network.restore({name: array for name, array in arrays.items() if not name.startswith("normalisation.")})
        for array in (network.parameters() | network.statistics()).values():
            array.flags.writeable = False
        return network

    def restore(self, arrays: dict[str, Array]) -> None:
        """Set every parameter and statistic from `arrays`; ValueError where a name, shape or dtype does not fit."""
        own = {**self.parameters(), **self.statistics()}
        if own.keys() != arrays.keys():
            raise ValueError(f"its arrays must be {sorted(own)}; got {sorted(arrays)}")
        for name, array in arrays.items():
            if array.shape != own[name].shape or array.dtype != own[name].dtype:
                expected = f"{own[name].dtype} {own[name].shape}"
                raise ValueError(f"its array {name!r} must be {expected}; got {array.dtype} {array.shape}")
            own[name][...] = array

    def _workspace(self) -> Workspace:
        if not hasattr(self._threads, "workspace"):
            self._threads.workspace = Workspace()
        workspace: Workspace = self._threads.workspace
        return workspace
