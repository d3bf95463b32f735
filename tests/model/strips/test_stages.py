"""Each stage of reading a strip does its part: rules go, lines stand upright, bands fit, readings are weighed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.artifact import Artifact
from model.picture.ink import Ink
from model.reader import Reader
from model.strips.band import DIGIT_HEIGHT, MARGIN, MOST_COLUMNS, Band, band_of
from model.strips.candidates import OPINION, SHARPNESS, UNEXPECTED, UNKNOWN_SHARPNESS, second_opinion, weighed
from model.strips.glance import Glance, glance_at, surest_glance
from model.strips.line import find_line
from model.strips.postal import UNLISTED, listed_codes
from model.strips.reading import read_strip
from model.strips.sliding import MOST_AT_ONCE, STRIDE
from model.strips.sliding import shipped as shipped_networks
from model.training.band_distortion import BandDistortion
from model.training.mnist import Digits
from model.types import InkMap


def _strip(digits: Digits, start: int, gap: int, factor: int = 2) -> tuple[InkMap, str, list[tuple[int, int]]]:
    """Return the ink of five digits with `gap` empty columns between their boxes, the code, and their columns."""
    images = digits.images[start : start + 5].astype(np.float32) / 255
    ink = np.zeros((20 + 28 * factor, 40 + 5 * (28 * factor + max(gap, 0))), np.float32)
    left, places = 20, []
    for image in images:
        columns = np.flatnonzero(image.any(axis=0))
        large = np.kron(image[:, columns[0] : columns[-1] + 1], np.ones((factor, factor), np.float32))
        area = ink[10 : 10 + len(large), left : left + large.shape[1]]
        np.maximum(area, large, out=area)
        places.append((left, left + large.shape[1]))
        left += large.shape[1] + gap
    return ink[:, : left + 20], "".join(map(str, digits.labels[start : start + 5])), places


@pytest.mark.parametrize("slope", [0.0, 0.03, -0.06])
def test_an_underline_and_a_box_are_taken_out_and_the_digits_stay(digits: Digits, slope: float) -> None:
    ink, _, _ = _strip(digits, 0, 12)
    ink = np.pad(ink, ((15, 15), (0, 0)))
    lined = ink.copy()
    columns = np.arange(ink.shape[1])
    rows = np.round(slope * (columns - columns.mean())).astype(int)
    for at in (16, 17, 88, 89):
        lined[at + rows, columns] = np.maximum(lined[at + rows, columns], 0.5)
    for left in (4, 5, ink.shape[1] - 6):
        lined[16 + rows[left] : 90 + rows[left], left] = 0.5
    cleaned = Ink(lined, 1).unlined
    assert cleaned[ink == 0].sum() < 0.08 * (lined - ink).sum()
    assert (np.minimum(cleaned, ink)).sum() > 0.97 * ink.sum()


def test_digits_without_rules_are_left_as_they_are(digits: Digits) -> None:
    for start in range(0, 500, 5):
        ink, _, _ = _strip(digits, start, 6)
        np.testing.assert_array_equal(Ink(ink, 1).unlined, ink)


def test_a_leaning_and_sloping_line_is_set_upright_and_level(digits: Digits) -> None:
    ink, _, _ = _strip(digits, 10, 10)
    leaning = np.zeros((len(ink) + 30, ink.shape[1] + 40), np.float32)
    for row, column in np.argwhere(ink > 0):
        across = column + round(0.4 * (len(ink) - row))
        leaning[row + round(0.06 * across), across] = ink[row, column]
    line = find_line(leaning)
    assert line is not None
    slant = np.diff(line.row_shifts).mean()
    assert 0.3 < slant < 0.65  # 0.4 plus the digits' own slant; no shear above 0.6 is tried
    assert line.column_shifts[0] > line.column_shifts[-1]
    assert 24 <= line.height <= 60


@pytest.mark.parametrize("above", [False, True])
def test_marks_above_or_below_do_not_move_the_line(digits: Digits, above: bool) -> None:
    ink, _, _ = _strip(digits, 30, 10)
    ink = ink[:, :150]
    alone = find_line(ink)
    marked = np.pad(ink, ((0, 60), (0, 0)))
    marked[len(ink) + 30 : len(ink) + 38, 20:120] = 1  # an underline far below
    marked[len(ink) + 50 : len(ink) + 56, 90:96] = 1
    line = find_line(marked[::-1] if above else marked)
    assert alone is not None
    assert line is not None
    middle = line.top + (len(line.source) * line.scale - len(line.strength)) / 2 + line.middle  # about, as it is level
    wanted = alone.top + alone.middle
    assert abs((len(marked) - middle if above else middle) - wanted) < 0.15 * line.height
    assert line.beyond > 0.1


@pytest.mark.parametrize("factor", [1, 2, 6])
def test_lines_of_any_size_are_worked_on_at_about_one_size(digits: Digits, factor: int) -> None:
    ink, _, _ = _strip(digits, 20, 8 * factor, factor)
    line = find_line(ink)
    assert line is not None
    assert 20 <= line.height <= 60
    band = band_of(line).image
    assert band.shape[0] == 28
    assert band.shape[1] % 8 == 0
    inked = np.flatnonzero((band > 0.3).any(axis=0))
    assert inked[0] >= MARGIN - 1
    assert band.shape[1] - 1 - inked[-1] >= MARGIN - 1
    rows = np.flatnonzero((band > 0.3).any(axis=1))
    assert abs(rows[-1] - rows[0] + 1 - DIGIT_HEIGHT) <= 5


def test_faint_strokes_stay_and_specks_go(digits: Digits) -> None:
    ink = _strip(digits, 20, 20)[0]
    faint = np.where(np.arange(len(ink))[:, None] < len(ink) // 2, ink, np.float32(0.1) * ink)
    dusty = faint.copy()
    dusty[1, 8] = dusty[-2, -8] = 0.3
    line, without_dust = find_line(dusty), find_line(faint)
    assert line is not None
    assert without_dust is not None
    assert line.source.sum() == pytest.approx(faint.sum())
    np.testing.assert_array_equal(line.source, without_dust.source)


def test_a_thin_pen_is_as_strong_in_a_band_as_a_thick_one(digits: Digits) -> None:
    ink = _strip(digits, 20, 20)[0]
    for strength in (0.3, 1.0):
        line = find_line(np.float32(strength) * ink)
        assert line is not None
        band = band_of(line).image
        assert np.median(band[band > 0.5]) == pytest.approx(1, abs=0.1)
        assert band.max() == 1


@pytest.mark.parametrize(("strokes", "squeezed"), [(100, False), (130, True)])
def test_a_line_is_seen_whole_and_squeezed_beyond_any_codes_length(strokes: int, squeezed: bool) -> None:  # a parameter
    line = find_line(np.tile(np.kron([1, 0, 0, 0], np.ones((20, 5))), (1, strokes)).astype(np.float32))
    assert line is not None
    assert line.squeezed == squeezed
    band = band_of(line).image
    assert band.shape[1] <= MOST_COLUMNS
    assert not band[:, : MARGIN - 1].any()
    assert not band[:, -MARGIN + 1 :].any()


def test_distorted_bands_keep_all_of_their_ink_and_their_range(digits: Digits) -> None:
    line = find_line(_strip(digits, 30, 6)[0])
    assert line is not None
    bands = np.repeat(band_of(line, 40).image[None], 50, axis=0)
    distortion = BandDistortion(contrast=(1.0, 1.0), sharpening=(0.0, 0.0))
    copies = distortion.apply(bands, np.random.default_rng(0))
    assert copies.shape[:2] == (50, 28)
    assert copies.min() >= 0
    assert copies.max() <= 1
    assert (copies[:, :, -4:].max(axis=(1, 2)) < 0.05).all()  # the widest copy's last digit is whole
    middle = bands[:, 6:34].sum() / 50
    assert np.median(copies.sum(axis=(1, 2))) > 0.8 * middle
    again = distortion.apply(bands, np.random.default_rng(0))
    np.testing.assert_array_equal(copies, again)


def test_each_digit_is_boxed_where_it_stands(digits: Digits, shipped: Artifact) -> None:
    right = 0
    for start in range(0, 100, 5):
        ink, code, places = _strip(digits, start, 10)
        glance = glance_at(ink, shipped_networks()[0])
        assert glance is not None
        strip = read_strip(glance, shipped_networks(), shipped.classifier, lengths={5}, codes=None)
        if strip.readings[0][0] != code:
            continue
        right += 1
        for digit, (left, end) in zip(strip.digits, places, strict=True):
            shared = min(digit.box[3], end) - max(digit.box[1], left)
            assert shared > 0.7 * (end - left)
    assert right >= 18  # of 20


@pytest.mark.parametrize("above", [False, True])
def test_a_number_is_found_beside_print_that_has_more_ink(digits: Digits, above: bool) -> None:
    letter = np.zeros((26, 26), np.float32)
    letter[:, 2:8], letter[:5, 2:22], letter[10:15, 2:20], letter[21:, 2:22] = 1, 1, 1, 1  # an E
    letters = np.tile(letter, (1, 8))
    surest, fullest = 0, 0
    for start in range(0, 100, 5):
        ink, code, places = _strip(digits, start, 10)
        rows = [ink[:, : places[2][1] + 10], letters][:: -1 if above else 1]
        wide = max(row.shape[1] for row in rows)
        picture = np.concatenate([np.pad(row, ((15, 15), (0, wide - row.shape[1]))) for row in rows])
        surest += _likeliest(surest_glance(Ink(picture, 1), shipped_networks()[0])) == code[:3]
        fullest += _likeliest(glance_at(picture, shipped_networks()[0])) == code[:3]
    assert fullest == 0  # of 20: else this shows nothing
    assert surest >= 16


def _likeliest(glance: Glance | None) -> str | None:
    return max(glance.look.strings, key=glance.look.strings.__getitem__) if glance else None


def test_frames_and_columns_agree(digits: Digits) -> None:
    line = find_line(_strip(digits, 0, 10)[0])
    assert line is not None
    band = band_of(line)
    frames = shipped_networks()[0].log_chances(band)
    assert len(frames) == (band.image.shape[1] - 28) // STRIDE + 1
    np.testing.assert_allclose(np.exp(frames).sum(axis=1), 1)


def test_a_band_that_is_wider_than_what_is_looked_at_together_reads_as_if_it_were_whole() -> None:
    image = (np.random.default_rng(0).random((28, 2 * MOST_AT_ONCE + 44)) < 0.2).astype(np.float32)
    network = shipped_networks()[0]
    whole = Band(image[:, :MOST_AT_ONCE], 1.0), Band(image, 1.0), Band(image[:, -64:], 1.0)
    first, frames, last = (network.log_chances(band) for band in whole)
    assert len(frames) == (image.shape[1] - 28) // STRIDE + 1
    np.testing.assert_allclose(frames[: len(first)], first, atol=1e-4)
    np.testing.assert_allclose(frames[-len(last) :], last, atol=1e-4)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_weighing_by_codes_in_use_is_bayes_rule_blunted(seed: int) -> None:
    random = np.random.default_rng(seed)
    codes = ["12", "34", "99"]
    chances = random.dirichlet(np.full(100, 0.1)).reshape(10, 10)
    prior = np.full((10, 10), UNLISTED / 97)
    prior[[1, 3, 9], [2, 4, 9]] = (1 - UNLISTED) / 3
    joint, blunted = (each**UNKNOWN_SHARPNESS for each in (chances * prior, chances))
    strings = {f"{i:02}": float(chances[divmod(i, 10)]) for i in range(100)}
    readings = weighed(strings, None, codes)
    assert len(readings) == 100  # none is added, none deleted
    for text, chance in readings:
        assert chance == pytest.approx(joint[int(text[0]), int(text[1])] / joint.sum(), rel=1e-6, abs=1e-12)
    for text, chance in weighed(strings, None, None):
        assert chance == pytest.approx(blunted[int(text[0]), int(text[1])] / blunted.sum(), rel=1e-6, abs=1e-12)


def test_a_second_opinion_has_part_of_the_weight_and_only_where_there_is_one() -> None:
    strings = {"71": 0.5, "11": 0.3, "1": 0.2}
    against_one = np.array([0.0 if digit == 7 else -2.0 for digit in range(10)])
    heard = second_opinion(strings, ("71", {0: against_one}))
    assert heard["11"] / heard["71"] == pytest.approx(0.6 * np.exp(-2 * OPINION))
    assert heard["11"] + heard["71"] == pytest.approx(0.8)
    assert heard["1"] == 0.2  # nothing was said of strings of another length
    assert second_opinion(strings, ("71", {})) == pytest.approx(strings)
    vanished = {"71": 0.0, "1": 1e-300}
    assert second_opinion(vanished, ("71", {0: against_one})) == vanished


def test_an_unexpected_count_is_less_likely_and_never_impossible() -> None:
    strings = {"75011": 0.2, "7501": 0.7, "": 0.1}
    chances = dict(weighed(strings, {5}, None))
    assert chances["75011"] / chances["7501"] == pytest.approx((0.2 / (0.7 * UNEXPECTED)) ** SHARPNESS)
    assert chances["75011"] / chances[""] == pytest.approx(2**SHARPNESS)  # the chance of no digit keeps its weight
    assert sum(chances.values()) == pytest.approx(1)


def test_a_listed_code_is_preferred_and_an_unlisted_one_remains_possible() -> None:
    codes = listed_codes("fr")
    # 75011 and 75019 are in use, 75911 and 75919 are not.
    unsure = {"75011": 0.25, "75019": 0.25, "75911": 0.25, "75919": 0.25}
    assert [text for text, _ in weighed(unsure, None, codes)[:2]] == ["75011", "75019"]
    assert weighed({"75911": 0.6, "75919": 0.4}, None, codes)[0][0] == "75911"


@pytest.mark.parametrize("gap", [14, 4, -2])
def test_strips_are_read_from_wide_apart_to_touching(digits: Digits, shipped: Artifact, gap: int) -> None:
    reader, right = Reader(shipped.classifier), 0
    for start in range(0, 200, 5):
        ink, code, _ = _strip(digits, start, gap)
        right += reader.read(255 * (1 - ink), kind="strip", digits=5).text == code
    assert right >= {14: 37, 4: 37, -2: 34}[gap]  # of 40
