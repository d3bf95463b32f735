"""Cases from a table are sent as it says, and those that are not answered as expected are listed."""

import shutil
import sys
from pathlib import Path

import pytest

import send_cases
from app.main import create_app
from app.settings import Settings
from send_cases import Answer, judged
from tests.app.services import running
from tests.conftest import ROOT

READING = {"kind": "digit", "text": "7", "confidence": 0.9, "decision": "accept", "reason": None}
REFUSED = {**READING, "decision": "reject", "reason": "low_confidence"}


@pytest.mark.parametrize(
    ("expected", "answer", "verdict"),
    [
        ("7", Answer(200, READING), "as expected"),
        ("200, 7", Answer(200, READING), "as expected"),
        ("200", Answer(200, {}), "as expected"),
        ("200 where a setting allows it", Answer(200, {}), "as expected"),
        ("07", Answer(200, READING), "FAILED"),
        ("7", Answer(415, {"detail": "a GIF"}), "FAILED"),
        ("7", Answer(200, REFUSED), "right but refused"),
        ("3, or a reason that says why", Answer(200, REFUSED), "as expected"),
        ("3, or a reason that says why", Answer(200, READING), "FAILED"),
        ("3, or 422 and a sentence", Answer(422, {"detail": "a sentence"}), "as expected"),
        ("3, or 422 and a sentence", Answer(422, {}), "FAILED"),
        ("3, or 422 and a sentence", Answer(415, {"detail": "a sentence"}), "FAILED"),
        ("200, 3, or a 4xx that names the cause", Answer(415, {"detail": "a GIF"}), "as expected"),
        ("a page below the prefix", Answer(200, {}), "to look at"),
        ("7", None, "to look at"),
    ],
)
def test_an_answer_is_judged_by_what_is_expected(expected: str, answer: Answer | None, verdict: str) -> None:
    assert judged(expected, answer) == verdict


TABLE = """file,how to send,expected,got,note
digit.png,curl --data-binary @digit.png 'localhost:8000/predict?kind=digit',5,,right
code.png,as above,5,,of another digit
(no file),curl -I localhost:8000/health/ready as a proxy does,200,,
digit.png,by post,5,,
"""


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_each_row_is_sent_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("digit.png", "code.png"):
        shutil.copy(ROOT / "app" / "static" / "examples" / name, tmp_path)
    (tmp_path / "cases.csv").write_text(TABLE, encoding="utf-8")
    with running(create_app(Settings())) as url:
        monkeypatch.setattr(sys, "argv", ["send_cases.py", str(tmp_path), "--url", url])
        assert send_cases.main() == 1
    failed, unsent, counts = capsys.readouterr().out.splitlines()
    assert failed.startswith("FAILED: code.png: expected 5; got 200 digit '")
    assert unsent == "to look at: digit.png: expected 5; got no curl command"
    assert counts == "2 as expected; 1 FAILED; 1 to look at"


def test_a_folder_without_a_table_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["send_cases.py", str(tmp_path)])
    assert send_cases.main() == 1
    assert "cases.csv" in capsys.readouterr().err
