"""The README is run: what it tells a stranger to type gives, with the real service, the answers that it shows."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from shown_answers import differences
from tests.app.services import RealService, real_service
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for language, block in BLOCKS if language == "sh" for line in block.splitlines()]
ANSWERS = [
    (block, answer)
    for (language, block), (following, answer) in pairwise(BLOCKS)
    if (language, following) == ("sh", "json")
]
URL = re.compile(r"(http://)?localhost:8000")


@pytest.fixture(scope="module")
def service() -> Iterator[RealService]:
    with real_service() as running:
        yield running


def run(command: list[str] | str) -> str:
    """Run `command`, with bash if it is a line, and return what it printed."""
    arguments = ["bash", "-c", command] if isinstance(command, str) else command
    done = subprocess.run(arguments, capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_request_gets_the_answer_that_is_shown(service: RealService) -> None:
    ((block, answer),) = ANSWERS
    real = json.loads(run(URL.sub(service.url, block).replace("curl", "curl --silent --fail")), parse_float=Decimal)
    assert not differences(json.loads(answer, parse_float=Decimal), real)


def test_the_python_client_prints_what_is_promised(service: RealService) -> None:
    (block,) = (block for language, block in BLOCKS if language == "python")
    (promised,) = re.findall(r"# prints (.*)", block)
    assert run([sys.executable, "-c", URL.sub(service.url, block)]).strip() == promised


def installed(line: str) -> str:
    """Return the command with this Python's folder instead of the one that `make` sets up."""
    return line.replace(".venv/bin", str(Path(sys.executable).parent))


def test_the_clients_command_reads_the_example(service: RealService) -> None:
    (line,) = (line for line in COMMANDS if "app.client" in line)
    assert re.search(r"75011.*accept", run(URL.sub(service.url, installed(line))))


@pytest.mark.skipif(
    not (Path(sys.executable).parent / "postal-digits").exists(), reason="the command postal-digits is not installed"
)
def test_the_example_is_read_without_a_service() -> None:
    (line,) = (line for line in COMMANDS if "postal-digits read" in line)
    assert re.search(r"75011.*accept", run(installed(line)))


def test_every_make_target_named_exists() -> None:
    named = set(re.findall(r"make ([a-z-]+)", " ".join(re.findall(r"`[^`]+`", README) + COMMANDS)))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"serve", "train", "evaluate"} <= named <= targets
