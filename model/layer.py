"""What every layer of a network is."""

from typing import Any, ClassVar

from numpy.typing import NDArray

from model.workspace import Workspace

Array = NDArray[Any]


class Layer:
    """One step of a network. A layer without parameters overrides `forward` and `input_gradient` alone.

    A training pass goes forward through all layers, then back: `parameter_gradients` first, then `input_gradient`,
    which may overwrite the gradient that it is given and the layer's own outputs.
    """

    # Whether the layer holds arrays, and so is made with a dtype.
    holds_arrays: ClassVar[bool] = False

    def specification(self) -> list[Any]:
        """Return the layer's name and sizes, as plain values that `layer_from` turns into a layer again."""
        return [type(self).__name__]

    def parameters(self) -> dict[str, Array]:
        """Return the arrays that training fits, by name."""
        return {}

    def statistics(self) -> dict[str, Array]:
        """Return the arrays that follow what training sees, by name; no gradient changes them."""
        return {}

    def observe(self, workspace: Workspace) -> None:
        """Let the statistics follow the last training pass. Not thread-safe: the loop calls it between steps."""

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Return the layer's outputs for `inputs` (N, …), contiguous; they live in `workspace` until its next pass.

        Outside training, `inputs` may be overwritten.
        """
        raise NotImplementedError

    def input_gradient(self, gradient: Array, workspace: Workspace) -> Array:
        """Return the cost's derivative by the inputs of the last training pass, given that by the outputs."""
        raise NotImplementedError

    def parameter_gradients(self, gradient: Array, workspace: Workspace) -> dict[str, Array]:  # noqa: ARG002  # the base has no parameters
        """Return the cost's derivative by each parameter, given that by the outputs."""
        return {}
