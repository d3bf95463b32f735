"""Each stage of reading a strip does its part: rules go, lines stand upright, cuts part digits, the lattice chooses."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.artifact import Artifact
from model.classifier import Images, Probabilities
from model.ink import InkMap
from model.mnist import Digits
from model.reader import Reader
from model.strips import scorer
from model.strips.candidates import weighed_readings
from model.strips.lattice import segmentations
from model.strips.line import find_line
from model.strips.postal import UNLISTED, listed_codes
from model.strips.reading import read_strip
from model.strips.rules import without_rules
from model.strips.scorer import Evidence
from model.strips.seams import cut
from model.strips.units import FEATURES, Units, units_of


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
    cleaned = without_rules(lined)
    assert cleaned[ink == 0].sum() < 0.08 * (lined - ink).sum()
    assert (np.minimum(cleaned, ink)).sum() > 0.97 * ink.sum()


def test_digits_without_rules_are_left_as_they_are(digits: Digits) -> None:
    for start in range(0, 500, 5):
        ink, _, _ = _strip(digits, start, 6)
        np.testing.assert_array_equal(without_rules(ink), ink)


def test_a_leaning_and_sloping_line_is_set_upright_and_level(digits: Digits) -> None:
    ink, _, _ = _strip(digits, 10, 10)
    leaning = np.zeros((len(ink) + 30, ink.shape[1] + 40), np.float32)
    for row, column in np.argwhere(ink > 0):
        across = column + round(0.4 * (len(ink) - row))
        leaning[row + round(0.06 * across), across] = ink[row, column]
    line = find_line(leaning)
    assert line is not None
    slant = np.diff(line.row_shifts).mean()
    assert 0.2 < slant < 0.6
    assert line.column_shifts[0] > line.column_shifts[-1]
    assert 24 <= line.height <= 60


@pytest.mark.parametrize("factor", [1, 2, 6])
def test_lines_of_any_size_are_worked_on_at_about_one_size(digits: Digits, factor: int) -> None:
    ink, _, _ = _strip(digits, 20, 8 * factor, factor)
    line = find_line(ink)
    assert line is not None
    assert 20 <= line.height <= 60
    assert len(cut(line)) >= 5


def test_what_is_cut_lies_on_the_source_where_it_was(digits: Digits) -> None:
    for start in range(0, 100, 5):
        ink, _, places = _strip(digits, start, 10)
        line = find_line(ink)
        assert line is not None
        pieces = cut(line)
        owners = line.on_source(pieces.owners)
        assert owners.shape == line.source.shape
        # Every gap is parted: no piece has ink of two digits.
        inked = np.where(line.source > 0.3, owners, -1)
        held = [set(np.unique(inked[:, left - line.left : right - line.left])) - {-1} for left, right in places]
        assert not any(one & other for one, other in itertools.pairwise(held))


def test_units_are_neighbouring_pieces_seen_at_one_size(digits: Digits) -> None:
    for factor in (1, 3):
        line = find_line(_strip(digits, 30, 6 * factor, factor)[0])
        assert line is not None
        pieces = cut(line)
        units = units_of(line, pieces)
        assert units.features.shape == (len(units), FEATURES)
        assert np.isfinite(units.features).all()
        assert np.abs(units.features).max() < 5
        assert (units.firsts < units.ends).all()
        assert units.ends.max() <= len(pieces)


def _units(n_pieces: int, random: np.random.Generator) -> tuple[Units, Evidence]:
    pairs = [(i, j) for i in range(n_pieces) for j in range(i + 1, min(i + 3, n_pieces) + 1)]
    firsts, ends = np.array(pairs).T
    features = np.zeros((len(pairs), FEATURES), np.float32)
    return Units(firsts, ends, features), Evidence(random.normal(0, 3, len(pairs)), random.normal(-2, 3, len(pairs)))


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1), st.sampled_from([None, {2}, {3, 4}]))
def test_the_best_way_is_that_of_trying_them_all(n: int, seed: int, lengths: set[int] | None) -> None:
    units, evidence = _units(n, np.random.default_rng(seed))

    def ways(cut_at: int) -> list[tuple[tuple[int, ...], float]]:
        if cut_at == n:
            return [((), 0.0)]
        found = [(way, score - 6.0) for way, score in ways(cut_at + 1)]  # the piece passed over
        for k in np.flatnonzero(units.firsts == cut_at):
            for way, score in ways(int(units.ends[k])):
                found.append(((int(k), *way), score + float(evidence.digits[k])))
                found.append((way, score + float(evidence.marks[k])))
        return found

    expected = max(
        score - (7.0 if lengths is not None and len(way) not in lengths else 0.0) for way, score in ways(0) if way
    )
    best = segmentations(units, evidence, n, lengths, 5)
    top = max(
        score - (7.0 if lengths is not None and len(way) not in lengths else 0.0)
        for way, score in ways(0)
        if way == best[0].units
    )
    assert top == pytest.approx(expected)
    assert sum(way.chance for way in best) == pytest.approx(1)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_weighing_by_codes_in_use_is_bayes_rule(seed: int) -> None:
    random = np.random.default_rng(seed)
    codes = np.array([[1, 2], [3, 4], [9, 9]], np.uint8)
    ways = [(0.7, random.dirichlet(np.full(10, 0.3), 2).astype(np.float32)),
            (0.3, random.dirichlet(np.full(10, 0.3), 2).astype(np.float32))]  # fmt: skip
    prior = np.full((10, 10), UNLISTED / 97)
    prior[codes[:, 0], codes[:, 1]] = (1 - UNLISTED) / 3
    joint = sum(chance * np.outer(*rows.astype(np.float64)) for chance, rows in ways) * prior
    readings = weighed_readings(ways, codes, 100)
    assert len(readings) == 100  # none is added, none deleted
    for text, chance in readings:
        assert chance == pytest.approx(joint[int(text[0]), int(text[1])] / joint.sum(), rel=1e-6, abs=1e-12)
    assert sum(chance for _, chance in weighed_readings(ways, None, 100)) == pytest.approx(1, rel=1e-5)


def test_a_listed_code_is_preferred_and_an_unlisted_one_remains_possible() -> None:
    unsure = np.full((5, 10), 1e-6, np.float32)
    for place, digit in enumerate("7501"):
        unsure[place, int(digit)] = 1
    unsure[4, 1], unsure[4, 9] = 0.5, 0.5
    codes = listed_codes("fr")
    sure = unsure.copy()
    unsure[2, 0] = 0.5
    unsure[2, 9] = 0.5  # 75011 and 75019 are in use, 75911 and 75919 are not
    assert weighed_readings([(1.0, unsure)], codes, 3)[0][0] in {"75011", "75019"}
    sure[2] = 1e-9
    sure[2, 9] = 1
    assert weighed_readings([(1.0, sure)], codes, 3)[0][0] in {"75911", "75919"}


@pytest.mark.parametrize("gap", [14, 4, -2])
def test_strips_are_read_from_wide_apart_to_touching(digits: Digits, shipped: Artifact, gap: int) -> None:
    reader, right = Reader(shipped.classifier), 0
    for start in range(0, 200, 5):
        ink, code, _ = _strip(digits, start, gap)
        right += reader.read(255 * (1 - ink), kind="strip", digits=5).text == code
    assert right >= {14: 36, 4: 35, -2: 24}[gap]  # of 40


def test_a_score_for_non_digits_is_asked_where_the_classifier_has_one(digits: Digits, shipped: Artifact) -> None:
    class Doubter:
        """The shipped classifier, and one that calls everything that is not narrow no digit."""

        kind = "doubter"
        probabilities = shipped.classifier.probabilities
        to_arrays = shipped.classifier.to_arrays
        description = shipped.classifier.description
        from_arrays = shipped.classifier.from_arrays

        def judged(self, images: Images) -> tuple[Probabilities, NDArray[np.float32]]:
            wide = (images.max(axis=1) > 0.3).sum(axis=1) > 8
            return self.probabilities(images), np.where(wide, 1e-9, 1).astype(np.float32)

    ink, _, _ = _strip(digits, 0, -2)
    options = {"lengths": None, "codes": None, "top": 3}
    plain = read_strip(ink, shipped.classifier, scorer.shipped(), **options)  # type: ignore[arg-type]  # of several types
    doubting = read_strip(ink, Doubter(), scorer.shipped(), **options)  # type: ignore[arg-type]  # likewise
    assert plain is not None
    assert doubting is not None
    assert [way.chance for way in plain.ways] != [way.chance for way in doubting.ways]
