"""Write an artifact's network as an ONNX file, for other runtimes.

Its input is `pixels` (N, 28, 28) float32, 0 to 255, ink bright on dark as in MNIST; its output `probabilities` (N, 10).
Normalisation and temperature are inside. Needs the `bench` extra.

Example: python scripts/export_onnx.py model/weights/cnn.npz cnn.onnx
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model import artifact
from model.arrays import ArtifactError
from model.folding import folded
from model.layers import Conv2D, Dense, Dropout, Flatten, Layer, MaxPool, ReLU, Sigmoid, ToImages
from model.losses import DigitOrNone, SigmoidCrossEntropy
from model.network import CLASSES, PIXELS, Network

OPSET = 17
# The file's own version, as old as the operators allow, so that older runtimes read it.
IR_VERSION = 8


class _Graph:
    """A chain of nodes: each takes the last one's output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.last = "pixels"

    def add(self, operator: str, *constants: NDArray[Any], **attributes: Any) -> None:
        names = [f"constant{len(self.constants) + k}" for k in range(len(constants))]
        for name, value in zip(names, constants, strict=True):
            held = value if value.dtype == np.int64 else value.astype(np.float32)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(held), name))
        output = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [self.last, *names], [output], **attributes))
        self.last = output


def exported(network: Network) -> onnx.ModelProto:
    """Return `network` as an ONNX model; ValueError where it holds a layer that has no counterpart here."""
    network = folded(network)
    graph = _Graph()
    graph.add("Reshape", np.array([-1, PIXELS]))
    mean, deviation = (
        np.asarray(each, np.float64) for each in (network.normalisation.mean, network.normalisation.deviation)
    )
    graph.add("Sub", 255 * mean)
    graph.add("Div", 255 * deviation)
    for layer in network.layers:
        _add_layer(graph, layer)
    graph.add("Div", np.array(network.temperature))
    if isinstance(network.loss, DigitOrNone):
        # The probabilities are of the ten digits, given that there is one: the last logit is left out.
        graph.add("Slice", np.array([0]), np.array([CLASSES]), np.array([1]))
    if isinstance(network.loss, SigmoidCrossEntropy):
        # log σ(z) = -softplus(-z), and its softmax is σ scaled to sum to one.
        for operator in ("Neg", "Softplus", "Neg"):
            graph.add(operator)
    graph.add("Softmax", axis=1)
    graph.nodes[-1].output[0] = "probabilities"
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "digits",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 28, 28])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def _add_layer(graph: _Graph, layer: Layer) -> None:
    match layer:
        case Dense():
            graph.add("Gemm", layer.weights, layer.bias)
        case Conv2D():
            bias = [] if layer.bias is None else [layer.bias]
            graph.add(
                "Conv",
                layer.weights.transpose(3, 2, 0, 1),
                *bias,
                strides=[layer.stride] * 2,
                pads=[layer.padding] * 4,
            )
        case MaxPool():
            graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        case ReLU():
            graph.add("Relu")
        case Sigmoid():
            graph.add("Sigmoid")
        case ToImages():
            graph.add("Reshape", np.array([-1, 1, layer.side, layer.side]))
        case Flatten():
            # ONNX's images have their channels first, ours last: the rows must be in our order.
            graph.add("Transpose", perm=[0, 2, 3, 1])
            graph.add("Flatten")
        case Dropout():
            pass
        case _:
            raise ValueError(f"a {type(layer).__name__} has no ONNX counterpart here")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", type=Path, help="the artifact to read (.npz)")
    parser.add_argument("file", type=Path, help="the file to write (.onnx)")
    options = parser.parse_args()
    try:
        loaded = artifact.load_digits(options.artifact)
        if not isinstance(loaded.classifier, Network):
            kind = loaded.header["kind"]
            raise ArtifactError(f"{options.artifact} holds a {kind}; only a network can be exported")
        onnx.save(exported(loaded.classifier), options.file)
    except (OSError, ValueError) as error:
        print(f"export_onnx.py: {error}", file=sys.stderr)
        return 1
    print(f"Wrote {options.file}: {loaded.name} {loaded.version}, {options.file.stat().st_size} bytes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
