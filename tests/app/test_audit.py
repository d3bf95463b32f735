"""The audit: a line a reading, whole whoever else writes, and no reading lost where the disk is full."""

import base64
import concurrent.futures
import hashlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.__main__ import main
from app.answering import LIGHT_PIXELS
from app.audit import Audit
from app.main import create_app
from app.service import Question
from app.settings import Settings
from model.reader import Options
from model.training.mnist import Digits
from serving.mixed import samples, total
from tests.app.services import real_service, running
from tests.app.test_load import png
from tests.conftest import ROOT

LINES = 2_000
ANSWER = {
    "model": {"sha256": "0" * 64},
    "calibration": "shipped",
    "threshold": 0.9,
    "kind": "strip",
    "text": "75011",
    "confidence": 0.99,
    "decision": "accept",
    "reason": None,
}
FULL = Path("/dev/full")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_reading_has_a_line_that_says_what_made_it(tmp_path: Path, digits: Digits) -> None:
    path = tmp_path / "audit.jsonl"
    content, code = png(digits.images[0]), (ROOT / "app/static/examples/code.png").read_bytes()
    with running(create_app(Settings(audit=str(path)))) as url:
        one = httpx.post(f"{url}/predict?max_error=0.01", content=content, headers={"X-Request-ID": "one"}).json()
        text = base64.b64encode(content).decode()
        httpx.post(f"{url}/predict/batch", json=[{"image": text}, {"image": "?"}, {"image": text}])
        httpx.post(f"{url}/predict", content=code)
        httpx.post(
            f"{url}/predict",
            content=bytes(range(256)) * 3 + bytes(16),
            headers={"Content-Type": "application/octet-stream"},
        )
        httpx.post(f"{url}/predict", json={"pixels": list(range(256)) * 3 + [0] * 16})
        card = httpx.get(f"{url}/model").json()
    first, second, third, strip, raw, pixels = lines(path)
    assert first == {
        "time": first["time"],
        "event": "reading",
        "request_id": "one",
        "model_sha256": card["sha256"],
        "calibration": "shipped",
        "calibration_sha256": card["calibration"]["sha256"],
        "max_error": 0.01,
        "picture_sha256": hashlib.sha256(content).hexdigest(),
        **{name: one[name] for name in ("threshold", "kind", "text", "confidence", "decision", "reason")},
    }
    assert first["picture_sha256"] == second["picture_sha256"] == third["picture_sha256"]
    assert (strip["kind"], strip["picture_sha256"]) == ("strip", hashlib.sha256(code).hexdigest())
    assert raw["picture_sha256"] == pixels["picture_sha256"]


@pytest.mark.long
def test_a_picture_that_another_process_reads_has_its_line_too(tmp_path: Path, digits: Digits) -> None:
    path, large = tmp_path / "audit.jsonl", png(digits.images[0].repeat(60, 0).repeat(60, 1))
    assert digits.images[0].size * 3600 > LIGHT_PIXELS
    with running(create_app(Settings(audit=str(path)))) as url:
        httpx.post(f"{url}/predict?kind=digit", content=large, timeout=60)
    (line,) = lines(path)
    assert line["picture_sha256"] == hashlib.sha256(large).hexdigest()


def test_lines_of_several_writers_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"

    def write_many(name: str) -> None:  # as each worker does, with a file of its own
        audit = Audit(str(path), "1" * 64)
        for _ in range(LINES):
            audit.write(Question(b"", Options(), name), ANSWER)
        audit.close()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(write_many, "ab"))
    names = [line["request_id"] for line in lines(path)]
    assert (names.count("a"), names.count("b")) == (LINES, LINES)
    assert path.stat().st_mode & 0o007 == 0  # not for everyone


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_loses_lines_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    lost: list[int] = []
    audit = Audit(str(FULL), "", lambda: lost.append(1))
    for _ in range(3):
        audit.write(Question(b"", Options(), ""), ANSWER)
    audit.close()
    assert len(lost) == 3
    assert [record.getMessage() for record in caplog.records] == [
        "Audit lines are lost until further notice: No space left on device"
    ]


@pytest.mark.long
@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_where_the_disk_is_full_readings_go_on_and_the_lines_are_counted(digits: Digits) -> None:
    with running(create_app(Settings(audit=str(FULL)))) as url:
        for _ in range(3):
            assert httpx.post(f"{url}/predict", content=png(digits.images[0])).status_code == 200
        found = samples(httpx.get(f"{url}/metrics").text)
    assert total(found, "digits_audit_lost_total") == 3


def test_opened_again_it_writes_to_the_file_of_that_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path, rotated = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    audit = Audit(str(path), "")
    audit.write(Question(b"", Options(), "before"), ANSWER)
    path.rename(rotated)
    audit.reopen()
    audit.write(Question(b"", Options(), "after"), ANSWER)
    assert [line["request_id"] for line in lines(rotated)] == ["before"]
    path.unlink()
    path.mkdir()  # so that it cannot be opened
    audit.reopen()
    audit.write(Question(b"", Options(), "kept"), ANSWER)
    audit.close()
    assert "Is a directory" in caplog.text


def test_after_a_line_that_was_cut_off_the_next_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, lost = tmp_path / "audit.jsonl", []
    audit, write = Audit(str(path), "", lambda: lost.append(1)), os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:50]))
    audit.write(Question(b"", Options(), "cut"), ANSWER)
    monkeypatch.undo()
    audit.write(Question(b"", Options(), "whole"), ANSWER)
    audit.close()
    cut, whole = path.read_text(encoding="utf-8").splitlines()
    assert (len(cut), json.loads(whole)["request_id"], len(lost)) == (50, "whole", 1)


def test_a_file_that_cannot_be_written_stops_the_start_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIGITS_AUDIT", str(tmp_path / "nowhere/audit.jsonl"))
    with pytest.raises(SystemExit) as stopped:
        main(["serve"])
    assert stopped.value.code == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "DIGITS_AUDIT" in sentence
    assert "No such file" in sentence


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has none")
def test_sighup_opens_the_file_again_for_logrotate(tmp_path: Path, digits: Digits) -> None:
    path, rotated, content = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1", png(digits.images[0])
    with real_service(DIGITS_AUDIT=str(path)) as service:
        assert httpx.post(f"{service.url}/predict", content=content).status_code == 200
        path.rename(rotated)
        service.send(signal.SIGHUP)
        time.sleep(0.5)
        assert httpx.post(f"{service.url}/predict", content=content).status_code == 200
    assert len(lines(rotated)) == len(lines(path)) == 1
