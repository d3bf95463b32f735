"""Folding: a network's batch normalisations, as they are when reading, move into the weights before them."""

import numpy as np

from model.engine.batch_norm import BatchNorm
from model.engine.convolution import Conv2D
from model.engine.dense import Dense
from model.engine.layer import Layer
from model.engine.network import Network


def folded(network: Network) -> Network:
    """Return a network without BatchNorm that reads as `network` does; it shares the arrays of the other layers.

    Raises ValueError where a BatchNorm does not directly follow a convolution or a dense layer.
    """
    layers: list[Layer] = []
    for layer in network.layers:
        if not isinstance(layer, BatchNorm):
            layers.append(layer)
            continue
        if not layers or not isinstance(layers[-1], Conv2D | Dense):
            raise ValueError("a BatchNorm must directly follow a Conv2D or a Dense layer to be folded into it")
        layers[-1] = _scaled(layers[-1], layer)
    return Network(layers, network.loss, network.normalisation, network.temperature)


def _scaled(before: Conv2D | Dense, norm: BatchNorm) -> Conv2D | Dense:
    """Return one layer whose outputs are those of `before`, then `norm` when reading."""
    dtype = before.weights.dtype
    factor, offset = norm.factors()
    made: Conv2D | Dense
    if isinstance(before, Dense):
        inputs, outputs = before.weights.shape
        made = Dense(inputs, outputs, dtype)
    else:
        kernel, _, inputs, outputs = before.weights.shape
        made = Conv2D(inputs, outputs, kernel, before.stride, before.padding, dtype=dtype)
    made.weights[...] = before.weights * factor
    made.bias = np.asarray(offset if before.bias is None else factor * before.bias + offset, dtype)
    return made
