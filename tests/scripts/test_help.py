"""Every script explains itself, with an example, before anything slow is imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPTS = sorted(path for path in (ROOT / "scripts").glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))
# Each takes half a second or more to import: only code that needs one may wait for it.
SLOW = ("matplotlib", "onnx", "onnxruntime", "sklearn", "pydantic", "fastapi")

HELP = """
import runpy, sys
sys.path.insert(0, "scripts")
sys.argv = [sys.argv[1], "--help"]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as stop:
    print("slow:", *sorted({name.partition(".")[0] for name in sys.modules} & {SLOW}), file=sys.stderr)
    sys.exit(stop.code)
"""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_explains_itself_without_importing_what_is_slow(path: Path) -> None:
    command = [sys.executable, "-c", HELP.replace("{SLOW}", repr(set(SLOW))), str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Example: python scripts/" in done.stdout
    assert done.stderr.strip() == "slow:"
