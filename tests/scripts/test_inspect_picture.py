"""The drawings of the stages by which a picture is read: each shows what the reader did."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image, ImageDraw

import inspect_picture
import stages
from model.artifact import Artifact
from model.reader import Options, Reader
from model.training.mnist import Digits
from model.types import Picture
from tests.conftest import ROOT

EXAMPLES = ROOT / "app" / "static" / "examples"


def _titles(monkeypatch: pytest.MonkeyPatch, shipped: Artifact, picture: Picture, asked: Options) -> list[str]:
    """Return the titles of the stages of `picture` as they are drawn."""
    titles: list[str] = []

    def kept(panels: list[stages.Panel], *_: object) -> None:
        for panel in panels:
            axes = plt.figure().add_subplot()
            panel(axes)
            titles.append(axes.get_title())
            plt.close()

    monkeypatch.setattr(stages, "save", kept)
    inspect_picture.draw(Reader(shipped.classifier), picture, asked, Path("unused"))
    return titles


def _example(name: str) -> Image.Image:
    with Image.open(EXAMPLES / name) as picture:
        return picture.convert("L")


def test_a_digits_stages_say_what_was_taken_away(monkeypatch: pytest.MonkeyPatch, shipped: Artifact) -> None:
    ringed = Image.new("L", (160, 200), 255)
    digit = _example("digit.png")
    ringed.paste(digit, ((160 - digit.width) // 2, 45))
    drawing = ImageDraw.Draw(ringed)
    drawing.ellipse((25, 30, 135, 140), outline=20, width=4)
    drawing.line((5, 170, 155, 170), fill=20, width=3)
    for picture, ring, lines in ((digit, ": none was found", ": none was found"), (ringed, "", "")):
        titles = _titles(monkeypatch, shipped, np.asarray(picture), Options("digit"))
        assert titles[:4] == ["the picture and the digits found", "its ink", f"without ring{ring}",
                              f"without printed lines{lines}"]  # fmt: skip
        assert "what the network sees" in titles


def test_a_sheet_on_a_table_is_outlined(monkeypatch: pytest.MonkeyPatch, shipped: Artifact) -> None:
    sheet, table = _example("digit.png"), Image.new("L", (300, 300), 70)
    table.paste(sheet.resize((2 * sheet.width, 2 * sheet.height)), (60, 60))
    assert _titles(monkeypatch, shipped, np.asarray(table), Options())[0] == (
        "the picture, its sheet and the digits found"
    )


def test_what_is_already_as_the_network_sees_it_has_no_stage_of_ink(
    monkeypatch: pytest.MonkeyPatch, shipped: Artifact, digits: Digits
) -> None:
    titles = _titles(monkeypatch, shipped, digits.images[0], Options())
    assert titles[:2] == ["the picture and the digits found", "what the network sees"]


@pytest.mark.parametrize("kind", ["digit", "strip"])
def test_a_picture_without_ink_is_drawn_too(monkeypatch: pytest.MonkeyPatch, shipped: Artifact, kind: str) -> None:
    titles = _titles(monkeypatch, shipped, np.full((50, 80), 255, np.uint8), Options(kind))  # type: ignore[arg-type]  # parametrised
    assert titles == ["the picture and the digits found"]


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["inspect_picture.py", *map(str, arguments)])
    return inspect_picture.main()


def test_the_command_draws_a_strip_and_says_how_it_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "new" / "stages.png"
    assert _run(monkeypatch, EXAMPLES / "code.png", "--out", out, "--country", "FR") == 0
    assert capsys.readouterr().out == f"strip 75011, accept: see {out}\n"
    with Image.open(out) as drawing:
        assert drawing.width > 600
