"""Time the page in Chromium: until it is shown, and from the end of a stroke until what was read is on screen.

Starts a service of its own. The page is opened anew each time, with nothing kept from before. Prints medians and 95th
percentiles in milliseconds.
Example: python scripts/time_page.py --rounds 30
"""

import argparse
import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tqdm import tqdm

import chromium
from shared import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

START_SECONDS = 60
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
# A 2 in one stroke, in hundredths of the pad's height from its middle.
STROKE = [(-20, -18), (-10, -28), (5, -30), (18, -22), (18, -8), (5, 8), (-12, 22), (-22, 30), (0, 29), (22, 29)]


@contextlib.contextmanager
def service() -> Iterator[str]:
    """Run the service of this checkout; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DIGITS_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + START_SECONDS
        while not ready(port):
            if time.monotonic() > ends or process.poll() is not None:
                raise RuntimeError("the service does not start: see python -m app")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def ready(port: int) -> bool:
    """Return whether the service answers that it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def measured(browser: "Browser", url: str) -> tuple[float, float]:
    """Return the milliseconds until the page is shown, and from a stroke's end until its reading is."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(url, wait_until="networkidle")
        shown: float = page.evaluate(SHOWN)
        page.evaluate(WATCH)
        draw(page)
        return shown, page.evaluate("taken")
    finally:
        context.close()


def draw(page: "Page") -> None:
    """Draw STROKE on the pad with the mouse."""
    box = page.locator("#canvas").bounding_box()
    if box is None:
        raise RuntimeError("the page has no pad")
    unit = box["height"] / 100
    for number, (x, y) in enumerate(STROKE):
        page.mouse.move(box["x"] + box["width"] / 2 + x * unit, box["y"] + box["height"] / 2 + y * unit)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


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

    with service() as url, sync_playwright() as playwright:
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
