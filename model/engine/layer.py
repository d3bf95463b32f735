"""What every layer of a network is."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from model.engine.workspace import Workspace
from model.types import Array

# A call that is ready to be made: a NumPy function with its inputs and the memory for its outputs.
Step = Callable[[], object]


class Layer:
    """One part of a network. A layer without parameters overrides only `steps` and `input_gradient`.

    A layer's docstring gives its formula and its derivatives in NumPy that one can read: `outputs` from `inputs`, and
    `input_gradient` and `NAME_gradient` for each parameter from `gradient`, the cost's derivative by the outputs. The
    tests run these lines and compare. The methods compute the same in prepared steps, for speed.

    A training pass goes forward through all layers, then back: `parameter_gradients` first, then `input_gradient`,
    which may overwrite the gradient that it is given and the layer's own outputs. A layer's parameters are arrays that
    the optimiser changes in place. A pass writes only into its workspace, so that threads may share a layer.
    """

    # Whether the layer holds arrays, and is therefore made with a dtype.
    holds_arrays: ClassVar[bool] = False

    def specification(self) -> list[Any]:
        """Return the layer's name and sizes as plain values, from which `layer_from` makes the layer again."""
        return [type(self).__name__]

    def parameters(self) -> dict[str, Array]:
        """Return the arrays that training fits, by name."""
        return {}

    def statistics(self) -> dict[str, Array]:
        """Return the arrays that training updates from what it sees, by name; no gradient changes them."""
        return {}

    def observe(self, workspace: Workspace) -> None:
        """Update the statistics from the last training pass. Not thread-safe: the loop calls it between steps."""

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Return the layer's outputs for `inputs` (N, …), contiguous; they live in `workspace` until its next pass.

        Outside training, `inputs` may be overwritten.
        """
        outputs, steps = self.steps(inputs, workspace)
        run(steps)
        return outputs

    def steps(self, inputs: Array, workspace: Workspace) -> tuple[Array, list[Step]]:
        """Return the array in which `forward` puts its outputs, and the calls that compute them.

        Outside training, the calls can be made again after `inputs` (contiguous) have changed, as long as the workspace
        keeps its plans.
        """
        raise NotImplementedError

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        """Return the cost's derivative by the inputs of the last training pass, given its derivative by the outputs."""
        raise NotImplementedError

    def parameter_gradients(self, gradient: Array, workspace: Workspace) -> dict[str, Array]:  # noqa: ARG002  # the base has no parameters
        """Return the cost's derivative by each parameter, given its derivative by the outputs."""
        return {}


def run(steps: Iterable[Step]) -> None:
    """Make each of the calls, in order."""
    for step in steps:
        step()
