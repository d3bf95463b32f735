"""In ONNX Runtime, the exported file gives what the classifier gives."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import onnx_graph
from model.artifact import Artifact
from model.classifiers.committee import Committee
from model.engine.network import Network
from model.training.mnist import Digits, as_ink
from tests.model.classifiers.test_classifiers import convolutional
from tests.model.classifiers.test_committee import VIEWS, member


def differences(classifier: Network | Committee, digits: Digits, path: Path) -> float:
    """The largest difference between the classifier's probabilities of `digits` and those of its exported file."""
    path.write_bytes(onnx_graph.exported(classifier).SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(["probabilities"], {"pixels": digits.images.astype(np.float32)})[0]
    return float(np.abs(found - classifier.probabilities(as_ink(digits.images))).max())


def test_the_exported_network_gives_the_same_probabilities(digits: Digits, tmp_path: Path) -> None:
    network = convolutional()
    network = Network(network.layers, network.loss, network.normalisation, 1.7)
    assert differences(network, digits[:40], tmp_path / "network.onnx") < 1e-4


def test_the_exported_shipped_weights_give_the_same_probabilities(
    shipped: Artifact, digits: Digits, tmp_path: Path
) -> None:
    assert isinstance(shipped.classifier, Network | Committee)
    assert differences(shipped.classifier, digits[:500], tmp_path / "shipped.onnx") < 1e-4


@pytest.mark.parametrize("doubt", [1e-4, 0.01, 1.0])
def test_an_exported_committee_gives_the_same_probabilities(doubt: float, digits: Digits, tmp_path: Path) -> None:
    committee = Committee([member(digits[:1000], seed) for seed in (1, 2)], VIEWS, doubt, 0.9)
    assert differences(committee, digits, tmp_path / "committee.onnx") < 1e-4
    networks = [convolutional(), convolutional()]
    networks[1].parameters()["1.weights"][...] *= 0.9
    assert differences(Committee(networks, VIEWS, doubt), digits[:40], tmp_path / "softmax.onnx") < 1e-4
