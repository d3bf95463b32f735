"""Time the page in Chromium: until it is shown, and from the end of a stroke until what was read is on screen.

Starts a service of its own. The page is opened anew each time, with nothing kept from before. Prints medians and 95th
percentiles in milliseconds.
Example: python scripts/time_page.py --rounds 30
"""

import argparse
import statistics
import sys
from typing import TYPE_CHECKING

from tqdm import tqdm

import chromium
from shared import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EXAMPLE = ROOT / "app" / "static" / "examples" / "digit.png"
SHOWN = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
# From the pen's lifting until the frame after the one in which the reading is put on the page.
WATCH = """() => {
  const place = document.getElementById("reading");
  let lifted = 0;
  document.getElementById("canvas").addEventListener("pointerup", (event) => (lifted = event.timeStamp), true);
  window.taken = new Promise((resolve) => {
    new MutationObserver(() => {
      if (place.dataset.state !== "read") return;
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - lifted)));
    }).observe(place, { attributes: true, attributeFilter: ["data-state"] });
  });
}"""
# A 2 in one stroke.
STROKE = [(-20, -18), (-10, -28), (5, -30), (18, -22), (18, -8), (5, 8), (-12, 22), (-22, 30), (0, 29), (22, 29)]


def measured(browser: "Browser", url: str) -> tuple[float, float]:
    """Return the milliseconds until the page is shown, and from a stroke's end until its reading is."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(url, wait_until="networkidle")
        shown: float = page.evaluate(SHOWN)
        page.evaluate(WATCH)
        chromium.draw(page, [STROKE])
        return shown, page.evaluate("taken")
    finally:
        context.close()


def row(name: str, times: list[float]) -> str:
    """Return a row of the table."""
    return f"| {name} | {statistics.median(times):.0f} | {statistics.quantiles(times, n=20)[-1]:.0f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30, help="how often the page is opened (30)")
    options = parser.parse_args()
    path = chromium.found()
    if path is None:
        print(f"time_page.py: {chromium.MISSING}", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    from serving.benchmark import Input, ours, running

    first = Input("digit", "/predict", [EXAMPLE])
    with running([ours("service", ROOT)], None, first) as [server], sync_playwright() as playwright:
        url = f"http://127.0.0.1:{server.port}"
        browser = chromium.launched(playwright, path)
        measured(browser, url)  # the first of each is slower, as the service's files come from disk
        times = [measured(browser, url) for _ in tqdm(range(options.rounds), desc="page")]
        browser.close()
    shown, read = ([each[part] for each in times] for part in (0, 1))
    print("| milliseconds | median | 95 % |\n| --- | --- | --- |")
    print(row("until the page is shown", shown))
    print(row("from the end of a stroke until it is read and shown", read))
    return 0


if __name__ == "__main__":
    sys.exit(main())
