"""The start of the service: everything that it needs is loaded once, warmed up, and checked before it listens."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.service import Service
from app.settings import Settings
from model.reader import Reader
from model.shipped import STRIPS
from model.strips.band import Band
from model.strips.sliding import SlidingNetwork
from tests.app.services import RealService
from tests.conftest import ROOT

COUNTED = """
import os, sys
def opened(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".npz"):
        with open(os.environ["OPENED"], "a") as names:
            print(arguments[0], file=names)
sys.addaudithook(opened)
from app.__main__ import main
sys.exit(main([]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code and of everything that is shipped, whose files a test may change."""
    for folder in ("app", "model", "data/postal_codes"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "training"))
    return tmp_path


def missing(path: Path) -> None:
    path.unlink()


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def of_another_kind(path: Path) -> None:
    shutil.copy(path.with_name("cnn.npz"), path)


def no_numbers(path: Path) -> None:
    path.write_text("# FR\nCEDEX\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("model/weights/strips-1.npz", missing),
        ("model/weights/strips-3.npz", cut_short),
        ("model/weights/strips-1.npz", of_another_kind),
        ("model/weights/cnn.npz", missing),
        ("data/postal_codes/fr.txt", no_numbers),
        ("data/postal_codes/dk.txt", missing),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_missing_or_broken_file_stops_the_start_with_one_sentence_that_names_it(
    copy: Path, file: str, damage: Callable[[Path], None]
) -> None:
    damage(copy / file)
    done = subprocess.run(
        [sys.executable, "-m", "app"], cwd=copy, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert file in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_one_worker_loads_each_file_once(tmp_path: Path) -> None:
    names = tmp_path / "opened.txt"
    service = RealService([sys.executable, "-c", COUNTED], OPENED=str(names))
    try:
        service.wait_until_ready()
    finally:
        service.stop()
    opened = [Path(line).name for line in names.read_text(encoding="utf-8").splitlines()]
    assert sorted(opened) == ["cnn.npz", *(path.name for path in STRIPS), "upright.npz"]


@pytest.mark.long
def test_several_workers_load_a_model_each() -> None:
    service = RealService(DIGITS_WORKERS="2")
    try:
        service.wait_until_ready()
    finally:
        service.stop()


class CountingNetwork(SlidingNetwork):
    """Counts the lines that it looks at."""

    looks = 0

    def log_chances(self, band: Band) -> NDArray[np.float64]:
        self.looks += 1
        return super().log_chances(band)


def test_warming_up_reads_a_strip_with_every_network_at_every_size() -> None:
    service = Service(Settings())
    networks = [CountingNetwork(network.artifact) for network in service.reader.sliding_networks]
    service.reader = Reader(service.artifact.classifier, networks)
    service.warm_up()
    assert all(network.looks >= 4 for network in networks)
