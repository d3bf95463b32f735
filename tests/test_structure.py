"""Which way dependencies point, and what the README promises."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from tests.conftest import ROOT

# Who may import whom: the project's folders, and the folders of `model`, which may all import `types`.
MAY_IMPORT = {
    "model": {"model"},
    "app": {"app", "model"},
    "examples": {"app"},
    "scripts": {"app", "model", "scripts", "data"},
}
_READS = {"artifact", "arrays", "shipped", "engine", "picture", "classifiers"}
ROOMS: dict[str, set[str]] = {
    "types": set(),
    "shipped": set(),
    "places": set(),
    "reading": {"confidence", "places", "seen"},
    "arrays": set(),
    "confidence": {"arrays"},
    "evaluation": set(),
    "picture": set(),
    "engine": set(),
    "classifiers": {"engine", "picture"},
    "artifact": {"classifiers", "arrays"},
    "strips": {*_READS, "confidence"},
    "envelopes": {"arrays", "confidence", "picture", "shipped", "strips"},
    "found": {"picture", "places"},
    "options": {"strips"},
    "seen": {"found", "picture", "strips"},
    "turning": {"picture", "places", "reading"},
    "decision": {
        "confidence",
        "envelopes",
        "found",
        "options",
        "picture",
        "places",
        "reading",
        "seen",
        "strips",
        "turning",
    },
    "addressee": {
        "classifiers",
        "confidence",
        "decision",
        "envelopes",
        "options",
        "places",
        "reading",
        "seen",
        "strips",
    },
    "ways": {
        "classifiers",
        "confidence",
        "decision",
        "engine",
        "options",
        "picture",
        "reading",
        "seen",
        "strips",
        "turning",
    },
    "reader": {
        *_READS,
        "addressee",
        "confidence",
        "decision",
        "envelopes",
        "found",
        "options",
        "reading",
        "strips",
        "turning",
        "ways",
    },
    "training": {*_READS, "evaluation", "strips"},
}
FILES = sorted(path for folder in MAY_IMPORT for path in (ROOT / folder).rglob("*.py"))
SCRIPTS = {path.stem for path in (ROOT / "scripts").iterdir()}


def imported(path: Path) -> set[str]:
    """Return the full names of the modules that the file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative name"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_dependencies_point_one_way(path: Path) -> None:
    own = {"scripts" if name in SCRIPTS else name for name in packages(path)} & {*MAY_IMPORT, "tests", "data"}
    assert own <= MAY_IMPORT[path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize("path", sorted((ROOT / "model").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_room_of_the_model_imports_only_those_it_may(path: Path) -> None:
    room = path.relative_to(ROOT / "model").parts[0].removesuffix(".py")
    if room == "__init__":
        assert not imported(path)
        return
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("model.")}
    assert rooms <= {room, "types", *ROOMS[room]}


def test_serving_loads_nothing_of_training() -> None:
    code = "import sys, app.main; print([name for name in sys.modules if name.startswith('model.training')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_engine_needs_numpy_alone() -> None:
    standard = sys.stdlib_module_names
    for path in (ROOT / "model").rglob("*.py"):
        assert packages(path) - standard <= {"numpy", "model"}, path


def test_the_client_needs_httpx_alone() -> None:
    standard = sys.stdlib_module_names
    assert packages(ROOT / "app" / "client.py") - standard == {"httpx"}


def test_the_watcher_needs_the_client_alone() -> None:
    standard = sys.stdlib_module_names
    for path in (ROOT / "app" / "watch.py", *(ROOT / "app" / "watching").glob("*.py")):
        assert packages(path) - standard <= {"app"}, path
        own = [name for name in imported(path) if name.startswith("app.")]
        assert all(name.startswith(("app.client", "app.watching.")) for name in own), path


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `(DIGITS_\w+)` \| (.*?) \| (.*) \|$", readme, re.MULTILINE)
    expected = [
        (
            f"DIGITS_{name.upper()}",
            "" if field.default is None else str(field.default).removeprefix(f"{ROOT}/"),
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    assert shown == expected
