"""Chromium without a window, as the tests of the page and the measurements of it start it."""

import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

Stroke = Sequence[tuple[float, float]]
"""Points (x, y) in hundredths of the pad's height from its middle."""

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium is installed, which looks at the page: on Debian and Ubuntu, 'apt install chromium'"


def found() -> str | None:
    """Return the path of Chromium, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launched(playwright: "Playwright", path: str, arguments: Sequence[str] = ()) -> "Browser":
    """Return the Chromium at `path`, started. Root cannot have its sandbox."""
    return playwright.chromium.launch(executable_path=path, chromium_sandbox=os.geteuid() != 0, args=list(arguments))


def draw(page: "Page", strokes: Sequence[Stroke], steps: int = 1) -> None:
    """Draw `strokes` on the pad of `page` with the mouse, in so many `steps` from point to point."""
    box = page.locator("#canvas").bounding_box()
    if box is None:
        raise RuntimeError("the page has no pad")
    unit, across, down = box["height"] / 100, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for stroke in strokes:
        for number, (x, y) in enumerate(stroke):
            page.mouse.move(across + x * unit, down + y * unit, steps=steps if number else 1)
            if number == 0:
                page.mouse.down()
        page.mouse.up()
