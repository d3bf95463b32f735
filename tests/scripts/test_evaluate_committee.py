"""The table of a committee's looks."""

import sys
from pathlib import Path

import numpy as np
import pytest

import evaluate_committee
from model import artifact
from model.classifiers.committee import Committee
from model.shipped import CNN
from model.training import mnist
from model.training.mnist import Digits
from tests.model.classifiers.test_committee import VIEWS, member
from tests.scripts.test_train_and_evaluate import write_idx


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["evaluate_committee.py", *map(str, arguments)])
    return evaluate_committee.main()


def test_each_way_to_read_is_scored(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mnist, "VALIDATION", slice(1000, 1500))
    write_idx(tmp_path, "train", digits[:1500])
    np.savez(tmp_path / "usps_train.npz", x=digits.images[1500:1540], y=digits.labels[1500:1540])
    committee = Committee([member(digits[:1000], seed) for seed in (1, 2)], VIEWS, 0.01)
    path = tmp_path / "committee.npz"
    artifact.save(path, committee, {"name": "small", "version": "1"})
    assert run(monkeypatch, path, "--data", tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[-2:] == ["validation", "usps_train"]
    looks = {line[:36].strip(): float(line[36:43]) for line in lines[1:]}
    assert looks["first, first view"] == 1
    assert looks["all members, all views"] == pytest.approx(6, abs=0.1)
    assert 1 < looks["all where the first doubts 1.00%"] < looks["all where the first doubts 0.10%"] < 6


def test_an_artifact_that_is_not_a_committee_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, CNN.with_name("two-layer.npz"), "--data", tmp_path) == 1
    assert "holds no committee" in capsys.readouterr().err
