"""What the commands that draw how a picture is read have in common: how they refuse."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

import inspect_envelope
import inspect_picture
from tests.conftest import ROOT

CODE, LETTER = (ROOT / "app" / "static" / "examples" / name for name in ("code.png", "envelope.webp"))


@pytest.mark.parametrize(
    ("script", "arguments", "sentence"),
    [
        (inspect_picture, ("nowhere.png",), "nowhere.png"),
        (inspect_picture, (CODE, "--country", "zz"), "`country` must be one of"),
        (inspect_envelope, ("nowhere.png", "--country", "fr"), "nowhere.png"),
        (inspect_envelope, (LETTER, "--country", "zz"), "`country` must be one of"),
        (inspect_envelope, (LETTER,), "--country or --digits must say what a code is"),
    ],
)
def test_a_wrong_argument_gets_a_sentence_and_nothing_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    script: ModuleType,
    arguments: tuple[object, ...],
    sentence: str,
) -> None:
    monkeypatch.setattr(sys, "argv", [script.__name__, *map(str, arguments), "--out", str(tmp_path / "x.png")])
    assert script.main() == 1
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
