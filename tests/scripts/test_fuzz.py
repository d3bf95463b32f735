"""Broken images are read or refused, never a fault; and the scripts that break them say what came of it."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.service import Service
from app.settings import Settings
from fuzz import complaint, made, main, mutated, with_checksums
from model.reader import Options
from tests.conftest import ROOT


@pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\..*")  # as the service has it
def test_three_hundred_broken_images_are_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["fuzz.py", "--count", "300", "--seed", "7", "--out", str(tmp_path / "kept")]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == 0
    told = capsys.readouterr().out
    assert re.match(r"300 mutations of \d+ files: .*\d+ 422, \d+ read; 0 kept in ", told), told
    assert not list((tmp_path / "kept").iterdir())


def test_whole_images_of_every_type_are_read_and_a_seed_breaks_them_in_one_way() -> None:
    service = Service(Settings())
    files = list(made(np.random.default_rng(0)))
    for name, content in files:
        assert complaint(service, content, Options(kind="digit")) == ("read", ""), name
        assert with_checksums(content) == content
    one, other = ([mutated(each, each, np.random.default_rng(3)) for _, each in files] for _ in range(2))
    assert one == other != [content for _, content in files]


def test_a_fault_is_kept_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answers(*_: object) -> list[Exception]:
        return [RuntimeError("a fault")]

    monkeypatch.setattr(Service, "answers", answers)
    monkeypatch.setattr(sys, "argv", ["fuzz.py", "--count", "2", "--out", str(tmp_path)])
    assert main() == 1
    assert "2 fault; 2 kept" in capsys.readouterr().out
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.long
def test_memory_stays_the_same_while_good_and_bad_pictures_come() -> None:
    command = [sys.executable, "scripts/soak.py", "--minutes", "0.5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert re.search(r"\d+ requests in 0.5 minutes: \d+ of 200, ", done.stdout), done.stderr
    assert not re.search(r"of 500", done.stdout)
