"""Mail pieces that the project makes: labels agree with what is drawn, and the worlds have nothing in common."""

import csv
import itertools
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import make_envelopes
import synthesis.envelopes.writer
from model.artifact import Artifact
from model.reader import Reader
from model.training.mnist import Digits
from synthesis import typeset
from synthesis.envelopes import address, blocks, letters, places, view, world
from synthesis.envelopes.printed import HANDS, Print, family, prints_of
from synthesis.envelopes.sheet import Sheet
from synthesis.envelopes.writer import EnvelopeWriter
from synthesis.typeset import Fonts
from synthesis.worlds import Dice

SMALL = (600.0, 700.0)  # pixels of a picture's longer side: larger ones take longer


@pytest.fixture(scope="module")
def font_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    for path in (Path(mpl.get_data_path()) / "fonts" / "ttf").glob("DejaVuS*.ttf"):
        (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def fonts(font_folder: Path) -> Fonts:
    return typeset.find([font_folder])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis.envelopes.writer, "_SIDES", SMALL)


@pytest.fixture
def writer(digits: Digits, fonts: Fonts) -> EnvelopeWriter:
    return EnvelopeWriter(world.TEST, digits, fonts, np.random.default_rng(0))


@pytest.fixture
def dice() -> Dice:
    return Dice(np.random.default_rng(1))


def test_the_code_of_a_piece_is_where_its_label_says(writer: EnvelopeWriter, shipped: Artifact) -> None:
    reader = Reader(shipped.classifier)
    right = 0
    for index in range(12):
        piece = make_envelopes.make(writer, index, code=True, seed=1, upright=False)
        assert piece.quad is not None
        width, height = (float(np.linalg.norm(piece.quad[k] - piece.quad[0])) for k in (1, 3))
        room = 0.3 * height
        place = np.array([(room, room), (width + room, room), (width + room, height + room), (room, height + room)])
        back = view.homography(place, piece.quad).ravel()[:8]
        size = (round(width + 2 * room), round(height + 2 * room))
        cut = Image.fromarray(piece.picture).transform(size, Image.Transform.PERSPECTIVE, tuple(back))
        right += reader.read(np.asarray(cut), kind="strip", country=piece.country).text == piece.code
    assert right >= 10


@pytest.mark.parametrize("degrees", [0.0, 33.0, 180.0, -90.0])
def test_a_quad_is_tight_round_the_ink_of_its_code(fonts: Fonts, degrees: float) -> None:
    alone = address.Address(("48213",), 0, 0, 5, "48213")
    style = blocks.Style(Print(fonts.paths[0]), 40.0, np.zeros(3, np.float32), 1.0, 1.5, degrees=degrees)
    sheet = Sheet(np.full((500, 500, 3), 255, np.uint8))
    quad = blocks.put(sheet, blocks.block(alone, style), alone, (250, 250), style)
    rows, columns = np.nonzero(sheet.pixels[:, :, 0] < 128)
    angle = np.radians(degrees)
    across, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    points = np.stack([columns, rows], axis=1) + 0.5
    for axis, (low, high) in ((across, quad[[0, 1]]), (down, quad[[0, 3]])):
        assert (points @ axis).min() == pytest.approx(float(low @ axis), abs=2.5)
        assert (points @ axis).max() == pytest.approx(float(high @ axis), abs=2.5)


def test_a_piece_is_the_same_whatever_was_made_before(writer: EnvelopeWriter) -> None:
    first = make_envelopes.make(writer, 4, code=True, seed=7, upright=False)
    make_envelopes.make(writer, 5, code=False, seed=7, upright=True)
    again = make_envelopes.make(writer, 4, code=True, seed=7, upright=False)
    other = make_envelopes.make(writer, 4, code=True, seed=8, upright=False)
    assert np.array_equal(first.picture, again.picture)
    assert make_envelopes.label(first, "") == make_envelopes.label(again, "")
    assert make_envelopes.label(first, "") != make_envelopes.label(other, "")


