"""The types of the arrays that pass between folders, and the sizes that come from MNIST."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 28
"""Pixels on each side of MNIST's images."""
PIXELS = SIDE * SIDE
CLASSES = 10
WHITE = 255
"""The greatest value of a pixel."""

Array = NDArray[Any]
Picture = NDArray[np.uint8] | NDArray[np.float32]
"""(H, W) grey or (H, W, 3) RGB, 0 to 255, any polarity."""
InkMap = NDArray[np.float32]
"""(H, W) float32: 0 is paper, 1 is the full strength of the pen."""
Image = NDArray[np.float32]
"""(28, 28) float32 in [0, 1], ink bright on dark, in MNIST's geometry."""
Images = NDArray[np.float32]
"""(N, 28, 28) float32, each an `Image`."""
Probabilities = NDArray[np.float32]
"""(N, 10) float32, each row summing to one."""
