"""The page's samples of requests run as they are shown, and its zip file is what `calibrate` takes.

Its modules run in Node, which needs no browser.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.calibrating.labels import read_labels
from app.calibrating.sources import opened
from app.commands.read import content_of
from app.routes.page import STATIC
from tests.app.test_bodies import PNG
from tests.conftest import ROOT

NAME = 'l\'été "7" & co.png'  # whatever a file may be called
MOST = 1000


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=folder, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files as a package of Node, and a picture of a seven."""
    made = tmp_path_factory.mktemp("page")
    for path in STATIC.glob("*.js"):
        shutil.copy(path, made)
    (made / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (made / NAME).write_bytes(PNG)
    return made


def evaluated(folder: Path, program: str) -> str:
    return run([tool("node"), "--input-type=module", "--eval", program], folder)


@pytest.fixture(scope="module")
def samples(folder: Path, url: str) -> dict[str, str]:
    settings = {"country": "", "digits": "1", "maxError": 0.1, "query": "digits=1&max_error=0.1"}
    given = json.dumps({"base": f"{url}/", "name": NAME, **settings})
    program = f'import {{ samples }} from "./samples.js"; console.log(JSON.stringify(samples({given})));'
    shown: dict[str, str] = json.loads(evaluated(folder, program))
    return shown


def test_curl_as_it_is_shown_reads(samples: dict[str, str], folder: Path) -> None:
    tool("curl")
    answer: dict[str, Any] = json.loads(run(["sh", "-c", samples["curl"]], folder))
    assert answer["text"] == "7"


@pytest.mark.parametrize("name", ["client", "requests"])
def test_python_as_it_is_shown_reads(samples: dict[str, str], folder: Path, name: str) -> None:
    if name == "requests":
        pytest.importorskip("requests", reason="requests is not installed")
    assert run([sys.executable, "-c", samples[name]], folder) == "7"


def test_javascript_as_it_is_shown_reads(samples: dict[str, str], folder: Path) -> None:
    assert evaluated(folder, samples["fetch"]) == "7"


def test_java_as_it_is_shown_reads(samples: dict[str, str], folder: Path) -> None:
    tool("javac")
    (folder / "Read.java").write_text(samples["java"], encoding="utf-8")
    status, _, body = run([tool("java"), "Read.java"], folder).partition(" ")
    assert status == "200"
    assert json.loads(body)["text"] == "7"


def test_the_zip_file_holds_what_was_settled_under_names_that_every_system_allows(folder: Path) -> None:
    names = ["a.png", "a.png", '../x:y\\"z",.png', "été 😀.png", "trailing. ", ""]
    rows = ", ".join(
        f"{{ name: {json.dumps(name)}, blob: new Blob(['{n}']), code: '{n}', decision: 'accept', sampling: 0.1 }}"
        for n, name in enumerate(names * 4)
    )
    program = (
        'import { writeFileSync } from "node:fs"; import { labelsZip } from "./labels.js";'
        f'writeFileSync("labels.zip", Buffer.from(await (await labelsZip([{rows}])).arrayBuffer()));'
    )
    evaluated(folder, program)
    source = opened(folder / "labels.zip")
    labels = read_labels(source)
    assert [content_of(label.file, MOST, source) for label in labels] == [str(n).encode() for n in range(24)]
    assert [(label.code, label.decision, label.weight) for label in labels] == [
        (str(n), "accept", 10) for n in range(24)
    ]
    assert [label.file for label in labels[:6]] == [
        "0001-a.png",
        "0002-a.png",
        "0003-.._x_y__z_,.png",
        "0004-été 😀.png",
        "0005-trailing",
        "0006-picture",
    ]
