"""The scripts for strips, run as users run them, on the digits that come with the test extra."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import artifact
from model.engine.network import Network
from model.shipped import CNN
from model.training.mnist import Digits
from tests.scripts.test_train_and_evaluate import (
    assert_same_artifact,
    kill_in_training,
    on_few,
    output,
    script,
    write_idx,
)

COUNT = 6  # strips of each kind


@pytest.fixture(scope="module")
def strips(mnist_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("strips")
    done = script("make_strips.py", "--data", mnist_folder, "--out", out, "--part", "test", "--count", COUNT)
    assert done.returncode == 0, done.stderr
    return out


def _labels(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_strips_come_labelled_with_code_kind_boxes_and_images(strips: Path, digits: Digits) -> None:
    labels = _labels(strips)
    assert [label["kind"] for label in labels[::COUNT]] == ["separated", "natural", "touching", "boxed"]
    for label in labels:
        with Image.open(strips / label["file"]) as picture:
            width, height = picture.size
        boxes = json.loads(label["boxes"])
        assert "".join(str(box[0]) for box in boxes) == label["code"]
        assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for _, x, y, w, h in boxes)
        assert [box[1] for box in boxes] == sorted(box[1] for box in boxes)
        images = json.loads(label["images"])
        assert all(55_000 <= image < 60_000 for image in images)
        assert "".join(str(digits.labels[image % 5_000]) for image in images) == label["code"]
    assert {label["listed"] for label in labels} == {"0", "1"}


def test_the_same_seed_makes_the_same_strips(mnist_folder: Path, strips: Path, tmp_path: Path) -> None:
    script("make_strips.py", "--data", mnist_folder, "--out", tmp_path, "--part", "test", "--count", COUNT)
    assert _labels(tmp_path) == _labels(strips)
    name = "boxed-00003.png"
    assert (tmp_path / name).read_bytes() == (strips / name).read_bytes()


def test_evaluate_strips_prints_what_the_contract_promises(strips: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    options = ("--data", strips, "--country", "fr", "--digits", 5)
    done = script("evaluate_strips.py", *options, "--json", "--errors", wrong)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report.keys() == {"n", "exact", "digit_error_rate", "accepted", "error_among_accepted",
                             "milliseconds_per_strip"}  # fmt: skip
    assert report["n"] == 4 * COUNT
    assert report["exact"] > 0.6
    with wrong.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == round(4 * COUNT * (1 - report["exact"]))
    assert {row["cause"] for row in rows} <= {"segmentation", "recognition"}
    shown = script("evaluate_strips.py", *options)
    for word in ("touching", "boxed", "unlisted codes", "wrong:"):
        assert word in shown.stdout


def test_errors_of_reading_are_told_from_those_of_labels(
    mnist_folder: Path, strips: Path, digits: Digits, tmp_path: Path
) -> None:
    folder = tmp_path / "separated"
    folder.mkdir()
    rows = [row for row in _labels(strips) if row["kind"] == "separated"]
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        for row in rows:
            (folder / row["file"]).write_bytes((strips / row["file"]).read_bytes())
            table.writerow({**row, "code": f"{(int(row['code'][0]) + 1) % 10}{row['code'][1:]}"})
    mislabelled = tmp_path / "mnist"
    mislabelled.mkdir()
    write_idx(mislabelled, "train", Digits(np.tile(digits.images, (12, 1, 1)), np.tile(digits.labels + 1, 12) % 10, ""))
    found = []
    for mnist in (mnist_folder, mislabelled):
        done = script("evaluate_strips.py", "--data", folder, "--digits", 5, "--mnist", mnist)
        counts = re.search(r"(\d+) by recognition[^$]*recognition, (\d+) have", done.stdout)
        assert counts, done.stderr
        found.append((int(counts[1]), int(counts[2])))
    (n, by_mnist), (same, by_other_labels) = found
    assert n == same == by_other_labels >= COUNT - 1
    assert by_mnist <= 1


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("make_strips.py", ("--out", "x", "--count", "0"), "--count must be at least 1"),
        ("make_strips.py", ("--out", "x", "--data", "nowhere"), "run `make data`"),
        ("evaluate_strips.py", ("--data", "nowhere"), "labels.csv"),
        ("evaluate_strips.py", (CNN, "--data", "x"), "is not a network that slides over strips"),
        ("fit_strips.py", (CNN, "--strips", "0"), "must be at least 1"),
        ("fetch_postal_codes.py", ("--source", "nowhere", "--out", "lists"), "nowhere"),
    ],
)
def test_a_wrong_argument_gets_a_sentence(
    name: str, arguments: tuple[object, ...], sentence: str, tmp_path: Path
) -> None:
    done = script(name, *arguments, cwd=tmp_path)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_the_sliding_network_is_fitted_from_strips_and_a_killed_run_goes_on(digits: Digits, tmp_path: Path) -> None:
    write_idx(tmp_path, "train", digits[:1_000])

    def command(name: str, *more: str) -> list[str]:
        sizes = ("--strips", 60, "--validation", 20, "--epochs", 5)
        data = ("--data", tmp_path, "--out", tmp_path / f"{name}.npz")
        return on_few(800, 200, "fit_strips.py", CNN, *data, *sizes, *more)

    output(command("unbroken"))
    loaded = artifact.load(tmp_path / "unbroken.npz")
    assert isinstance(loaded.classifier, Network)
    assert loaded.header["training"]["start"]["sha256"] == artifact.load(CNN).sha256

    kill_in_training(command("killed"), tmp_path, checkpoints=3)  # two hold the strips that it makes first
    assert not (tmp_path / "killed.npz").exists()
    epochs = re.findall(r"Epoch (\d):", output(command("killed", "--resume")))
    assert epochs[-1] == "5"
    assert epochs[0] > "1", "it began anew"
    assert_same_artifact(tmp_path / "unbroken.npz", tmp_path / "killed.npz")
    assert not list(tmp_path.glob("*checkpoint*"))
