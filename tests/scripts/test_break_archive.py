"""An archive is read to its end whatever is killed on the way, and every picture is there once."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.service import Question, Service
from app.settings import Settings
from model.options import Options
from model.training.mnist import Digits
from tests.conftest import ROOT

BLOCK = 10


def broken(digits: Digits, folder: Path, count: int, *options: str) -> str:
    """Return what break_archive.py prints about `count` digits."""
    (folder / "scans").mkdir()
    for number, pixels in enumerate(digits.images[:count]):
        Image.fromarray(pixels).save(folder / "scans" / f"{number:05}.png")
    command = [sys.executable, "scripts/break_archive.py", str(folder / "scans"), "--out", str(folder / "out")]
    command += ["--block", str(BLOCK), "--asked=--kind digit", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "every picture is there exactly once" in done.stdout
    check(folder)
    return done.stdout


def check(folder: Path) -> None:
    """Compare all rows with what the service says."""
    service = Service(Settings())
    for part in (folder / "out" / "readings").iterdir():
        rows = [json.loads(line) for line in part.read_text(encoding="utf-8").splitlines()]
        contents = [(folder / "scans" / row["name"]).read_bytes() for row in rows]
        answers = service.answers([Question(content, Options(kind="digit"), "test") for content in contents])
        for row, answer in zip(rows, answers, strict=True):
            assert isinstance(answer, dict)
            assert (row["text"], row["decision"]) == (answer["text"], answer["decision"])
            assert row["confidence"] == pytest.approx(answer["confidence"], abs=1e-5)


def test_a_run_that_is_killed_is_gone_on_with(digits: Digits, tmp_path: Path) -> None:
    told = re.search(r"killed (\d) times while it ran, (\d+) parts", broken(digits, tmp_path, 500, "--kills", "1"))
    assert told is not None
    killed, parts = map(int, told.groups())
    assert killed == 1
    assert 0 < parts < 500 // BLOCK


@pytest.mark.heavy
def test_ten_kills_lose_and_repeat_nothing(digits: Digits, tmp_path: Path) -> None:
    broken(digits, tmp_path, 500, "--kills", "10")


@pytest.mark.parametrize(
    "kills", [pytest.param("1", marks=pytest.mark.long), pytest.param("10", marks=pytest.mark.heavy)]
)
def test_a_lost_node_and_kills_on_ray_lose_and_repeat_nothing(digits: Digits, tmp_path: Path, kills: str) -> None:
    broken(digits, tmp_path, 500, "--kills", kills, "--ray", "--lose-node")
