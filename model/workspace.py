"""The memory of one forward pass: everything that changes while a network reads, so that the network need not."""

import math
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
        self._rows: dict[object, tuple[int, ...]] = {}

    def buffer(self, owner: object, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return `owner`'s array of this shape and dtype, its values arbitrary; it is the same memory at every call.

        Images of many widths take as much of it as they need, so that it is made anew for the widest alone.
        """
        size = math.prod(shape)
        held = self._buffers.get(owner)
        if held is None or held.dtype != dtype or held.size < size:
            held = self._buffers[owner] = np.empty(size, dtype)
        return held[:size].reshape(shape)

    def zeroed(self, owner: object, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return `buffer`, zero where its owner has never written: a border, once made, stays."""
        held = self._buffers.get(owner)
        array = self.buffer(owner, shape, dtype)
        if self._buffers[owner] is not held or self._rows.get(owner) != shape[1:]:
            self._buffers[owner][...] = 0
            self._rows[owner] = shape[1:]
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
