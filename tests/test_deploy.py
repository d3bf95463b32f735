"""The units for systemd: systemd knows every line of them, and they agree with the programs that they start."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import watch
from app.commands.serve import IN_FLIGHT_SECONDS
from app.settings import Settings
from tests.conftest import ROOT

SERVICE, WATCHER = (ROOT / "deploy" / "systemd" / f"postal-digits{kind}.service" for kind in ("", "-watch@"))
UNITS = [SERVICE, WATCHER]
HARDENED = {"DynamicUser": "yes", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "CapabilityBoundingSet": ""}


def unit(path: Path) -> configparser.ConfigParser:
    """Return the sections of a unit, each key once."""
    parsed = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#", strict=True)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # as configparser's documentation has it
    parsed.read(path, encoding="utf-8")
    return parsed


def verified(text: str, folder: Path, path: Path) -> str:
    """Return what systemd says of a unit; its programs are replaced with one that is on this machine."""
    copy = folder / path.name.replace("@", "@gate")
    copy.write_text(re.sub(r"/opt/postal-digits/bin/[\w-]+", sys.executable, text), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    return "\n".join(line for line in done.stderr.splitlines() if copy.name in line)


def test_systemd_knows_every_line(tmp_path: Path) -> None:
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        assert set(unit(path)) == {"DEFAULT", "Unit", "Service", "Install"}
        if shutil.which("systemd-analyze"):
            assert verified(text, tmp_path, path) == ""
            assert "Unknown key" in verified(text.replace("RestartSec", "RestartSecs"), tmp_path, path)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_may_do_no_more_than_it_must(path: Path) -> None:
    service = unit(path)["Service"]
    assert {key: service.get(key) for key in HARDENED} == HARDENED
    assert service["MemoryMax"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_names_settings_that_exist(path: Path) -> None:
    named = set(re.findall(r"DIGITS_(\w+)", path.read_text(encoding="utf-8"))) - {"API_KEY"}
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_service_has_the_time_that_it_takes_to_drain() -> None:
    assert int(unit(SERVICE)["Service"]["TimeoutStopSec"]) > Settings().drain_seconds + IN_FLIGHT_SECONDS


def test_the_watcher_is_started_with_a_command_that_it_knows(tmp_path: Path) -> None:
    service = unit(WATCHER)["Service"]
    _, _, arguments = service["ExecStart"].partition(" -m app.watch ")
    values = {"${WATCH_URL}": "http://localhost:8000", "${WATCH_FOLDER}": str(tmp_path), "%S": "/var/lib", "%i": "gate"}
    for name, value in values.items():
        arguments = arguments.replace(name, value)
    (options,) = re.findall(r"WATCH_OPTIONS=(.*)", WATCHER.read_text(encoding="utf-8"))
    given = watch.command_line().parse_args(arguments.replace("$WATCH_OPTIONS", options).split())
    state = Path("/var/lib", service["StateDirectory"].replace("%i", "gate"))
    assert (given.folder, given.out) == (tmp_path, state / "readings.jsonl")
    assert int(service["TimeoutStopSec"]) > given.deadline
