"""One workspace serves images of many sizes, and a border that must be zero is zero."""

import numpy as np

from model.engine.workspace import Workspace


def test_images_of_many_widths_take_one_memory() -> None:
    workspace = Workspace()
    widest = workspace.buffer("a", (4, 28, 300, 8), np.float32)
    for width in (100, 300, 28):
        array = workspace.buffer("a", (2, 28, width, 8), np.float32)
        assert array.shape == (2, 28, width, 8)
        assert array.flags.c_contiguous
        assert np.shares_memory(array, widest)


def test_zeroed_memory_is_zero_where_its_owner_has_not_written_since_the_shape_changed() -> None:
    workspace = Workspace()
    for count, width in ((3, 10), (2, 10), (3, 6), (4, 10)):
        array = workspace.zeroed("b", (count, width), np.float32)
        assert (array[:, -2:] == 0).all()
        array[:, :-2] = 1
