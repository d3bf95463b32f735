"""docs/inference-protocol.md is run: its examples give, with the real service, what it shows."""

import json
import re
import subprocess
import sys

from tests.app.services import RealService
from tests.app.test_clients import tool
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "inference-protocol.md").read_text(encoding="utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))  # the last of each


def run(service: RealService, *command: str) -> str:
    """Return what the command prints, with the service's address instead of the one that is shown."""
    arguments = [part.replace("localhost:8000", f"localhost:{service.port}") for part in command]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tritons_client_prints_what_is_promised(real: RealService) -> None:
    (promised,) = re.findall(r"# prints (.*)", BLOCKS["python"])
    assert run(real, sys.executable, "-c", BLOCKS["python"]).strip() == promised


def test_curl_gets_the_answer_that_is_shown(real: RealService) -> None:
    command = BLOCKS["sh"].replace("python3", sys.executable).replace("| curl", f"| {tool('curl')} --silent --fail")
    assert json.loads(run(real, "bash", "-c", command)) == json.loads(BLOCKS["json"])
