"""What the strip networks are fitted on: one hand in a line, what stands beside numbers, lines without a code."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import synthesis.glyphs
from model.picture.ink import find_ink
from model.strips.line import find_line
from model.training.mnist import Digits
from model.training.recipes.strips import ROWS
from synthesis import beside, fitting_lines, no_code, typeset
from synthesis.fitting_lines import AMOUNTS, Sources
from synthesis.glyphs import Shapes
from synthesis.marks import Gaps, Hand, Marks
from synthesis.strips import Writer
from synthesis.wear import worn
from synthesis.worlds import FIT, Dice

HAND = Hand(height=40, stroke=3, lean=0.2, slant=0.1, thickness=0, boldness=0, size_jitter=0, baseline_jitter=0,
            tilt=0, stretch=(1, 1), constant=True)  # fmt: skip
NUMBER = (60, 40, 160, 80)  # left, top, right, bottom in a picture of 220 × 120


@pytest.fixture
def few_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writers draw few shapes to choose from, which takes less time."""
    monkeypatch.setattr(synthesis.glyphs, "_DRAWN", 60)


@pytest.fixture
def dice() -> Dice:
    return Dice(np.random.default_rng(1))


def test_a_hand_writes_a_digit_again_in_nearly_the_same_shape(digits: Digits, dice: Dice) -> None:
    shapes = Shapes(digits.images, digits.labels)
    for label in (1, 4, 7, 9):
        same = shapes.by_label[label]
        source = int(same[0])
        likeness = shapes.sketches[same] @ shapes.sketches[source]
        again = [shapes.like(source, label, dice) for _ in range(10)]
        assert (digits.labels[again] == label).all()
        assert len(set(again)) > 2, "no two digits of a hand are identical"
        assert (shapes.sketches[again] @ shapes.sketches[source]).min() > np.quantile(likeness, 0.9)


@pytest.mark.usefixtures("few_drawn")
def test_the_first_digits_of_a_hand_lean_alike(digits: Digits) -> None:
    def spread(one_hand: float) -> float:
        world = replace(FIT, one_hand=one_hand, slants=((0.0, 0.0),))
        writer = Writer(digits, world, np.random.default_rng(3))
        slants = Shapes(digits.images, digits.labels).slants
        sources = [writer.write("234567", "separated").sources for _ in range(12)]
        return float(np.mean([slants[list(each)].std() for each in sources]))

    assert spread(1.0) < 0.6 * spread(0.0)


@pytest.mark.parametrize("draw", [*beside._WRITTEN, *beside._PRINTED], ids=lambda draw: draw.__name__.strip("_"))
def test_a_mark_stands_beside_the_number_and_leaves_it_legible(draw: Callable[[beside._Sheet], None]) -> None:
    drawn = 0
    for seed in range(20):
        sheet = Image.new("L", (220, 120))
        draw(beside._Sheet(ImageDraw.Draw(sheet), sheet.size, NUMBER, 40.0, Dice(np.random.default_rng(seed))))
        ink = np.asarray(sheet) > 0
        drawn += int(ink.any())
        left, top, right, bottom = NUMBER
        assert ink[top:bottom, left:right].mean() < 0.08, "a ring may cross the corners"
    assert drawn >= 12


def test_a_slash_leans_further_than_the_hands_digits(dice: Dice) -> None:
    for slant in (-0.3, 0.0, 0.4):
        hand = replace(HAND, slant=slant)
        layers = np.zeros((2, 120, 200), np.float32)
        layers[0, 40:80, 40:60], layers[1, 40:80, 140:160] = 1, 1
        gaps = Gaps(np.array([True, False]), np.array([False, False]), np.array([True, False]))
        written, _ = Marks(FIT, dice).drawn(layers, 80, hand, "separated", 0, gaps)
        rows, columns = np.nonzero(written[0])
        assert np.ptp(rows) > hand.height, "longer than a digit"
        assert -np.polyfit(rows, columns, 1)[0] > max(slant, 0) + 0.2


@pytest.mark.parametrize("kind", no_code.KINDS)
@pytest.mark.usefixtures("few_drawn")
def test_a_line_without_a_code_is_shown_as_ink_on_paper(kind: str, digits: Digits, dice: Dice) -> None:
    writer = Writer(digits, FIT, dice.random)
    lines_found = 0
    for _ in range(5):
        drawn = no_code.KINDS[kind](30.0, dice)
        assert drawn.dtype == np.float32
        assert 0 < drawn.mean() < 1
        picture = writer.show(drawn, 30.0, in_print=False)
        lines_found += find_line(find_ink(picture).strength) is not None
    assert lines_found >= 4


@pytest.mark.usefixtures("few_drawn")
def test_a_word_by_hand_is_wider_than_high(digits: Digits) -> None:
    writer = Writer(digits, AMOUNTS, np.random.default_rng(2))
    for _ in range(5):
        word, height = writer.words()
        assert word.shape[1] > word.shape[0]
        assert 0.5 * height < word.shape[0] < 1.6 * height


@pytest.mark.usefixtures("few_drawn")
def test_lines_without_a_code_spell_nothing_and_numbers_their_digits(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = Sources(digits, (), None)
    for share, empty in ((1.0, True), (0.0, False)):
        monkeypatch.setattr(fitting_lines, "NO_CODE", share)
        found = fitting_lines.made(sources, (5, 0), 5)
        assert len(found) >= 4
        assert all((code == "") == empty for _, code in found)
        assert all(band.shape[0] == ROWS and band.shape[1] <= fitting_lines.WIDEST for band, _ in found)


def test_worn_copies_are_small_or_faint(dice: Dice) -> None:
    picture = np.full((60, 200, 3), 240, np.uint8)
    picture[10:50, 20:24] = 30
    copies = [worn(picture, 40.0, dice) for _ in range(40)]
    assert all(copy.dtype == np.uint8 and copy.shape[2] == 3 for copy in copies)
    heights = np.array([len(copy) * 40 / 60 for copy in copies])
    assert 0.5 < (heights <= 21).mean() < 0.9
    assert heights.min() >= 7
    assert any(np.ptp(copy) < 130 for copy in copies), "some are faint"
    assert all(np.ptp(copy[:, : copy.shape[1] // 3]) > 15 for copy in copies), "none is blank"


def test_fonts_are_found_and_their_digits_are_theirs(tmp_path: Path) -> None:
    face = ImageFont.load_default(size=12)
    assert isinstance(face, ImageFont.FreeTypeFont)
    content = face.font_bytes
    (tmp_path / "plain.ttf").write_bytes(content)
    (tmp_path / "broken.ttf").write_bytes(content[:100])
    fonts = typeset.find([tmp_path])
    assert [path.name for path in fonts.paths] == ["plain.ttf"]
    printed = fonts.digits()
    assert printed.labels.tolist() == list(range(10))
    assert len({image.tobytes() for image in printed.images}) == 10
    assert fonts.about()["sha256"] == fonts.sha256
    wide, narrow = (fonts.text(text, 0, 20.0).shape[1] for text in ("Absender", "Ab"))
    assert wide > 2 * narrow


def test_a_folder_without_fonts_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no fonts in .*fonts-dejavu"):
        typeset.find([tmp_path])
