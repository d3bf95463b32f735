"""The exported file gives what the network gives, in ONNX Runtime."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import export_onnx
from model.artifact import Artifact
from model.mnist import Digits, as_ink
from model.network import Network
from tests.model.test_classifiers import convolutional


@pytest.mark.parametrize("name", ["shipped", "convolutional"])
def test_the_exported_network_gives_the_same_probabilities(
    name: str, shipped: Artifact, digits: Digits, tmp_path: Path
) -> None:
    network = shipped.classifier if name == "shipped" else convolutional()
    assert isinstance(network, Network)
    network = Network(network.layers, network.loss, network.normalisation, 1.7)
    path = tmp_path / "network.onnx"
    path.write_bytes(export_onnx.exported(network).SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    pixels = digits.images[:40].astype(np.float32)
    found = session.run(["probabilities"], {"pixels": pixels})[0]
    assert np.abs(found - network.probabilities(as_ink(digits.images[:40]))).max() < 1e-4
