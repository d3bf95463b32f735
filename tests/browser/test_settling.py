"""What was refused is settled with the keyboard alone, and the download is what `calibrate` takes."""

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from app.calibrating.labels import read_labels
from app.calibrating.sources import Zip
from tests.browser.pictures import code
from tests.browser.test_giving import choose
from tests.conftest import ROOT

REFUSED = 20  # `calibrate` takes twenty pictures or more
ACCEPTED = ["4682", "9021"]  # and some of the accepted among them


def test_the_download_of_what_was_settled_is_what_calibrate_takes(page: Page, tmp_path: Path) -> None:
    texts = [str(46_022 + 7 * number) for number in range(REFUSED)]
    page.locator("#digits").select_option("4")  # so that codes of five digits are refused
    page.evaluate("Math.random = () => 0.05")  # so that the tenth of the accepted is all of them
    choose(page, *(code(each).file() for each in [*texts, *ACCEPTED]))
    expect(page.locator("#list .badge.reject")).to_have_count(REFUSED, timeout=30_000)
    expect(page.locator("#list .badge.accept")).to_have_count(len(ACCEPTED))
    expect(page.locator("#settle-count")).to_have_text(str(REFUSED + len(ACCEPTED)))
    page.get_by_role("link", name="Settle").press("Enter")
    typed = page.locator("#settle-code")
    expect(typed).to_be_focused()
    page.keyboard.press("n")
    for each in texts[1:]:
        page.keyboard.type(each)
        page.keyboard.press("Enter")
    for _ in ACCEPTED:
        page.keyboard.press("a")  # the first candidate
    expect(page.locator("#settle-all")).to_be_focused()
    with page.expect_download() as download:
        page.locator("#settle-download").press("Enter")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        table = archive.read("labels/labels.csv").decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["code"] for row in rows] == ["", *texts[1:], *ACCEPTED]
    assert {(row["decision"], row["sampling"]) for row in rows} == {("reject", "1"), ("accept", "0.1")}
    assert len(read_labels(Zip(path))) == REFUSED + len(ACCEPTED)
    out = tmp_path / "calibration.json"
    command = [sys.executable, "scripts/calibrate.py", str(path), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert out.exists()
