"""The memory of one forward pass: everything that changes while a network reads, so that the network does not."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.types import Array

Plan = TypeVar("Plan")

# Element-wise operations take half the time on arrays that begin at a cache line.
CACHE_LINE = 64
# Memory is taken from the system in pieces of at least this size, for which NumPy then asks for pages of 2 MiB.
BLOCK_BYTES = 8 << 20
# So many plans are kept: eight for each of the forty widths of a band, and few enough where any width may come.
MOST_PLANS = 512


class Workspace:
    """Buffers kept between calls and, in training, what the backward pass needs. Each thread has its own.

    random: the generator that dropout draws from. It is given only in training, which layers tell by it.
    """

    def __init__(self, random: np.random.Generator | None = None) -> None:
        self.random = random
        self.kept: dict[object, Any] = {}
        self._memory: dict[object, NDArray[np.uint8]] = {}
        self._arrays: dict[object, Array] = {}
        self._zeroed: dict[object, tuple[int, ...]] = {}
        self._plans: dict[object, Any] = {}
        self._growths = 0
        self._free: NDArray[np.uint8] = np.empty(0, np.uint8)

    def buffer(self, owner: object, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return `owner`'s array of this shape and dtype, with arbitrary values.

        Every call returns the same memory, whatever the shape: it grows but never shrinks.
        """
        held = self._arrays.get(owner)
        if held is not None and held.shape == shape and held.dtype == dtype:
            return held
        size = math.prod(shape) * np.dtype(dtype).itemsize
        memory = self._memory.get(owner)
        if memory is None or len(memory) < size:
            # At least twice as much as before, so that the memory given up is never more than the memory held.
            memory = self._memory[owner] = self._allocated(size if memory is None else max(size, 2 * len(memory)))
            self._zeroed.pop(owner, None)
            self._plans.clear()  # they may hold the memory that this replaces
            self._growths += 1
        array: Array = np.ndarray(shape, dtype, memory)
        self._arrays[owner] = array
        return array

    def zeroed(self, owner: object, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return `buffer`, zero where its owner has not written since the shape changed: a border of zeros stays."""
        array = self.buffer(owner, shape, dtype)
        held = self._zeroed.get(owner)
        if held is None or held[1:] != shape[1:] or held[0] < shape[0]:
            array[...] = 0
            self._zeroed[owner] = shape
        return array

    def repeated(self, owner: object, values: Array, times: int, dtype: Any) -> Array:
        """Return `values` (n,) repeated to (times · n,): element-wise operations are fastest over long runs."""
        array = self.buffer(owner, (times, len(values)), dtype)
        array[...] = values
        return array.ravel()

    def plan(self, key: object, make: Callable[[], Plan]) -> Plan:
        """Return `make()`, called once for `key`: what a layer derives from a shape, such as views of its buffers.

        A result made while memory grew is not kept: it may refer to memory that was given up.
        """
        held: Plan | None = self._plans.get(key)
        if held is None:
            growths = self._growths
            held = make()
            if self._growths != growths:
                return held
            if len(self._plans) == MOST_PLANS:
                self._plans.clear()
            self._plans[key] = held
        return held

    def keep(self, owner: object, value: Any) -> None:
        """Remember, in training, what `owner` needs in the backward pass."""
        if self.random is not None:
            self.kept[owner] = value

    def _allocated(self, size: int) -> NDArray[np.uint8]:
        """Return new memory of `size` bytes that begins at a cache line."""
        size += -size % CACHE_LINE
        if len(self._free) < size:
            block = np.empty(max(size, BLOCK_BYTES) + CACHE_LINE, np.uint8)
            self._free = block[-block.ctypes.data % CACHE_LINE :]
        memory, self._free = self._free[:size], self._free[size:]
        return memory
