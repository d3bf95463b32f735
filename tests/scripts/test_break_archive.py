"""An archive is read to its end whatever is killed on the way, and every picture is there once."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

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
    return done.stdout


def test_a_run_that_is_killed_is_gone_on_with(digits: Digits, tmp_path: Path) -> None:
    assert "0 parts until then" not in broken(digits, tmp_path, 100, "--kills", "1", "--seed", "3")


@pytest.mark.long
def test_ten_kills_lose_and_repeat_nothing(digits: Digits, tmp_path: Path) -> None:
    broken(digits, tmp_path, 800, "--kills", "10")


@pytest.mark.long
def test_a_lost_node_and_ten_kills_on_ray_lose_and_repeat_nothing(digits: Digits, tmp_path: Path) -> None:
    broken(digits, tmp_path, 800, "--kills", "10", "--ray", "--lose-node")
