"""Settings from the environment, and what `make serve` makes of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from tests.conftest import ROOT

ASK = f'#!/bin/sh\nexec "{sys.executable}" -c "from app.settings import Settings; print(Settings().port)"\n'


def clean() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("DIGITS_", "PORT", "MAKE", "MFL"))
    }


@pytest.mark.parametrize(
    ("environment", "arguments", "port"),
    [
        ({}, [], 8000),
        ({"DIGITS_PORT": "9000"}, [], 9000),
        ({"PORT": "9001"}, [], 9001),
        ({"DIGITS_PORT": "9000", "PORT": "9001"}, [], 9000),
        ({"DIGITS_PORT": "", "PORT": "9001"}, [], 9001),
        ({}, ["PORT=9002"], 9002),
        ({"DIGITS_PORT": "9000"}, ["PORT=9002"], 9002),
    ],
)
def test_make_serve_listens_where_it_was_told(
    tmp_path: Path, environment: dict[str, str], arguments: list[str], port: int
) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text(ASK, encoding="utf-8")
    stand_in.chmod(0o755)
    command = ["make", "--silent", "--old-file=.venv/ready-serve", "serve", f"BIN={tmp_path}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=clean() | environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == [str(port)]


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("DIGITS_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("PORT", raising=False)
    unset = Settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(f"DIGITS_{name.upper()}", "")
    assert Settings() == unset