def test_an_upright_piece_lies_nearly_level_and_others_lie_any_way(writer: EnvelopeWriter) -> None:
    def angles(*, upright: bool) -> list[float]:
        made = [make_envelopes.make(writer, index, code=True, seed=3, upright=upright) for index in range(4, 8)]
        return [abs(piece.angle or 0.0) for piece in made]

    assert max(angles(upright=True)) < 25
    assert max(angles(upright=False)) > 45


def test_the_script_writes_whole_pictures_and_their_labels(
    mnist_folder: Path, font_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--data", mnist_folder, "--out", tmp_path, "--n", 2, "--without-code", 1, "--world", "test"]
    monkeypatch.setattr(sys, "argv", ["make_envelopes.py", *map(str, arguments), "--fonts", str(font_folder)])
    assert make_envelopes.main() == 0
    with (tmp_path / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [bool(row["code"]) for row in rows] == [bool(row["quad"]) for row in rows] == [True, True, False]
    assert [row["writing"] for row in rows] == ["pen", "print", "pen"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["labels.csv", *(row["file"] for row in rows)])


def test_a_run_that_is_cut_short_leaves_no_labels_of_an_earlier_run(
    mnist_folder: Path, font_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "labels.csv").write_text("file,code\n", encoding="utf-8")
    monkeypatch.setattr(make_envelopes, "save", cut)
    arguments = ["--data", mnist_folder, "--out", tmp_path, "--n", 1, "--world", "test", "--fonts", font_folder]
    monkeypatch.setattr(sys, "argv", ["make_envelopes.py", *map(str, arguments)])
    with pytest.raises(KeyboardInterrupt):
        make_envelopes.main()
    assert not list(tmp_path.iterdir())


def test_fonts_without_print_for_a_world_get_a_sentence(fonts: Fonts) -> None:
    serif = Fonts(tuple(path for path in fonts.paths if family(path) == "dejavuserif"), "")
    with pytest.raises(ValueError, match="no printing font for the world 'fit' among dejavuserif: add fonts"):
        prints_of(serif, "fit")


def test_the_two_worlds_share_no_paper_pen_place_table_layout_or_font(fonts: Fonts) -> None:
    for name in ("papers", "pens", "prints", "boxes", "tables"):
        assert not set(getattr(world.FIT, name)) & set(getattr(world.TEST, name)), name
    for name in ("lefts", "tops", "leading", "gaps", "spaces", "cells"):
        for first, second in itertools.product(getattr(world.FIT, name), getattr(world.TEST, name)):
            assert first[1] <= second[0] or second[1] <= first[0], name
    for country in places.COUNTRIES:
        for name in ("people", "streets", "towns", "firms"):
            shared = set(getattr(places.FIT[country], name)) & set(getattr(places.TEST[country], name))
            assert not shared, (country, name)
    assert not set(HANDS["fit"]) & set(HANDS["test"])
    assert not set(prints_of(fonts, "fit")) & set(prints_of(fonts, "test"))


@pytest.mark.parametrize("country", places.COUNTRIES)
def test_an_address_says_where_its_code_stands(country: str, dice: Dice) -> None:
    for _ in range(40):
        code = address.any_code(country, dice)
        made = address.any_address(country, code, places.TEST[country], dice)
        line = made.in_one_line(" · ")
        for each in (made, line, made.with_lines(before=("Abs.",))):
            shown = each.lines[each.row][each.start : each.end]
            assert "".join(sign for sign in shown if sign.isdigit()) == code
            assert not each.lines[each.row][: each.start][-1:].isdigit()
            assert not each.lines[each.row][each.end :][:1].isdigit()


def test_every_letter_of_an_address_can_be_drawn() -> None:
    for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzß-.,'/()*º:":
        assert letters.paths(sign), sign
