"""Members of two committees become one, and its header says how each was trained."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import join_committee
from model import artifact
from model.classifiers.committee import Committee
from model.shipped import CNN
from model.training import mnist
from model.training.mnist import Digits
from tests.scripts.test_train_and_evaluate import write_idx


@pytest.fixture
def few(digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of 200 digits, which are taken for MNIST's validation digits."""
    monkeypatch.setattr(mnist, "VALIDATION", slice(0, 200))
    write_idx(tmp_path, "train", digits[:200])
    return tmp_path


def _join(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["scripts/join_committee.py", *map(str, arguments)])
    return join_committee.main()


def _members(path: Path) -> tuple[Any, ...]:
    committee = artifact.load(path).classifier
    assert isinstance(committee, Committee)
    return committee.members


def test_the_members_stay_as_they_are_and_keep_their_history(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = few / "joined.npz"
    assert _join(monkeypatch, f"{CNN}:2", f"{CNN}:1", "--data", few, "--out", out) == 0
    first, second = _members(CNN)
    for joined, own in zip(_members(out), (second, first), strict=True):
        for name, array in own.to_arrays().items():
            np.testing.assert_array_equal(joined.to_arrays()[name], array)
    header, before = artifact.load(out).header, artifact.load(CNN).header
    assert header["training"]["members"] == before["training"]["members"][::-1]
    data = {each["name"]: each for training in before["training"]["members"] for each in training["data"]}
    assert header["training"]["data"] == list(data.values())
    assert header["training"]["command"].startswith("python scripts/join_committee.py ")
    assert header["scores"]["validation"]["n"] == 200


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ("cnn.npz", "members must be given as FILE:N; got 'cnn.npz'"),
        (f"{CNN}:0", f"{CNN} has members 1 to 2; got 0"),
        (f"{CNN}:3", f"{CNN} has members 1 to 2; got 3"),
        (f"{CNN.with_name('two-layer.npz')}:1", "holds a network; expected a committee"),
        ("nowhere.npz:1", "nowhere.npz"),
    ],
)
def test_what_is_no_member_is_refused_with_a_sentence(
    member: str, sentence: str, few: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _join(monkeypatch, member, "--data", few, "--out", few / "joined.npz") == 1
    assert sentence in capsys.readouterr().err
    assert not (few / "joined.npz").exists()
