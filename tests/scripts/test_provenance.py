"""What an artifact says about how it was made, and which runs may resume a stopped one."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ImageFont

import compare
import evaluate
import fit_strips
import synthesis.glyphs
import train
from model import artifact
from model.evaluation import threshold
from model.shipped import CNN, STRIPS, UPRIGHT
from model.training import loop, mnist
from model.training.mnist import Digits, as_ink
from synthesis import fitting_lines
from tests.conftest import ROOT
from tests.scripts.test_train_and_evaluate import write_idx


@pytest.fixture
def few(digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of 500 digits, which trainings take for MNIST."""
    monkeypatch.setattr(mnist, "FIT", slice(0, 300))
    monkeypatch.setattr(mnist, "VALIDATION", slice(300, 500))
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0)
    monkeypatch.setattr(synthesis.glyphs, "_DRAWN", 50)
    write_idx(tmp_path, "train", digits[:500])
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, program: Any, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", [f"scripts/{program.__name__}.py", *map(str, arguments)])
    return int(program.main())


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_trained_artifacts_header_says_how_to_make_it_again(
    few: Path, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = few / "logistic.npz"
    arguments = ("--model", "logistic", "--seed", "7", "--data", few, "--out", out, "--set", "epochs=2")
    assert run(monkeypatch, train, *arguments) == 0
    header = artifact.load(out).header
    training = header["training"]
    assert header["recipe"] == {"name": "logistic", "epochs": 2, "batch_size": 200, "learning_rate": 1e-3}
    assert header["normalisation"]["normalisation.mean"] == pytest.approx(digits.images[:300].mean() / 255, abs=1e-6)
    assert [(each["licence"], each["images"]) for each in training["data"]] == [(mnist.LICENCE, [0, 300])]
    assert len(training["data"][0]["sha256"]) == 64
    assert training["command"] == " ".join(map(str, ("python", "scripts/train.py", *arguments)))
    assert training["seed"] == 7
    assert training["threads"] >= 1
    assert header["scores"]["validation"]["n"] == 200
    if (ROOT / ".git").exists():
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
        assert training["commit"] == head.stdout.strip()
        assert training["dirty"] in (True, False)


def test_outside_a_checkout_or_without_git_there_is_no_commit(tmp_path: Path) -> None:
    print_it = "import sys, json; sys.path[:0] = ['scripts', '.']; import shared; print(json.dumps(shared.checkout()))"
    copy = tmp_path / "copy"
    for name in ("scripts", "model"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("*.npz", "__pycache__"))
    # The copy lies inside another project's checkout, whose commit is not ours.
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    commit = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet")
    subprocess.run([*commit, "--allow-empty", "--message", "theirs"], check=True)
    for case, folder, environment in (("a copy", copy, None), ("no git", ROOT, {"PATH": ""})):
        done = subprocess.run(
            [sys.executable, "-c", print_it], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"commit": None, "dirty": None}, case


@pytest.mark.parametrize("path", [CNN, *STRIPS, UPRIGHT, CNN.with_name("two-layer.npz")], ids=lambda path: path.stem)
def test_every_shipped_artifact_lists_its_training_data(path: Path) -> None:
    (data, *_) = artifact.load(path).header["training"]["data"]
    assert "MNIST training" in data["name"]
    assert data["images"] == [0, 50_000]
    assert len(data["sha256"]) == 64
    assert "licence" in data


def test_an_older_header_is_read_as_a_current_one(tmp_path: Path) -> None:
    two_layer = artifact.load(CNN.with_name("two-layer.npz"))
    before: dict[str, Any] = {"data": "some digits", "images": [0, 9], "sha256": "ab", "seed": 3}
    artifact.save(tmp_path / "old.npz", two_layer.classifier, {**two_layer.header, "training": before})
    data = {"name": "some digits", "images": [0, 9], "sha256": "ab", "licence": None}
    assert artifact.load(tmp_path / "old.npz").header["training"] == {"data": [data], "seed": 3}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (("--seed", "2"), "(seed is 1, not 2)"),
        (("--preset", "quick"), "(preset is 'full', not 'quick')"),
        (("--set", "epochs=2", "batch_size=60"), "(recipe.batch_size is 50, not 60)"),
        (("--set", "epochs=2", "batch_size=50", "learning_rate=0.1"), "(recipe.learning_rate is 0.001, not 0.1)"),
    ],
)
def test_resuming_as_another_run_is_refused(
    changed: tuple[str, ...],
    sentence: str,
    few: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = ("--set", "epochs=2", "batch_size=50")
    command = ("--model", "logistic", "--data", few, "--out", few / "logistic.npz", *settings)
    with monkeypatch.context() as until_saved:
        until_saved.setattr(artifact, "save", stop)
        assert run(until_saved, train, *command) == 130
    checkpoint = few / "logistic.npz.checkpoint"
    kept = checkpoint.read_bytes()
    assert run(monkeypatch, train, *command, *changed, "--resume") == 1
    assert sentence in capsys.readouterr().err
    assert checkpoint.read_bytes() == kept
    assert run(monkeypatch, train, *command, "--resume") == 0
    assert not list(few.glob("*checkpoint*"))


def test_strips_made_under_other_settings_are_refused(
    few: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fit_strips, "fitted", stop)
    fit = (CNN, "--data", few, "--out", few / "strips.npz", "--validation", 4)
    assert run(monkeypatch, fit_strips, *fit, "--strips", 6) == 130
    kept = {path: path.read_bytes() for path in few.glob("*checkpoint*")}
    assert len(kept) == 2
    assert run(monkeypatch, fit_strips, *fit, "--strips", 7, "--resume") == 1
    assert "(recipe.strips is 6, not 7)" in capsys.readouterr().err
    monkeypatch.setattr(fit_strips, "AMOUNTS", replace(fitting_lines.AMOUNTS, letters=0.5))
    assert run(monkeypatch, fit_strips, *fit, "--strips", 6, "--resume") == 1
    assert "(recipe.world.letters is 0.04, not 0.5)" in capsys.readouterr().err
    monkeypatch.undo()
    assert {path: path.read_bytes() for path in few.glob("*checkpoint*")} == kept


def test_the_run_that_made_strips_takes_them_again(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_strips, "fitted", stop)
    fit = (CNN, "--data", few, "--out", few / "strips.npz", "--validation", 4, "--strips", 6)
    assert run(monkeypatch, fit_strips, *fit) == 130
    monkeypatch.setattr(fit_strips, "gathered", None)  # a call would raise a TypeError
    assert run(monkeypatch, fit_strips, *fit, "--resume") == 130


def test_the_header_names_other_writers_digits_and_fonts(
    few: Path, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    bits = np.where(np.pad(digits.images[:20], ((0, 0), (2, 2), (2, 2))) > 127, np.uint8(255), np.uint8(0))
    np.savez(few / "optdigits.npz", x_train=bits, y_train=digits.labels[:20])
    face = ImageFont.load_default(size=12)
    assert isinstance(face, ImageFont.FreeTypeFont)
    (few / "plain.ttf").write_bytes(face.font_bytes)
    also = ("--data", few, "--also", few / "optdigits.npz")
    cnn = ("--model", "cnn", *also, "--out", few / "cnn.npz", "--set", "members=1", "epochs=1", "batch_size=100")
    assert run(monkeypatch, train, *cnn) == 0
    strips = (CNN, *also, "--fonts", few, "--out", few / "strips.npz", "--strips", 4, "--validation", 2, "--epochs", 1)
    assert run(monkeypatch, fit_strips, *strips) == 0
    headers = [artifact.load(few / name).header["training"] for name in ("cnn.npz", "strips.npz")]
    for _, drawn, turkish, *_ in (header["data"] for header in headers):
        assert "drawn by the project" in drawn["name"]
        assert "optdigits" in turkish["name"]
        assert (turkish["images"], turkish["licence"]) == ([0, 16], "CC BY 4.0")
    assert headers[1]["data"][3]["name"] == "print in 1 fonts: plain"
    assert headers[1]["start"]["sha256"] == artifact.load(CNN).sha256


def test_only_cnn_takes_other_writers_digits(
    few: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, train, "--model", "logistic", "--data", few, "--also", few / "optdigits.npz")
    assert "--also is for the model cnn" in capsys.readouterr().err


def test_an_artifact_without_thresholds_from_validation_shows_a_dash(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some = digits[:300]
    mislabelled = (some.labels + (np.arange(300) % 50 == 0)) % 10  # so that there are errors to plot
    write_idx(tmp_path, "t10k", Digits(some.images, mislabelled.astype(np.uint8), ""))
    models = tmp_path / "models"
    two_layer = artifact.load(CNN.with_name("two-layer.npz"))
    thresholds = {"validation": {"thresholds": {"0.005": 0.9, "0.001": 0.99}}}
    training = two_layer.header["training"]
    every_image = {**training, "data": [{**training["data"][0], "images": [0, 60_000]}]}
    for name, header in (
        ("two-layer-seed", {"scores": {"training": {"accuracy": 0.9}}, "training": every_image}),
        ("two-layer", {"scores": thresholds}),
    ):
        artifact.save(models / f"{name}.npz", two_layer.classifier, {**two_layer.header, "name": name, **header})
    methods = ("--methods", "two-layer-seed", "two-layer")
    command = ("--data", tmp_path, "--models", models, "--out", tmp_path / "out", *methods)
    assert run(monkeypatch, compare, *command) == 0
    seed, chosen = (line for line in capsys.readouterr().out.splitlines() if line.startswith("| `two-layer"))
    assert seed.endswith("| - / - | this project |")
    assert "% / " in chosen.split("|")[-3]
    rows = json.loads((tmp_path / "out" / "comparison.json").read_text())["rows"]
    assert [row["thresholds_fixed_on"] for row in rows] == [None, "validation"]
    assert rows[0]["accepted_at"] == {"0.005": None, "0.001": None}
    assert run(monkeypatch, evaluate, models / "two-layer-seed.npz", "--data", tmp_path) == 0
    assert "accepted, with no threshold chosen on validation" in capsys.readouterr().out


def test_thresholds_that_an_older_artifact_lacks_are_fixed_on_the_validation_images(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_idx(tmp_path, "train", digits[:600])
    monkeypatch.setattr(mnist, "VALIDATION", slice(200, 600))
    older = artifact.load(CNN.with_name("two-layer.npz"))
    fitted_on = {**older.header["training"]["data"][0], "images": [0, 200]}
    header = {**older.header, "scores": {}, "training": {"data": [fitted_on]}}
    thresholds = evaluate.fixed_on_validation(replace(older, header=header), tmp_path)
    probabilities = older.classifier.probabilities(as_ink(digits.images[200:600]))
    assert thresholds == {rate: pytest.approx(threshold(probabilities, float(rate)), abs=1e-4) for rate in thresholds}
    assert thresholds.keys() == {"0.005", "0.001"}
    header["training"] = {"data": [{**fitted_on, "images": [0, 201]}]}
    assert evaluate.fixed_on_validation(replace(older, header=header), tmp_path) == {}
