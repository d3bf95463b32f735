"""The benchmark measures what the contract names."""

import json
import sys

import pytest

import benchmark
from model import artifact
from model.engine.network import Network
from model.shipped import CNN
from tests.model.classifiers.test_classifiers import convolutional


def test_forward_prints_the_contracts_rows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "ROUNDS", 3)
    monkeypatch.setattr(sys, "argv", ["benchmark.py", "forward", "--json"])
    assert benchmark.main() == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["batch"] for row in rows] == [1, 8, 32, 128, 25]
    assert {"batch", "threads", "ratio_to_onnxruntime", "share_of_peak"} <= rows[0].keys()
    assert all(row["ratio_to_onnxruntime"] > 0 for row in rows)


def test_multiply_adds_count_every_use_of_a_weight() -> None:
    dense = artifact.load(CNN.with_name("two-layer.npz")).classifier
    assert isinstance(dense, Network)
    assert benchmark.multiply_adds(dense) == 784 * 1024 + 1024 * 10
    first, second, third = 26 * 26 * 9 * 8, 26 * 26 * 9 * 8 * 8, 6 * 6 * 9 * 8 * 16
    assert benchmark.multiply_adds(convolutional()) == first + second + third + 16 * 36 * 32 + 32 * 10
