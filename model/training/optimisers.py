"""Optimisers: how a gradient changes the parameters. Parameters and gradients are dictionaries with the same names."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class Optimiser(Protocol):
    """What changes parameters in place. Its `state` is part of a checkpoint."""

    state: Arrays

    def step(self, parameters: Arrays, gradients: Arrays, learning_rate: float) -> None:
        """Change `parameters` in place by one step against `gradients`."""
        ...


class GradientDescent:
    """`p -= learning_rate · g`, as in the lesson; with `momentum`, g is a running sum of gradients."""

    def __init__(self, momentum: float = 0.0) -> None:
        if not 0 <= momentum < 1:
            raise ValueError(f"`momentum` must be at least 0 and below 1; got {momentum}")
        self.momentum = momentum
        self.state: Arrays = {}

    def step(self, parameters: Arrays, gradients: Arrays, learning_rate: float) -> None:
        for name, parameter in parameters.items():
            direction = gradients[name]
            if self.momentum:
                velocity = self.state.setdefault(name, np.zeros_like(parameter))
                velocity *= self.momentum
                velocity += direction
                direction = velocity
            parameter -= learning_rate * direction


class Adam:
    """Adam with decoupled weight decay on the matrices.

    Source: Kingma and Ba 2015, "Adam"; Loshchilov and Hutter 2019, "Decoupled weight decay regularization".
    """

    def __init__(
        self, mean_decay: float = 0.9, square_decay: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        self.mean_decay, self.square_decay, self.epsilon, self.weight_decay = (
            mean_decay,
            square_decay,
            epsilon,
            weight_decay,
        )
        self.state: Arrays = {}

    def step(self, parameters: Arrays, gradients: Arrays, learning_rate: float) -> None:
        steps = self.state.setdefault("steps", np.zeros((), np.int64))
        steps += 1
        mean_scale = 1 / (1 - self.mean_decay ** int(steps))
        square_scale = 1 / (1 - self.square_decay ** int(steps))
        for name, parameter in parameters.items():
            gradient = gradients[name]
            mean = self.state.setdefault(f"mean.{name}", np.zeros_like(parameter))
            square = self.state.setdefault(f"square.{name}", np.zeros_like(parameter))
            mean += (1 - self.mean_decay) * (gradient - mean)
            square += (1 - self.square_decay) * (gradient * gradient - square)
            if parameter.ndim > 1 and self.weight_decay:
                parameter *= 1 - learning_rate * self.weight_decay
            denominator = np.sqrt(square * square_scale)
            denominator += self.epsilon
            parameter -= learning_rate * mean_scale * mean / denominator
