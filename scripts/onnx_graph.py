"""A classifier as a graph of ONNX operators; ONNX is in the `bench` extra."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model.classifiers.committee import Committee, View
from model.engine.convolution import Conv2D
from model.engine.dense import Dense, Dropout, ReLU, Sigmoid
from model.engine.folding import folded
from model.engine.layer import Layer
from model.engine.losses import DigitOrNone, Loss, SigmoidCrossEntropy
from model.engine.network import Network
from model.engine.pooling import Flatten, MaxPool, ToImages
from model.types import CLASSES, PIXELS, SIDE

OPSET = 17
# The file format's version, as old as the operators allow, so that older runtimes can read it.
IR_VERSION = 8


class _Graph:
    """Nodes in order; a node takes the output of the one before it unless told otherwise."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.last = "pixels"

    def add(self, operator: str, *constants: NDArray[Any], of: tuple[str, ...] = (), **attributes: Any) -> str:
        """Add a node whose inputs are the outputs `of` other nodes, then `constants`; return its output's name."""
        names = [f"constant{len(self.constants) + k}" for k in range(len(constants))]
        for name, value in zip(names, constants, strict=True):
            held = value if value.dtype == np.int64 else value.astype(np.float32)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(held), name))
        output = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [*(of or (self.last,)), *names], [output], **attributes))
        self.last = output
        return output

    def model(self) -> onnx.ModelProto:
        """Return the model whose output is the last node's."""
        self.nodes[-1].output[0] = "probabilities"
        model = helper.make_model(
            helper.make_graph(
                self.nodes,
                "digits",
                [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 28, 28])],
                [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
                self.constants,
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def exported(classifier: Network | Committee) -> onnx.ModelProto:
    """Return `classifier` as an ONNX model; ValueError where it holds a layer that has no counterpart here."""
    graph = _Graph()
    if isinstance(classifier, Committee):
        _add_committee(graph, classifier)
    else:
        _add_probabilities(graph, _add_logits(graph, classifier), classifier.loss, classifier.temperature)
    return graph.model()


def _add_committee(graph: _Graph, committee: Committee) -> None:
    """Add all members, and move the first's answer towards that of all as far as it is in doubt: see `Committee`."""
    loss = committee.first.loss
    seen = [_add_view(graph, view) for view in committee.views]
    logits = [_add_logits(graph, member, view) for view in seen for member in committee.members]
    first = _add_probabilities(graph, logits[0], loss, committee.first.temperature)
    mean = graph.add("Mean", of=tuple(logits))
    together = _add_probabilities(graph, mean, loss, committee.temperature)
    right = graph.add("ReduceMax", of=(first,), axes=[1], keepdims=1)
    if isinstance(loss, DigitOrNone):
        digits, none = (
            graph.add("Slice", np.array([start]), np.array([end]), np.array([1]), of=(logits[0],))
            for start, end in ((0, CLASSES), (CLASSES, CLASSES + 1))
        )
        either = graph.add("ReduceLogSumExp", of=(digits,), axes=[1], keepdims=1)
        evidence = graph.add("Sub", of=(either, none))
        chance = graph.add("Sigmoid", of=(graph.add("Add", np.array(loss.PRIOR), of=(evidence,)),))
        no_digit = graph.add("Neg", of=(graph.add("Sub", np.array(1.0), of=(chance,)),))
        right = graph.add("Max", of=(graph.add("Mul", of=(right, chance)), no_digit))
    doubt = graph.add("Neg", of=(graph.add("Sub", np.array(1.0), of=(right,)),))
    times = graph.add("Max", np.array(1e-30), of=(graph.add("Div", np.array(committee.doubt), of=(doubt,)),))
    weight = graph.add("Clip", np.array(0.0), np.array(1.0), of=(graph.add("Log", of=(times,)),))
    change = graph.add("Mul", of=(graph.add("Sub", of=(together, first)), weight))
    graph.add("Add", of=(first, change))


def _add_view(graph: _Graph, view: View) -> str:
    """Add the pixels as the view shows them; return their name."""
    scaled = graph.add("Div", np.array(255.0), of=("pixels",))
    if view.shear:
        # Each row is moved on its own: where column j of row i goes is a matrix, read from pictures of one column.
        columns = np.zeros((SIDE, SIDE, SIDE), np.float32)
        columns[np.arange(SIDE), :, np.arange(SIDE)] = 1
        moves = View(shear=view.shear).of(columns).transpose(1, 0, 2)
        rows = graph.add("Reshape", np.array([-1, SIDE, 1, SIDE]), of=(scaled,))
        scaled = graph.add("MatMul", moves, of=(rows,))
    graph.add("Reshape", np.array([-1, 1, SIDE, SIDE]), of=(scaled,))
    if view.sharpening:
        kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]) * -view.sharpening
        kernel[1, 1] += 1
        graph.add("Conv", kernel[None, None], pads=[1] * 4)
        graph.add("Clip", np.array(0.0), np.array(1.0))
    return graph.add("Mul", np.array(255.0))


def _add_logits(graph: _Graph, network: Network, pixels: str = "pixels") -> str:
    """Add `network` from the pixels to its logits; return their name."""
    graph.add("Reshape", np.array([-1, PIXELS]), of=(pixels,))
    mean, deviation = (
        np.asarray(each, np.float64) for each in (network.normalisation.mean, network.normalisation.deviation)
    )
    graph.add("Sub", 255 * mean)
    graph.add("Div", 255 * deviation)
    for layer in folded(network).layers:
        _add_layer(graph, layer)
    return graph.last


def _add_probabilities(graph: _Graph, logits: str, loss: Loss, temperature: float) -> str:
    """Add what `logits` mean under `loss` at `temperature`; return the probabilities' name."""
    graph.add("Div", np.array(temperature), of=(logits,))
    if isinstance(loss, DigitOrNone):
        # The probabilities are those of the ten digits, given that there is a digit: the last logit is left out.
        graph.add("Slice", np.array([0]), np.array([CLASSES]), np.array([1]))
    if isinstance(loss, SigmoidCrossEntropy):
        # log σ(z) = -softplus(-z), and the softmax of that is σ scaled to sum to one.
        for operator in ("Neg", "Softplus", "Neg"):
            graph.add(operator)
    return graph.add("Softmax", axis=1)


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
            # ONNX images have their channels first, ours have them last: the rows must be in our order.
            graph.add("Transpose", perm=[0, 2, 3, 1])
            graph.add("Flatten")
        case Dropout():
            pass
        case _:
            raise ValueError(f"a {type(layer).__name__} has no ONNX counterpart here")
