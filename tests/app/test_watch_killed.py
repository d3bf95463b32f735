"""However often the watcher is killed: every picture is one row, and no row says anything of half a picture."""

import io
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image

from app.client import DigitsClient
from model.training.mnist import Digits
from tests.app.services import RealService
from tests.app.watching import COMMAND, key, rows, watched_once
from tests.conftest import ROOT

T = TypeVar("T")

PAUSE = 0.03  # seconds between two pictures, and between two parts of a file
LIFE = 0.2  # seconds from a watcher's first row until it is killed, at most
START = 20.0  # seconds for which a watcher may write nothing before it is killed all the same
SETTLE = "0.15"


class Camera(threading.Thread):
    """Writes pictures in every way that a camera's folder knows, until it is told to stop."""

    def __init__(self, folder: Path, digits: Digits, seed: int) -> None:
        super().__init__()
        self.stopping = threading.Event()
        self.labels: dict[tuple[str, str], str] = {}  # each picture that was ever whole, and what it says
        self.last: dict[str, tuple[str, str]] = {}  # what each file holds now
        self._folder, self._dice = folder, np.random.default_rng(seed)
        self._outside = folder.with_name("outside")
        self._pictures = zip(map(_png, digits.images), digits.labels, strict=True)
        self._before: dict[str, tuple[bytes, str]] = {}

    def run(self) -> None:
        self._outside.mkdir()
        for number in range(10_000):
            if self.stopping.wait(self._dice.uniform(0, 2 * PAUSE)):
                return
            write = self._one_of([self._slowly, self._slowly, self._moved_in, self._moved_in, self._rewritten])
            write(f"{number % 3}/{number}.png")

    def _one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self._dice.integers(len(choices)))]

    def _note(self, file: str, content: bytes, label: str) -> None:
        self.labels[key(file, content)] = label
        self.last[file] = key(file, content)
        self._before[file] = content, label

    def _next(self) -> tuple[bytes, str]:
        """Return a new picture, or one that was written elsewhere: two scans may be equal."""
        if self._before and self._dice.random() < 0.1:
            return self._one_of(list(self._before.values()))
        content, label = next(self._pictures)
        return content, str(label)

    def _slowly(self, file: str) -> None:
        content, label = self._next()
        self._note(file, content, label)
        path = self._folder / file
        path.parent.mkdir(exist_ok=True)
        with path.open("wb", buffering=0) as opened:
            for part in (content[:50], content[50:150], content[150:]):
                opened.write(part)
                time.sleep(self._dice.uniform(0, PAUSE))

    def _moved_in(self, file: str) -> None:
        content, label = self._next()
        self._note(file, content, label)
        path = self._outside / "picture"
        path.write_bytes(content)
        os.utime(path, (1, 1))  # a move keeps the time at which it was taken
        (self._folder / file).parent.mkdir(exist_ok=True)
        path.replace(self._folder / file)

    def _rewritten(self, _: str) -> None:
        if self._before:
            file = self._one_of(list(self._before))
            self._one_of([self._slowly, self._moved_in, self._touched])(file)

    def _touched(self, file: str) -> None:
        (self._folder / file).touch()


def _png(image: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    return content.getvalue()


def live(command: list[str], out: Path, dice: np.random.Generator) -> bool:
    """Start a watcher and kill it at a random moment; return whether it wrote anything."""
    size = out.stat().st_size if out.exists() else 0
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        ends = time.monotonic() + (START if dice.random() < 0.8 else dice.uniform(0, 0.5))
        while time.monotonic() < ends and not (out.exists() and out.stat().st_size > size):
            time.sleep(0.005)
        time.sleep(dice.uniform(0, LIFE))
        process.kill()
    return out.exists() and out.stat().st_size > size


@pytest.mark.parametrize("kills", [8, pytest.param(50, marks=pytest.mark.heavy)])
def test_every_picture_is_one_row_however_often_the_watcher_is_killed(
    real: RealService, digits: Digits, tmp_path: Path, kills: int
) -> None:
    folder, out = tmp_path / "camera", tmp_path / "readings.jsonl"
    folder.mkdir()
    camera, dice = Camera(folder, digits, seed=kills), np.random.default_rng(kills)
    command = [*COMMAND, real.url, str(folder), "--out", str(out), "--kind", "digit", "--poll", "0.05"]
    command += ["--settle", SETTLE, "--concurrency", "4"]
    camera.start()
    try:
        wrote = sum(live(command, out, dice) for _ in range(kills))
    finally:
        camera.stopping.set()
        camera.join()
    assert wrote >= kills / 2
    assert watched_once(real.url, folder, out, "--kind", "digit", "--settle", SETTLE) == 0
    written = Counter((row["file"], row["sha256"]) for row in rows(out))
    assert set(written.values()) == {1}
    assert set(camera.last.values()) <= set(written) <= set(camera.labels)
    assert [row["file"] for row in rows(out) if row["error"] is not None] == []
    right = [row["text"] == camera.labels[row["file"], row["sha256"]] for row in rows(out)]
    assert np.mean(right) > 0.95
    with DigitsClient(real.url) as client:  # and each row holds the reading of its own picture
        for row in rows(out)[::10]:
            if camera.last[row["file"]] == (row["file"], row["sha256"]):
                assert client.read(folder / row["file"], kind="digit").text == row["text"]
