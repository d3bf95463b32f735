"""The examples are run as their heads say, with the real service and pictures that the project draws."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from draw_examples import example
from tests.app.services import RealService, ScriptedService, Step
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
SORTERS = {
    "python": [sys.executable, "{examples}/sorting_centre.py", "--deadline", "{deadline}"],
    "java": ["java", "-Ddeadline={deadline}", "{examples}/SortingCentre.java"],
}
READERS = {"curl": ["sh", f"{EXAMPLES}/read.sh"], "node": ["node", f"{EXAMPLES}/read.mjs"]}
UNHURRIED = "60.0"  # seconds: the deadline is not what these tests are about


def run(
    command: list[str], tool: str, *arguments: str | Path, **environment: str
) -> "subprocess.CompletedProcess[str]":
    if shutil.which(tool) is None and tool != "python":
        pytest.skip(f"{tool} is not installed")
    everything = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False, env=everything
    )


def sort(tool: str, deadline: str, *arguments: str | Path, **environment: str) -> list[list[str]]:
    """Return each letter's name, tray and reason, as the example prints them."""
    command = [part.format(examples=EXAMPLES, deadline=deadline) for part in SORTERS[tool]]
    done = run(command, tool, *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.fixture
def letters(tmp_path: Path) -> list[Path]:
    """Three codes of Paris, a signature, and what is no picture."""
    paths = [tmp_path / f"{code}.png" for code in ("75011", "75017", "75001")]
    for path in paths:
        Image.fromarray(example(path.stem)).save(path)
    shutil.copy(ROOT / "app/static/examples/signature.webp", tmp_path)
    (tmp_path / "broken.png").write_text("no picture")
    return [*paths, tmp_path / "signature.webp", tmp_path / "broken.png"]


@pytest.mark.parametrize("tool", SORTERS)
def test_letters_go_into_trays_and_what_is_unsure_goes_to_a_person(
    real: RealService, letters: list[Path], tool: str
) -> None:
    sorted_letters = sort(tool, UNHURRIED, real.url, *letters)
    assert [name for name, _, _ in sorted_letters] == [str(path) for path in letters]
    assert [tray for _, tray, _ in sorted_letters] == ["75", "75", "75", "person", "person"]
    assert [why for _, _, why in sorted_letters[:4]] == ["75011", "75017", "75001", "no_code"]
    assert "415" in sorted_letters[4][2]
    assert "unsupported image type" in sorted_letters[4][2]


@pytest.mark.parametrize("tool", ["python", pytest.param("java", marks=pytest.mark.long)])
def test_a_late_answer_goes_to_a_person_and_a_busy_service_is_asked_again(
    scripted: ScriptedService, tmp_path: Path, tool: str
) -> None:
    scripted.otherwise = lambda body: Step(delay=5.0 if body == b"75001" else 0.0)
    letters = [tmp_path / "75011.png", tmp_path / "75001.png"]
    for letter in letters:
        letter.write_text(letter.stem)
    scripted.steps.append(Step(503))
    (_, tray, why), (_, late, reason) = sort(tool, "2.5", scripted.url, *letters, DIGITS_API_KEY="s3cret")
    assert (tray, why, late) == ("75", "75011", "person")
    assert re.search(r"within 2\.5 s", reason)
    assert {request.headers["X-API-Key"] for request in scripted.requests} == {"s3cret"}


@pytest.mark.parametrize("tool", READERS)
def test_pictures_are_read_and_the_exit_code_says_whether_all_were(
    real: RealService, letters: list[Path], tool: str
) -> None:
    whole = run(READERS[tool], tool, real.url, *letters[:4])
    assert whole.returncode == 0, whole.stderr
    lines = [line.split("\t") for line in whole.stdout.splitlines()]
    assert [name for name, *_ in lines] == [str(path) for path in letters[:4]]
    texts = [json.loads(line[1])["text"] if tool == "curl" else line[1] for line in lines]
    assert texts[:3] == ["75011", "75017", "75001"]
    partly = run(READERS[tool], tool, real.url, letters[4], letters[0])
    assert partly.returncode == 1
    assert f"{letters[4]}: not read: " in partly.stderr
    assert "unsupported image type" in partly.stderr
    assert partly.stdout.startswith(f"{letters[0]}\t")
    assert partly.stdout.count("\n") == 1


@pytest.mark.parametrize("tool", READERS)
def test_a_reader_asks_a_busy_service_again_with_the_key(scripted: ScriptedService, tmp_path: Path, tool: str) -> None:
    (tmp_path / "75011.png").write_text("75011")
    scripted.steps.extend([Step(503, {"Retry-After": "1"}), Step()])
    done = run(READERS[tool], tool, scripted.url, tmp_path / "75011.png", DIGITS_API_KEY="s3cret")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    answer = line.partition("\t")[2]
    assert (json.loads(answer)["text"] if tool == "curl" else answer.partition("\t")[0]) == "75011"
    assert [request.headers["X-API-Key"] for request in scripted.requests] == ["s3cret", "s3cret"]


@pytest.mark.parametrize("tool", ["python", "curl", "node"])
def test_an_example_without_pictures_says_how_it_is_called(tool: str) -> None:
    command = {**SORTERS, **READERS}[tool]
    done = run([part.format(examples=EXAMPLES, deadline=UNHURRIED) for part in command], tool)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_every_example_is_explained() -> None:
    explained = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}
    assert {name for name in files if f"`{name}`" not in explained} == set()
