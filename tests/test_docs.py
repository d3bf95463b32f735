"""Whatever the docs name exists, and what they show of the project is up to date."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

_PROSE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "data/README.md", "examples/README.md")
DOCS = [ROOT / name for name in _PROSE]
DOCS += sorted((ROOT / "docs").rglob("*.md"))
GENERATED = [path for path in DOCS if "[[[cog" in path.read_text(encoding="utf-8")]
CODE = ("app", "examples", "model", "scripts", "tests")
FOLDERS = (*CODE, "deploy", "docs", "data", ".github")
# What `make data`, `make train` and the like put there; git ignores it.
MADE = re.compile(r"data/(?!README|postal_codes)")


def named(path: Path) -> set[str]:
    """Return what is in backticks outside code blocks."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", text))


@cache
def sources() -> dict[Path, ast.Module]:
    paths = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def names(path: Path) -> frozenset[str]:
    """Return what the module defines, and what its classes do: `function`, `Class`, `Class.method`, `CONSTANT`."""
    found: set[str] = set()
    for node in sources()[path].body:
        found |= defined(node)
        if isinstance(node, ast.ClassDef):
            inside = {name for part in node.body for name in defined(part)}
            inside |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute) and of_self(each)}
            found |= {f"{node.name}.{name}" for name in inside}
    return frozenset(found)


def defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def of_self(attribute: ast.Attribute) -> bool:
    return isinstance(attribute.value, ast.Name) and attribute.value.id == "self"


def exists(name: str) -> bool:
    """Return whether the project has a `package.module`, a `module.function` or a `Class.attribute` of that name."""
    first, _, rest = name.partition(".")
    path = ROOT / name.replace(".", "/")
    return (
        path.is_dir()
        or path.with_suffix(".py").exists()
        or any(
            name in names(path) or (first in {path.stem, path.parent.name} and rest in names(path))
            for path in sources()
        )
    )


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_named_exists(path: Path) -> None:
    paths = {name for name in named(path) if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./-]*", name)}
    scripts = {f"scripts/{name}" for each in named(path) for name in re.findall(r"scripts/(\w+\.py)", each)}
    missing = [name for name in paths | scripts if not MADE.match(name) and not (ROOT / name).exists()]
    assert not missing
    files = {each.name for each in sources()}
    assert not [name for name in named(path) if re.fullmatch(r"\w+\.py", name) and name not in files]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (path.parent / link).exists()]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_function_named_exists(path: Path) -> None:
    dotted = {name for name in named(path) if re.fullmatch(r"[A-Za-z_]+\.[A-Za-z_]+", name)}
    files = re.compile(r"\w+\.(csv|java|json|jsonl|lock|md|mjs|npz|png|py|sh|toml|txt|typed|yml|zip)")
    functions = {name for name in dotted if not files.fullmatch(name)}
    assert not [name for name in functions if not exists(name)]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_said_to_be_in_a_file_is_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, file in re.findall(r"`([A-Za-z_.]+)` in\s`([\w/]+\.py)`", text):
        assert name in names(ROOT / file), f"{name} in {file}"


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_the_docs_show_of_the_project_is_up_to_date(path: Path) -> None:
    if path.name == "cli.md" and sys.version_info >= (3, 14):
        pytest.skip("docs/cli.md shows help as argparse of Python 3.11 to 3.13 lays it out")
    cog = [sys.executable, "-m", "cogapp", "--check", "--diff", "-I", ".", "-I", "scripts", str(path)]
    done = subprocess.run(cog, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, f"`make docs` would change it:\n{done.stdout}{done.stderr}"
