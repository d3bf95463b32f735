"""What is installed: its version, the same everywhere, its dependencies, and its licences."""

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from app.main import create_app
from app.service import LISTED
from app.version import VERSION
from model.strips.postal import LISTS
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_package_service_and_changelog_have_one_version(project: dict[str, Any]) -> None:
    newest = re.search(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == project["project"]["version"] == VERSION == create_app().openapi()["info"]["version"]


def test_every_dependency_has_a_lower_bound(project: dict[str, Any]) -> None:
    extras = project["project"]["optional-dependencies"]
    every = [*project["project"]["dependencies"], *(each for extra in extras.values() for each in extra)]
    assert [each for each in every if ">=" not in each and not each.startswith("postal-digits[")] == []


def test_the_server_needs_nothing_of_the_extras() -> None:
    extras = {"httpx", "matplotlib", "onnx", "onnxruntime", "sklearn", "mlxtend"}
    code = f"import sys, app.main, app.commands.read; print({extras} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"


def test_every_package_is_packed_and_says_that_it_is_typed(project: dict[str, Any]) -> None:
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in ("app", "model")
        for path in (ROOT / top).rglob("__init__.py")
    }
    assert set(project["tool"]["setuptools"]["packages"]) == {*found, "data.postal_codes"}
    for top in ("app", "model"):
        assert (ROOT / top / "py.typed").exists()
        assert "py.typed" in project["tool"]["setuptools"]["package-data"][top]


def test_every_file_of_the_page_is_packed(project: dict[str, Any]) -> None:
    patterns = project["tool"]["setuptools"]["package-data"]["app"]
    packed = {path for pattern in patterns for path in (ROOT / "app").glob(pattern)}
    assert {path for path in (ROOT / "app" / "static").rglob("*") if path.is_file()} <= packed


def test_every_list_names_its_source_and_a_licence_that_comes_with_it(project: dict[str, Any]) -> None:
    files = sorted(path for pattern in project["project"]["license-files"] for path in ROOT.glob(pattern))
    assert [path.read_text(encoding="utf-8").splitlines()[0] for path in files] == [
        "MIT License",
        "## Open Data Commons Open Database License (ODbL)",
        "The MIT License (MIT)",  # of France's list
    ]
    assert project["project"]["license"] == "MIT AND ODbL-1.0"
    lists = sorted(LISTS.glob("*.txt"))
    assert {path.stem for path in lists} == LISTED, "the start is stopped where one is missing"
    for path in lists:
        lines = path.read_text(encoding="utf-8").splitlines()
        head = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))
        assert re.search(r"Source: the (PyPI|npm) package \S+ \d", head), path
        assert "Open Database License (ODbL) 1.0" in head or ("MIT" in head and "Licence Ouverte" in head), path
