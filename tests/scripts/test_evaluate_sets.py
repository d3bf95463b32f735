"""The reader's score on digits from elsewhere, run as users run it, on small sets of real digits."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evaluate_sets import digit_chance, least_chance, letter_scores, read
from model.artifact import Artifact
from model.reader import Reader
from model.shipped import CNN
from model.training.mnist import Digits
from tests.conftest import ROOT


def evaluate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "evaluate_sets.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def folder(digits: Digits, tmp_path: Path) -> Path:
    """A folder with two of the sets, made of MNIST's digits: 60 scans, and 20 crops by label."""
    np.savez(tmp_path / "paper_digits.npz", x=np.pad(255 - digits.images[:60], ((0, 0), (20, 9), (5, 30)),
             constant_values=255), y=digits.labels[:60])  # fmt: skip
    for index in range(60, 80):
        crops = tmp_path / "register_digits" / str(digits.labels[index])
        crops.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - digits.images[index]).resize((56, 56)).save(crops / f"{index}.jpg", quality=95)
    return tmp_path


def test_each_set_that_is_there_is_scored_by_halves(folder: Path) -> None:
    done = evaluate(CNN, "--data", folder, "--count", 8, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [(row["set"], row["half"], row["n"]) for row in report["digits"]] == [
        ("register_digits", "look", 10),
        ("register_digits", "measure", 10),
        ("paper_digits", "look", 30),
        ("paper_digits", "measure", 30),
    ]
    for row in report["digits"]:
        assert row["accuracy"] >= 0.9
        assert 0 <= row["accepted"] <= 1
    rejected = {row["kind"]: row["rejected"] for row in report["non_digits"]}
    assert {row["n"] for row in report["non_digits"]} == {8}
    assert rejected["blank"] == 1
    assert "two digits" not in rejected
    assert report["least_chance"] is None  # without validation digits, the chance that 99 % of digits reach is unknown
    assert {row["below_least_chance"] for row in report["non_digits"]} == {None}


def test_the_chance_of_a_digit_is_judged_where_99_percent_of_digits_pass(digits: Digits, shipped: Artifact) -> None:
    reader = Reader(shipped.classifier)
    readings = read(reader, "digits", list(digits.images[:300]), quiet=True)
    least = least_chance(readings)
    assert sum(digit_chance(reading) < least for reading in readings) == 3
    crosses = np.zeros((4, 60, 60), np.uint8)
    crosses[:, range(60), range(60)] = crosses[:, 29] = crosses[:, range(60), range(59, -1, -1)] = 255
    scored = letter_scores(read(reader, "crosses", list(crosses), quiet=True), np.full(4, "x"), np.ones(4, bool), least)
    assert [row["below_least_chance"] for row in scored] == [1.0]


def test_the_table_for_a_person_shows_every_set_and_every_kind(folder: Path) -> None:
    done = evaluate(CNN, "--data", folder, "--count", 2)
    assert done.returncode == 0, done.stderr
    for word in ("register_digits", "paper_digits", "scribbles", "never seen", "drawn in training"):
        assert word in done.stdout


def test_a_folder_without_any_set_gets_a_sentence(tmp_path: Path) -> None:
    done = evaluate(CNN, "--data", tmp_path)
    assert done.returncode == 1
    assert "holds none of usps_train, register_digits" in done.stderr
    assert "Traceback" not in done.stderr
