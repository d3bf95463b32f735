"""Chromium without a window, as the tests of the page and the measurements of it start it."""

import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium is installed, which looks at the page: on Debian and Ubuntu, 'apt install chromium'"


def found() -> str | None:
    """Return the path of Chromium, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launched(playwright: "Playwright", path: str, arguments: Sequence[str] = ()) -> "Browser":
    """Return the Chromium at `path`, started. Root cannot have its sandbox."""
    return playwright.chromium.launch(executable_path=path, chromium_sandbox=os.geteuid() != 0, args=list(arguments))
