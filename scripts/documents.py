"""What the docs show of the project itself, in Markdown. `make docs` inserts it with cog, and a test compares it."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.metrics import MEASURES
from app.settings import Settings

ROOT = Path(__file__).parent.parent
ROOMS = ("app", "model", "scripts")
# Everything that the layout of help depends on is fixed: width, colours and encoding.
TERMINAL = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}


def settings() -> str:
    """Return every setting with its default and its description, as a table."""
    rows = [
        [f"`DIGITS_{name.upper()}`", _default(field.default), str(field.description)]
        for name, field in Settings.model_fields.items()
    ]
    return table(["variable", "default", "what it is"], rows)


def metrics() -> str:
    """Return everything that the service measures of itself, as a table."""
    rows = [[f"`{each.name}`", each.type, ", ".join(each.labels), each.what] for each in MEASURES]
    return table(["name", "type", "labels", "what it is"], rows)


def methods() -> str:
    """Return the table that `make compare` wrote."""
    return (ROOT / "docs/comparison/comparison.md").read_text(encoding="utf-8")


def imports(rooms: Mapping[str, Set[str]]) -> str:
    """Return the folders of `model` with those that each may import, as a table."""
    rows = [
        [f"`{room}`", ", ".join(f"`{other}`" for other in sorted(others)) or "nothing"]
        for room, others in rooms.items()
    ]
    return table(["room", "may import"], rows)


def rooms() -> str:
    """Return every file of the project's folders with the first paragraph of its docstring, one table per folder."""
    return "\n".join(
        f"### {folder.relative_to(ROOT).as_posix()}/\n\n{_folder(folder)}"
        for room in ROOMS
        for folder in [ROOT / room, *sorted(path for path in (ROOT / room).rglob("*") if path.is_dir())]
        if any(folder.glob("*.py"))
    )


def commands() -> str:
    """Return what every command prints with `--help`, one section per command."""
    found = _commands()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        helps = pool.map(_help, found.values())
    return "\n".join(f"## `{name}`\n\n```text\n{text.strip()}\n```\n" for name, text in zip(found, helps, strict=True))


def _commands() -> dict[str, list[str]]:
    """Return the arguments with which Python runs each command, by its name.

    They are the console scripts of pyproject.toml with their subcommands, the client, the watcher, and the scripts.
    """
    found: dict[str, list[str]] = {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, entry in project.get("scripts", {}).items():
        module, _, function = entry.partition(":")
        code = f"import sys; from {module} import {function} as run; sys.argv[0] = {name!r}; sys.exit(run())"
        found[name] = ["-c", code]
        # argparse lists each subcommand on a line of its own, indented by four spaces.
        for subcommand in re.findall(r"^ {4}(\w+)\b", _help(found[name]), re.MULTILINE):
            found[f"{name} {subcommand}"] = ["-c", code, subcommand]
    for module in ("app.client", "app.watch"):
        found[f"python -m {module}"] = ["-m", module]
    for path in sorted((ROOT / "scripts").glob("*.py")):
        if "ArgumentParser(" in path.read_text(encoding="utf-8"):
            found[f"python scripts/{path.name}"] = [f"scripts/{path.name}"]
    return found


def _help(arguments: list[str]) -> str:
    """Return what Python prints when it runs `arguments` with `--help`."""
    command = [sys.executable, *arguments, "--help"]
    environment = {**os.environ, **TERMINAL}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr}")
    return done.stdout


def _folder(folder: Path) -> str:
    """Return the first paragraph of the folder's docstring, and a table of those of its files."""
    docstrings = {path.name: ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in folder.glob("*.py")}
    openings = {name: " ".join((text or "").partition("\n\n")[0].split()) for name, text in docstrings.items()}
    introduction = openings.pop("__init__.py", "")
    files = table(["file", "what it is"], [[f"`{name}`", opening] for name, opening in sorted(openings.items())])
    return f"{introduction}\n\n{files}" if introduction else files


def _default(value: Any) -> str:
    if value is None:
        return ""
    return value.relative_to(ROOT).as_posix() if isinstance(value, Path) else str(value)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
