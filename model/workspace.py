"""The memory of one forward pass: everything that changes while a network reads, so that the network need not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Workspace:
    """Buffers kept between calls and, in training, what the backward pass needs. One a thread.

    random: the generator that dropout draws from. It is given in training alone, and is what tells training apart.
    """

    def __init__(self, random: np.random.Generator | None = None) -> None:
        self.random = random
        self.kept: dict[object, Any] = {}
        self._buffers: dict[object, NDArray[Any]] = {}

    def buffer(self, owner: object, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return `owner`'s array of this shape and dtype, its values arbitrary; it is the same memory at every call."""
        held = self._buffers.get(owner)
        if held is None or held.shape[1:] != shape[1:] or held.dtype != dtype or held.shape[0] < shape[0]:
            held = self._buffers[owner] = np.empty(shape, dtype)
        return held[: shape[0]]

    def zeroed(self, owner: object, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return `buffer`, zero where its owner has never written: a border, once made, stays."""
        held = self._buffers.get(owner)
        array = self.buffer(owner, shape, dtype)
        if self._buffers[owner] is not held:
            array[...] = 0
        return array

    def repeated(self, owner: object, values: NDArray[Any], times: int, dtype: Any) -> NDArray[Any]:
        """Return `values` (n,) repeated, (times · n,): element-wise operations are fastest over long runs."""
        array = self.buffer(owner, (times, len(values)), dtype)
        array[...] = values
        return array.ravel()

    def keep(self, owner: object, value: Any) -> None:
        """Remember, in training, what `owner` needs on the way back."""
        if self.random is not None:
            self.kept[owner] = value
