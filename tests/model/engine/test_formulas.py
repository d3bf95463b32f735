"""The formulas that a layer's docstring shows are what the layer computes, forwards and backwards."""

import inspect
import textwrap
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from model.engine.batch_norm import EPSILON
from model.engine.layer import Layer
from model.engine.registry import LAYERS
from tests.model.engine.test_gradients import CASES, training_workspace


def formulas(layer: type[Layer]) -> str:
    """Return the lines of NumPy in the docstring of a class: those that are indented more than its prose."""
    lines = inspect.cleandoc(str(layer.__doc__)).splitlines()
    return textwrap.dedent("\n".join(line for line in lines if line.startswith("    ")))


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name in LAYERS for case in range(len(CASES[name]))], ids=str
)
def test_the_formulas_of_a_layer_are_what_it_computes(name: str, case: int) -> None:
    make, shape = CASES[name][case]
    layer, random = make(), np.random.default_rng(5)
    for parameter in layer.parameters().values():
        parameter[...] = random.standard_normal(parameter.shape)
    inputs, workspace = random.standard_normal(shape), training_workspace()
    outputs = layer.forward(inputs.copy(), workspace).copy()
    gradient = random.standard_normal(outputs.shape)
    names: dict[str, Any] = {
        "np": np,
        "sliding_window_view": sliding_window_view,
        "EPSILON": EPSILON,
        "random": training_workspace().random,
        **vars(layer),
        "bias": 0.0,  # unless the layer has one
        **layer.parameters(),
        "inputs": inputs,
        "gradient": gradient,
    }
    if "weights" in names:
        names["kernel"] = len(names["weights"])
    exec(formulas(type(layer)), names)  # noqa: S102  # the project's own docstring
    np.testing.assert_allclose(outputs, names["outputs"], rtol=1e-9, atol=1e-9)
    for key, found in layer.parameter_gradients(gradient.copy(), workspace).items():
        np.testing.assert_allclose(found, names[f"{key}_gradient"], rtol=1e-9, atol=1e-9)
    found = layer.input_gradient(gradient.copy(), workspace)
    np.testing.assert_allclose(found, names["input_gradient"], rtol=1e-9, atol=1e-9)
