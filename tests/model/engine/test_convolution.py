"""Both methods of convolution give the sum over all patches, whatever the shapes and whatever ran before."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from model.engine import winograd
from model.engine.convolution import Conv2D
from model.engine.patches import parts
from model.engine.workspace import Workspace
from model.types import Array


def direct(layer: Conv2D, inputs: Array) -> Array:
    """Return the convolution as it is defined: for each pixel of a kernel, the pixels under it times its weights."""
    kernel, stride, margin = len(layer.weights), layer.stride, layer.padding
    padded = np.pad(inputs.astype(np.float64), ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    rows, columns = ((side - kernel) // stride + 1 for side in padded.shape[1:3])
    outputs = np.zeros((len(inputs), rows, columns, layer.weights.shape[3]))
    for down, right in np.ndindex(kernel, kernel):
        under = padded[:, down : down + stride * (rows - 1) + 1 : stride, right:][
            :, :, : stride * (columns - 1) + 1 : stride
        ]
        outputs += under @ layer.weights[down, right].astype(np.float64)
    return outputs if layer.bias is None else outputs + layer.bias


def layer_of(random: np.random.Generator, *sizes: Any, fixed: bool = False) -> Conv2D:
    layer = Conv2D(*sizes)
    for array in layer.parameters().values():
        array[...] = random.standard_normal(array.shape)
        array.flags.writeable = not fixed
    return layer


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_convolution_is_the_sum_over_its_patches_at_every_shape(data: st.DataObject) -> None:
    draw, random = data.draw, np.random.default_rng(1)
    kernel = draw(st.sampled_from([1, 2, 3, 3, 3, 5]))
    stride, padding = draw(st.integers(1, 3)), draw(st.integers(0, kernel - 1))
    channels, outputs = draw(st.sampled_from([1, 2, 16, 40])), draw(st.sampled_from([3, 16, 64]))
    biased, fixed = draw(st.booleans()), draw(st.booleans())
    layer = layer_of(random, channels, outputs, kernel, stride, padding, biased, fixed=fixed)
    workspace = Workspace()
    sides = st.integers(max(1, kernel - 2 * padding), 13)
    for _ in range(3):  # in one workspace, to show that no shape sees what another left behind
        shape = draw(st.integers(0, 5)), draw(sides), draw(sides), channels
        inputs = random.standard_normal(shape, np.float32)
        expected = direct(layer, inputs)
        found = layer.forward(inputs, workspace)
        assert found.dtype == np.float32
        assert found.shape == expected.shape
        assert_allclose(found, expected, rtol=0, atol=2e-6 * kernel * kernel * channels + 1e-5)


def test_batches_of_different_methods_may_alternate_in_one_workspace() -> None:
    random = np.random.default_rng(2)
    layer, workspace = layer_of(random, 96, 128, fixed=True), Workspace()
    images = random.standard_normal((8, 6, 6, 96), np.float32)
    assert not winograd.suits(layer.weights, 1, (1, 4, 4, 128))
    assert winograd.suits(layer.weights, 1, (8, 4, 4, 128))
    for count in (8, 1, 8, 1, 3):
        assert_allclose(layer.forward(images[:count], workspace), direct(layer, images[:count]), rtol=0, atol=1e-3)


@pytest.mark.parametrize("channels", [1, 3, 16])
def test_weights_changed_in_training_are_used_in_the_next_pass(channels: int) -> None:
    random = np.random.default_rng(3)
    layer, workspace = layer_of(random, channels, 16), Workspace()
    inputs = random.standard_normal((2, 8, 8, channels), np.float32)
    for _ in range(2):
        assert_allclose(layer.forward(inputs, workspace), direct(layer, inputs), rtol=0, atol=1e-3)
        layer.weights += 1
        assert layer.bias is not None
        layer.bias -= 1


@pytest.mark.parametrize(("stride", "width"), [(1, 301), (2, 300), (1, 100)])
def test_a_wide_strip_is_convolved_some_lines_at_a_time(stride: int, width: int) -> None:
    random = np.random.default_rng(4)
    layer = layer_of(random, 32, 64, 3, stride, 1)
    inputs = random.standard_normal((2, 32, width, 32), np.float32)
    assert_allclose(layer.forward(inputs, Workspace()), direct(layer, inputs), rtol=0, atol=1e-3)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 1 << 20))
def test_parts_cover_every_line_of_every_image_exactly_once(count: int, lines: int, bytes_a_line: int) -> None:
    seen = np.zeros((count, lines), int)
    for some, rows in parts(count, lines, bytes_a_line):
        seen[some, rows] += 1
        assert some.stop - some.start == 1 or rows == slice(0, lines)
    assert (seen == 1).all()


def test_winograds_rounding_is_about_as_small_as_that_of_a_plain_sum() -> None:
    random = np.random.default_rng(5)
    layer = layer_of(random, 64, 64)
    inputs = np.maximum(random.standard_normal((8, 10, 10, 64), np.float32), 0)
    expected = direct(layer, inputs)
    error = np.abs(layer.forward(inputs, Workspace()) - expected).max() / expected.std()
    assert error < 2e-6, f"the greatest error is {error:.2g} of the outputs' deviation"
