"""Photograph the page of a running service, as the README shows it: on a desk with a letter, on a phone in the dark.

Needs Playwright, of the `test` extra, and Debian's chromium.
Example: python scripts/screenshots.py http://localhost:8000 --out docs/figures
"""

import argparse
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Error, sync_playwright

import chromium

COLOURS = 256  # of a photograph: half the bytes, and nobody sees it

# A 2 and a 7 as a mouse draws them.
STROKES = (
    ((-25, -20), (-19, -28), (-10, -26), (-9, -14), (-17, 8), (-26, 26), (-17, 25), (-6, 26)),
    ((5, -24), (15, -25), (25, -25), (19, 0), (14, 28)),
)


@dataclass(frozen=True)
class Shot:
    """A photograph: the size of the window, light or dark, the language, and the example that is read; "" draws."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]
    locale: str
    example: str


SHOTS = (
    Shot("page", 1280, 860, "light", "en-GB", "envelope"),
    Shot("page-phone", 390, 844, "dark", "fr-FR", ""),
)


def photograph(browser: Browser, url: str, shot: Shot, out: Path) -> None:
    """Write the page at `url` as `shot` has it to `out`."""
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        locale=shot.locale,
        device_scale_factor=1.5,
    )
    page.goto(url)
    if shot.example:
        page.locator("#examples button", has=page.locator(f'img[src*="{shot.example}"]')).click()
    else:
        chromium.draw(page, STROKES, steps=6)
    page.locator('#reading[data-state="read"] .digits').wait_for()
    page.wait_for_timeout(500)  # for pictures to load
    page.evaluate("scrollTo(0, 0)")
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(COLOURS).save(out, optimize=True)
    page.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="of the service, such as http://localhost:8000")
    parser.add_argument(
        "--out", type=Path, default=Path("docs/figures"), metavar="DIR", help="where they go (%(default)s)"
    )
    options = parser.parse_args()
    path = chromium.found()
    if path is None:
        print(f"screenshots.py: {chromium.MISSING}", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        with sync_playwright() as playwright:
            browser = chromium.launched(playwright, path)
            for shot in SHOTS:
                photograph(browser, options.url, shot, options.out / f"{shot.name}.png")
    except (Error, OSError, RuntimeError) as error:
        print(f"screenshots.py: {error}", file=sys.stderr)
        return 1
    print(f"{', '.join(f'{shot.name}.png' for shot in SHOTS)} are in {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
