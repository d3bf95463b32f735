"""Checkpoints: where they are kept, and which runs they refuse."""

import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.arrays import ArtifactError
from model.training import mnist
from model.training.checkpoint import Checkpoint
from model.training.mnist import Digits, as_ink
from model.training.recipes.cnn import Convolutional
from model.training.recipes.recipe import Run
from tests.conftest import ROOT

RUN: dict[str, Any] = {
    "recipe": {"name": "cnn", "learning_rate": 0.003, "distortion": {"sharpening": (-0.05, 0.5)}},
    "seed": 1,
}


def test_a_checkpoint_gives_back_what_was_kept_and_only_to_a_run_that_resumes(tmp_path: Path) -> None:
    artifact = tmp_path / "cnn.npz"
    assert Checkpoint(artifact, RUN, resume=True).load() is None
    Checkpoint(artifact, RUN).save({"weights": np.arange(3)}, {"step": 7})
    assert Checkpoint(artifact, RUN).load() is None
    kept = Checkpoint(artifact, RUN, resume=True).load()
    assert kept is not None
    assert kept[0]["weights"].tolist() == [0, 1, 2]
    assert kept[1] == {"step": 7}


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({**RUN, "seed": 2}, "(seed is 1, not 2)"),
        ({**RUN, "preset": "quick"}, "(preset is None, not 'quick')"),
        ({"seed": 1, "recipe": {**RUN["recipe"], "learning_rate": 0.1}}, "(recipe.learning_rate is 0.003, not 0.1)"),
        (
            {"seed": 1, "recipe": {**RUN["recipe"], "distortion": {"sharpening": (0.0, 0.5)}}},
            "(recipe.distortion.sharpening is [-0.05, 0.5], not [0.0, 0.5])",
        ),
        ({"recipe": RUN["recipe"]}, "(seed is 1, not None)"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_with_what_differs(
    other: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    artifact = tmp_path / "cnn.npz"
    Checkpoint(artifact, RUN).save({}, {})
    with pytest.raises(ArtifactError, match=re.escape(sentence)) as refused:
        Checkpoint(artifact, other, resume=True).load()
    assert str(artifact) in str(refused.value)
    assert "start again without resuming" in str(refused.value)


def test_an_artifact_under_a_checkpoints_name_is_refused(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "cnn.npz", {}, resume=True)
    checkpoint.path.write_bytes((ROOT / "model" / "weights" / "two-layer.npz").read_bytes())
    with pytest.raises(ArtifactError, match="is not a checkpoint of this run"):
        checkpoint.load()


def test_a_run_forgets_its_own_checkpoints_and_no_others(tmp_path: Path) -> None:
    own = [Checkpoint(tmp_path / "two[1].npz", {})]
    own += [own[0].part("0"), own[0].part("strips-to-fit-on")]
    others = [Checkpoint(tmp_path / name, {}) for name in ("two[1]-seed.npz", "two1.npz", "two[1].npy")]
    for each in (*own, *others):
        each.save({}, {})
    own[1].forget()
    assert sorted(tmp_path.iterdir()) == sorted(each.path for each in others)


def names(folder: Path) -> list[Path]:
    """Every file that a checkpoint may be in `folder`: of a run, of its parts, and one still being written."""
    run = Checkpoint(folder / "cnn.npz", {})
    paths = [run.path, run.part("0").path, run.part("strips-to-choose-by").path]
    return [*paths, *(path.with_name(f".{path.name}.12345") for path in paths)]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a checkout")
@pytest.mark.parametrize("folder", ["model/weights", "data/models", "docs", "."])
def test_git_ignores_every_checkpoint_wherever_it_lies(folder: str) -> None:
    for path in names(ROOT / folder):
        assert subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False).returncode == 0, path


def test_no_checkpoint_is_packed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = settings["tool"]["setuptools"]["package-data"]["model"]
    kept_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for path in names(Path("weights")):
        assert not any(fnmatch(str(path), pattern) for pattern in packed)
        assert any(fnmatch(path.name, pattern.removeprefix("**/")) for pattern in kept_out if "**/" in pattern)


def test_a_training_makes_ink_of_its_digits_once(digits: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist, "FIT", slice(0, 60))
    monkeypatch.setattr(mnist, "VALIDATION", slice(60, 100))
    made: list[int] = []

    def counted(images: "np.ndarray[Any, np.dtype[np.uint8]]") -> "np.ndarray[Any, np.dtype[np.float32]]":
        made.append(len(images))
        return as_ink(images)

    monkeypatch.setattr(mnist, "as_ink", counted)
    Convolutional(members=2, epochs=1, batch_size=20).train(digits[:100], Run())
    assert made == [100]
