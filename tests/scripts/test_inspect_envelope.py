"""The drawing of how a mail piece is read: it shows what the reader saw, and the answer that came of it."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import inspect_envelope
from model.artifact import Artifact
from model.envelopes.survey import survey
from model.options import Options
from model.reader import Reader
from tests.conftest import ROOT

LETTER = ROOT / "app" / "static" / "examples" / "envelope.webp"


@pytest.fixture(scope="module")
def reader(shipped: Artifact) -> Reader:
    return Reader(shipped.classifier)


def test_the_addressees_code_leads_the_list_and_the_senders_follows(reader: Reader) -> None:
    with Image.open(LETTER) as picture:
        seen = survey(np.asarray(picture))
    listed = inspect_envelope.candidates(reader, seen, Options("envelope", None, "fr"))
    assert [each.text for each in listed[:2]] == ["75011", "51100"]
    assert listed[0].odds > listed[1].odds
    assert all(each.found is None and each.odds == -np.inf for each in listed[2:])


def test_the_drawing_shows_the_outline_the_answer_and_what_else_was_read(reader: Reader) -> None:
    with Image.open(LETTER) as image:
        picture = np.asarray(image)
    seen, asked = survey(picture), Options("envelope", None, "fr")
    listed, reading = inspect_envelope.candidates(reader, seen, asked), reader.read(picture, country="fr")
    drawn = np.asarray(inspect_envelope.draw(picture, seen, listed, reading))
    assert reading.corners is not None
    scale = inspect_envelope._LONG / max(picture.shape)
    for corners, colour in (
        (seen.piece.corners, inspect_envelope._OUTLINE),
        (np.array(reading.corners), inspect_envelope._CHOSEN),
        (listed[1].corners, inspect_envelope._colour(listed[1])),
    ):
        x, y = (scale * corners[:2].mean(axis=0)).astype(int)
        assert (drawn[y - 3 : y + 4, x - 3 : x + 4] == colour).all(axis=2).any(), colour


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["inspect_envelope.py", *map(str, arguments)])
    return inspect_envelope.main()


def test_an_empty_piece_is_drawn_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Image.new("RGB", (400, 300), "white").save(tmp_path / "empty.png")
    out = tmp_path / "new" / "stages.png"
    assert _run(monkeypatch, tmp_path / "empty.png", "--out", out, "--digits", 5) == 0
    assert capsys.readouterr().out == f"(nothing), reject, turned 0: see {out}\n"
    with Image.open(out) as drawing:
        assert drawing.width > inspect_envelope._LONG
