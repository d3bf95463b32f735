"""The layers by name, so that an artifact can say which it holds. A new layer needs a file and its name here."""

from typing import Any

from numpy.typing import DTypeLike

from model.engine.batch_norm import BatchNorm
from model.engine.convolution import Conv2D
from model.engine.dense import Dense, Dropout, ReLU, Sigmoid
from model.engine.layer import Layer
from model.engine.pooling import Flatten, MaxPool, ToImages

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer for layer in (Dense, ReLU, Sigmoid, Dropout, Conv2D, BatchNorm, MaxPool, ToImages, Flatten)
}


def layer_from(specification: list[Any], dtype: DTypeLike) -> Layer:
    """Return a new layer as `specification` describes it; ValueError where there is no such layer."""
    name, *sizes = specification
    if name not in LAYERS:
        raise ValueError(f"a layer must be one of {', '.join(LAYERS)}; got {name!r}")
    kind: Any = LAYERS[name]
    return kind(*sizes, dtype=dtype) if kind.holds_arrays else kind(*sizes)  # type: ignore[no-any-return]  # kind is a Layer's class
