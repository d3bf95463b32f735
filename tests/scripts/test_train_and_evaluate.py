"""The scripts, run as users run them."""

import csv
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

from model import artifact
from model.artifact import Artifact
from model.shipped import CNN
from model.training.mnist import Digits, as_ink, load
from tests.app import services
from tests.conftest import ROOT


def script(name: str, *arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / name), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def write_idx(folder: Path, part: str, digits: Digits) -> None:
    folder.mkdir(exist_ok=True)
    head = struct.pack(">4I", 0x803, len(digits), 28, 28)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(head + digits.images.tobytes())
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, len(digits)) + digits.labels.tobytes())


def test_train_prints_the_lessons_xor_and_draws_its_cost(tmp_path: Path) -> None:
    done = script("train.py", "--model", "xor", "--plots", tmp_path / "plots", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Cost after iteration 2000: 0.006593" in done.stdout
    assert "1 xor 1 = 0" in done.stdout
    assert (tmp_path / "plots" / "xor-cost.png").stat().st_size > 5000
    written = artifact.load(tmp_path / "data" / "models" / "xor.npz")
    assert written.header["training"]["seed"] == 1
    assert written.header["training"]["threads"] >= 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--model", "xor", "--preset", "slow"), "must be one of full; got 'slow'"),
        (("--model", "xor", "--seed", "-1"), "at least 0; got -1"),
        (("--model", "two-layer", "--data", "nowhere"), "run `make data`"),
        (("--model", "oracle"), "invalid choice: 'oracle'"),
    ],
)
def test_a_wrong_argument_of_train_gets_a_sentence(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = script("train.py", *arguments, cwd=tmp_path)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_evaluate_reports_what_the_service_would_answer(digits: Digits, shipped: Artifact, tmp_path: Path) -> None:
    write_idx(tmp_path, "t10k", digits[:1000])
    done = script("evaluate.py", CNN, "--data", tmp_path, "--json", "--plots", tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    read = shipped.classifier.probabilities(as_ink(digits.images[:1000])).argmax(axis=1)
    assert report["errors"] == int((read != digits.labels[:1000]).sum())
    assert report["accuracy"] == pytest.approx(1 - report["errors"] / 1000)
    assert report["accepted_at"].keys() == {"0.005", "0.001"}
    assert report["microseconds_per_digit"].keys() == {"1", "100"}
    assert {"model", "n", "calibration_error", "negative_log_likelihood"} <= report.keys()
    names = {path.name.removeprefix("cnn-") for path in tmp_path.glob("*.png")}
    assert names == {"errors.png", "confusion.png", "accepted.png"}


def test_evaluate_takes_its_thresholds_from_the_artifacts_header(
    digits: Digits, shipped: Artifact, tmp_path: Path
) -> None:
    write_idx(tmp_path, "t10k", digits[:1000])
    path = tmp_path / "copy.npz"
    scores = {"validation": {"thresholds": {"0.005": 0.9, "0.001": 0.999}}}
    artifact.save(path, shipped.classifier, {**shipped.header, "scores": scores})
    report = json.loads(script("evaluate.py", path, "--data", tmp_path, "--json", cwd=tmp_path).stdout)
    assert report["thresholds_fixed_on"] == "validation"
    probabilities = shipped.classifier.probabilities(as_ink(digits.images[:1000]))
    accepted = (probabilities.max(axis=1) >= 0.999).mean()
    assert report["accepted_at"]["0.001"] == pytest.approx(accepted, abs=0.002)


def test_a_recorded_look_is_logged_with_the_files_own_hash(digits: Digits, shipped: Artifact, tmp_path: Path) -> None:
    write_idx(tmp_path, "t10k", digits[:200])
    (tmp_path / "docs").mkdir()
    path = tmp_path / "copy.npz"
    artifact.save(path, shipped.classifier, shipped.header)
    for _ in range(2):
        assert script("evaluate.py", path, "--data", tmp_path, "--record", cwd=tmp_path).returncode == 0
    with (tmp_path / "docs" / "test-looks.csv").open(encoding="utf-8") as file:
        looks = list(csv.DictReader(file))
    written = artifact.load(path)
    assert [look["sha256"] for look in looks] == [written.sha256] * 2
    test = written.header["scores"]["test"]
    assert test["n"] == 200
    confusion = np.array(test["confusion_matrix"])
    assert confusion.sum(axis=1).tolist() == np.bincount(digits.labels[:200], minlength=10).tolist()
    assert confusion.trace() == 200 - test["errors"]
    bins = test["reliability"]
    assert sum(each["n"] for each in bins) == 200
    assert sum(each["n"] * each["right"] for each in bins) == pytest.approx(200 - test["errors"])
    assert [each["confidence"] for each in bins] == sorted(each["confidence"] for each in bins)


def test_the_shipped_artifacts_look_is_in_the_log(shipped: Artifact) -> None:
    with (ROOT / "docs" / "test-looks.csv").open(encoding="utf-8") as file:
        assert shipped.sha256 in {look["sha256"] for look in csv.DictReader(file)}


def test_a_broken_data_file_is_refused_with_a_sentence(digits: Digits, tmp_path: Path) -> None:
    write_idx(tmp_path, "train", digits[:10])
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="cut short or too long"):
        load(tmp_path)
    path.write_bytes(b"text")
    with pytest.raises(ValueError, match="not an IDX file"):
        load(tmp_path)


SAVE_FOR_EVER = """
import sys
from pathlib import Path
from model import artifact, evaluation
path = Path(sys.argv[1])
loaded = artifact.load(path)
while True:
    artifact.save(path, loaded.classifier, loaded.header)
    print("saved", flush=True)
"""


def test_an_artifact_is_whole_whenever_its_writer_is_killed(shipped: Artifact, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    artifact.save(path, shipped.classifier, shipped.header)
    for pause in (0.0, 0.003, 0.011, 0.023, 0.041):
        command = [sys.executable, "-c", SAVE_FOR_EVER, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(pause)
            writer.send_signal(signal.SIGKILL)
        assert artifact.load(path).header == shipped.header


def test_the_service_answers_on_its_port_as_make_serve_starts_it(digits: Digits) -> None:
    port = services.free_port()
    environment = {**os.environ, "PORT": str(port)}
    environment.pop("DIGITS_PORT", None)
    command = [sys.executable, "-m", "app"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=9)) as client:
                answer = client.post(f"http://127.0.0.1:{port}/predict", content=digits.images[0].tobytes(),
                                     headers={"Content-Type": "application/octet-stream"}, timeout=30)  # fmt: skip
            expected = np.argmax(artifact.load(CNN).classifier.probabilities(as_ink(digits.images[:1])))
            assert answer.json()["text"] == str(expected)
        finally:
            server.terminate()
        assert server.wait(20) in (0, -signal.SIGTERM)


def on_few(fit: int, validation: int, name: str, *arguments: object) -> list[str]:
    """Return the command that runs script `name` on a few of MNIST's digits, with a checkpoint after each epoch."""
    few, path = ROOT / "tests" / "scripts" / "few.py", ROOT / "scripts" / name
    return [sys.executable, *map(str, (few, fit, validation, path, *arguments))]


def kill_in_training(command: list[str], folder: Path, checkpoints: int) -> None:
    """Run `command` and kill it, as a power cut would, once it has left `checkpoints` checkpoints in `folder`."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet) as running:
        deadline = time.monotonic() + 240
        while len(list(folder.glob("[!.]*checkpoint*"))) < checkpoints:
            assert running.poll() is None, "it ended before it left its checkpoints"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.kill()


def output(command: list[str]) -> str:
    """Return what `command` prints."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_same_artifact(unbroken: Path, resumed: Path) -> None:
    """Assert that both files are the same except for when they were made and how long it took."""
    one, other = artifact.load(unbroken), artifact.load(resumed)
    assert one.classifier.to_arrays().keys() == other.classifier.to_arrays().keys()
    for name, array in one.classifier.to_arrays().items():
        assert np.array_equal(array, other.classifier.to_arrays()[name])
    for header in (one.header, other.header):
        for volatile in ("seconds", "date", "command"):
            header["training"].pop(volatile, None)
    assert one.header == other.header


@pytest.mark.long
@pytest.mark.parametrize("member", [0, 1])
def test_training_that_was_killed_resumes_to_the_same_weights(member: int, digits: Digits, tmp_path: Path) -> None:
    write_idx(tmp_path, "train", digits[:500])

    def command(name: str, *more: str) -> list[str]:
        settings = ("--model", "cnn", "--set", "members=2", "epochs=4", "batch_size=50")
        return on_few(300, 200, "train.py", *settings, "--data", tmp_path, "--out", tmp_path / f"{name}.npz", *more)

    output(command("unbroken"))
    kill_in_training(command("killed"), tmp_path, checkpoints=member + 1)
    assert not (tmp_path / "killed.npz").exists()
    said = output(command("killed", "--resume"))
    epochs = re.findall(r"(\d) of 2: Epoch (\d):", said)
    assert epochs[-1] == ("2", "4")
    assert epochs[0] >= (str(member + 1), "2"), "it began anew"
    assert_same_artifact(tmp_path / "unbroken.npz", tmp_path / "killed.npz")
    assert not list(tmp_path.glob("*checkpoint*"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--model", "knn", "--set", "k=0"), "`k` must be between 1 and 49999; got 0"),
        (("--model", "knn", "--set", "k=many"), "k must be a whole number or null; got 'many'"),
        (("--model", "knn", "--set", "k=true"), "k must be a whole number or null; got 'true'"),
        (("--model", "knn", "--set", "neighbours=3"), "knn has the settings k; got 'neighbours=3'"),
        (("--model", "knn-pca", "--set", "dimensions=900", "k=3"), "`dimensions` must be between 1 and 784; got 900"),
        (("--model", "two-layer", "--set", "epochs=0"), "must be at least 1; got 0"),
        (("--model", "two-layer", "--set", "hidden=0"), "at least one input and one output; got 784 and 0"),
        (("--model", "xor", "--set", "hidden=3"), "xor has the settings none; got 'hidden=3'"),
    ],
)
def test_a_wrong_setting_gets_a_sentence(
    arguments: tuple[str, ...], sentence: str, mnist_folder: Path, tmp_path: Path
) -> None:
    done = script("train.py", *arguments, "--data", mnist_folder, cwd=tmp_path)
    assert done.returncode != 0
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.long
def test_compare_trains_what_is_missing_and_writes_one_table(mnist_folder: Path, tmp_path: Path) -> None:
    models, settings = tmp_path / "data" / "models", ("--model", "knn-pca", "--set", "k=3", "dimensions=10")
    done = script("train.py", *settings, "--data", mnist_folder, "--plots", tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.glob("*.png")} == {"knn-pca-accuracy.png", "knn-pca-variance.png"}
    there = artifact.load(models / "knn-pca.npz")
    assert there.header["recipe"] == {"name": "knn-pca", "k": 3, "dimensions": 10}

    command = ("compare.py", "--data", mnist_folder, "--methods", "logistic", "knn-pca", "--out", tmp_path / "out")
    done = script(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out" / "comparison.json").read_text())["rows"]
    assert [row["model"] for row in rows] == ["logistic", "knn-pca"]
    assert all(row["n"] == 300 and row["microseconds_per_digit"].keys() == {"1", "100"} for row in rows)
    table = (tmp_path / "out" / "comparison.md").read_text(encoding="utf-8")
    assert table in done.stdout
    assert "| `knn-pca` |" in table
    assert "| LeNet-5, convolutional | 99.05 % | 95 |" in table
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {"accepted.png", "speed.png"}
    assert artifact.load(models / "knn-pca.npz").sha256 == there.sha256
    written = (models / "logistic.npz").stat().st_mtime_ns
    assert script(*command, "--record", cwd=tmp_path).returncode == 0
    assert (models / "logistic.npz").stat().st_mtime_ns == written
    assert len((tmp_path / "docs" / "test-looks.csv").read_text().splitlines()) == 3


def test_the_docs_show_the_table_that_compare_wrote() -> None:
    table = (ROOT / "docs" / "comparison" / "comparison.md").read_text(encoding="utf-8")
    assert table in (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
