"""The log: JSON where it is asked for, with the requests' ids, and nothing of what was sent or read."""

import base64
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import httpx

from app import logs
from app.settings import Settings
from tests.app.services import RealService
from tests.conftest import ROOT

FAULTY = """
import sys
from app.service import Service
answers = Service.answers
def failing(self, questions, *rest):
    found = answers(self, questions, *rest)
    return [RuntimeError("broken") if "fault" in each.request_id else answer for each, answer in zip(questions, found)]
Service.answers = failing
from app.__main__ import main
sys.exit(main([]))
"""
"""The command `serve`, of a service that fails where the request's id says so."""


class LoggedService(RealService):
    """A real service whose output goes to files."""

    def __init__(self, out: IO[str], err: IO[str], **environment: str) -> None:
        self._out, self._err = out, err
        super().__init__([sys.executable, "-c", FAULTY], subprocess.DEVNULL, **environment)

    def start(self) -> None:
        environment = {**os.environ, **self._environment, "DIGITS_PORT": str(self.port)}
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=environment, stdout=self._out, stderr=self._err)


def test_every_line_is_json_with_the_request_s_id_and_nothing_of_what_was_sent_or_read(tmp_path: Path) -> None:
    code = (ROOT / "app/static/examples/code.png").read_bytes()
    out, err = tmp_path / "out.txt", tmp_path / "err.txt"
    settings = {"DIGITS_LOG_FORMAT": "json", "DIGITS_LOG_LEVEL": "debug", "DIGITS_ACCESS_LOG": "true"}

    def ask(path: str, request_id: str, **sent: Any) -> httpx.Response:
        return httpx.post(f"{service.url}{path}", headers={"X-Request-ID": request_id}, timeout=60, **sent)

    with out.open("w") as first, err.open("w") as second:
        service = LoggedService(first, second, DIGITS_DRAIN_SECONDS="0", **settings)
        try:
            service.wait_until_ready()
            good = ask("/predict", "good", content=code)
            text = base64.b64encode(code).decode()
            bad = ask("/predict", "bad", json={"image": f"{text}?"})
            failed = ask("/predict", "fault-1", content=code)
            batch = ask("/predict/batch", "fault-2", json=[{"image": text}])
        finally:
            service.stop()
    assert [each.status_code for each in (good, bad, failed)] == [200, 422, 500]
    assert batch.json()[0]["status"] == 500
    asked = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    told = [json.loads(line) for line in err.read_text(encoding="utf-8").splitlines()]
    assert [line["request_id"] for line in asked if "/predict" in line["message"]] == [
        "good",
        "bad",
        "fault-1",
        "fault-2",
    ]
    faults = {line["request_id"]: line["exception"] for line in told if line["level"] == "error"}
    assert faults.keys() == {"fault-1", "fault-2"}
    assert all("RuntimeError: broken" in each for each in faults.values())
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in asked + told)
    whole = out.read_text(encoding="utf-8") + err.read_text(encoding="utf-8")
    assert good.json()["text"] not in whole
    assert text[:40] not in whole
    assert repr(code[:8])[2:-1] not in whole


def test_unless_told_otherwise_the_log_is_text_without_requests() -> None:
    settings = Settings()
    assert (settings.log_format, settings.access_log) == ("text", False)
    assert "uvicorn.logging" in logs.config(settings)["formatters"]["default"]["()"]


def test_a_line_break_in_a_message_stays_within_its_line() -> None:
    record = logging.LogRecord("app", logging.WARNING, "", 0, "one\ntwo %s", ("three",), None)
    line = logs.JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "one\ntwo three"
