"""The way dependencies point, and what the README promises."""

import ast
from pathlib import Path

import pytest

from app.settings import Settings
from tests.conftest import ROOT

MAY_IMPORT = {"model": {"model"}, "app": {"app", "model"}}
FILES = sorted(path for folder in MAY_IMPORT for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_dependencies_point_one_way(path: Path) -> None:
    own = imported(path) & {"app", "model", "scripts", "tests"}
    assert own <= MAY_IMPORT[path.relative_to(ROOT).parts[0]]


def test_the_engine_needs_numpy_alone() -> None:
    standard = __import__("sys").stdlib_module_names
    for path in (ROOT / "model").rglob("*.py"):
        assert imported(path) - standard <= {"numpy", "model"}, path


def test_the_client_needs_httpx_alone() -> None:
    standard = __import__("sys").stdlib_module_names
    assert imported(ROOT / "app" / "client.py") - standard == {"httpx"}


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`DIGITS_{name.upper()}`" in readme, name
        assert field.description
        assert field.description in readme, name
