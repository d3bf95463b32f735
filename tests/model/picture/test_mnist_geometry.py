"""MNIST's geometry: real digits keep it, and digits from elsewhere are brought to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from model.picture.mnist_geometry import already_mnist, to_mnist_geometry
from tests.real_digits import real_digits

MNIST: NDArray[np.uint8] = real_digits().images


def _slant(image: NDArray[np.generic]) -> float:
    """Return how many columns to the right the ink leans for each row up."""
    rows, columns = np.nonzero(image)
    mass = image[rows, columns].astype(np.float64)
    y, x = rows - np.average(rows, weights=mass), columns - np.average(columns, weights=mass)
    return -float((mass * x * y).sum() / (mass * y * y).sum())


EVERY_250TH = [k for k in range(0, 5_000, 250) if abs(_slant(MNIST[k])) < 0.3]  # one or two of each digit


def _centre(image: NDArray[np.float32]) -> tuple[float, float]:
    positions = np.arange(28)
    by_row, by_column = image.sum(axis=1), image.sum(axis=0)
    return float(by_row @ positions / by_row.sum()), float(by_column @ positions / by_column.sum())


def test_every_mnist_image_is_recognised_and_left_as_it_is() -> None:
    for picture in MNIST:
        image = already_mnist(picture)
        assert image is not None
        np.testing.assert_array_equal(image, picture / np.float32(255))


def test_an_mnist_image_in_colours_that_are_all_grey_is_left_as_it_is() -> None:
    image = already_mnist(np.repeat(MNIST[0][:, :, None], 3, axis=2))
    assert image is not None
    np.testing.assert_array_equal(image, MNIST[0] / np.float32(255))


def test_an_inverted_mnist_image_is_turned_back() -> None:
    image = already_mnist(255 - MNIST[7])
    assert image is not None
    np.testing.assert_allclose(image, MNIST[7] / 255, atol=1e-6)


@pytest.mark.parametrize("strength", [0.6, 0.3, 0.15, 0.05])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_faint_mnist_image_comes_out_at_full_strength(strength: float, inverted: bool) -> None:
    for picture in MNIST[::50]:
        faint = np.rint(picture * strength).astype(np.uint8)
        image = already_mnist(255 - faint if inverted else faint)
        if image is None:  # its faintest edge was rounded away, and the box with it
            assert strength == 0.05
            continue
        assert image.dtype == np.float32
        assert image.max() == 1
        assert np.abs(image - picture / np.float32(255)).max() <= 1.5 / (255 * strength)  # grey levels


def test_what_is_fainter_than_compression_is_no_mnist_image() -> None:
    assert already_mnist(np.rint(MNIST[0] * (7 / 255)).astype(np.uint8)) is None


@pytest.mark.parametrize("corner", [(0, 0), (0, 27), (27, 0), (27, 27)])
@pytest.mark.parametrize("brightness", [5, 60, 255])
def test_a_speck_in_a_corner_of_an_mnist_image_is_taken_away(corner: tuple[int, int], brightness: int) -> None:
    for picture in MNIST[::100]:
        touched = picture.copy()
        touched[corner] = brightness
        image = already_mnist(touched)
        assert image is not None
        assert image[corner] == 0
        changed = np.abs(image - picture / 255).sum() / (picture / 255).sum()
        assert changed < 0.02  # a digit's own speck may go with it


def test_a_shifted_or_smaller_or_coloured_digit_is_not_taken_for_an_mnist_image() -> None:
    colours = np.repeat(MNIST[0][:, :, None], 3, axis=2)
    colours[10:18, 10:18, 0] = 200
    assert already_mnist(np.roll(MNIST[0], 2, axis=1)) is None
    assert already_mnist(colours) is None
    assert already_mnist(np.kron(MNIST[0], np.ones((2, 2), dtype=np.uint8))) is None
    assert already_mnist(np.zeros((28, 28), dtype=np.uint8)) is None
    assert already_mnist(np.full((28, 28), 255, dtype=np.uint8)) is None


def test_a_digit_that_has_its_size_comes_out_nearly_as_it_was() -> None:
    for k in EVERY_250TH:
        digit = MNIST[k] / np.float32(255)
        image = to_mnist_geometry(digit)
        assert np.abs(image - digit).sum() / digit.sum() < 0.2  # a thin stroke is widened
        assert np.corrcoef(image.ravel(), digit.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("factor", [2, 3, 5, 20])
def test_an_enlarged_digit_comes_back_to_its_size(factor: int) -> None:
    for k in EVERY_250TH:
        digit = MNIST[k] / np.float32(255)
        enlarged = np.kron(digit, np.ones((factor, factor), dtype=np.float32))
        image = to_mnist_geometry(enlarged)
        assert np.abs(image - digit).sum() / digit.sum() < 0.35  # strokes thinner than MNIST's usual ones are widened
        assert np.corrcoef(image.ravel(), digit.ravel())[0, 1] > 0.9


def test_the_digits_of_another_set_fill_the_box_and_balance_on_its_middle() -> None:
    for digit in load_digits().images[:200].astype(np.float32) / 16:  # 8 x 8, from Turkish forms
        image = to_mnist_geometry(digit)
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
        assert 20 <= longer <= 24  # the box, and what resampling spreads beyond it
        assert max(abs(at - 14) for at in _centre(image)) < 1
        assert image.max() == 1


def test_a_thin_pen_leaves_a_bright_stroke() -> None:
    hairline = np.zeros((400, 400), dtype=np.float32)
    hairline[50:350, 200] = 1
    image = to_mnist_geometry(hairline)
    assert image.max() == 1
    assert (image[10:18] > 0.5).sum(axis=1).min() >= 2  # pixels wide


def test_a_faint_digit_comes_out_as_bright_as_a_strong_one() -> None:
    digit = MNIST[3] / np.float32(255)
    np.testing.assert_allclose(to_mnist_geometry(0.2 * digit), to_mnist_geometry(digit), atol=0.05)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_where_the_digit_stands_changes_nothing(above: int, below: int, before: int, after: int) -> None:
    digit = MNIST[2_500] / np.float32(255)
    moved = np.pad(digit, ((above, below), (before, after)))
    np.testing.assert_allclose(to_mnist_geometry(moved), to_mnist_geometry(digit), atol=1e-5)


inks = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    elements=st.floats(0, 1, width=16),
    fill=st.just(np.float32(0)),
)


@settings(deadline=None)
@given(inks)
def test_any_ink_comes_out_28_by_28_from_0_to_1(ink: NDArray[np.float32]) -> None:
    before = ink.copy()
    image = to_mnist_geometry(ink)
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert np.isfinite(image).all()
    assert image.min() >= 0
    assert image.max() <= 1
    assert image.any() == ink.any()
    np.testing.assert_array_equal(ink, before)


def test_the_centre_of_mass_comes_to_the_middle() -> None:
    for picture in MNIST[::50]:
        large = np.kron(picture, np.ones((3, 3))) / 255
        off_centre = np.asarray(np.pad(large, ((30, 0), (0, 50))), np.float32)
        assert max(abs(at - 14) for at in _centre(to_mnist_geometry(off_centre))) < 0.75  # whole pixels, and widening


def test_a_digit_that_leans_more_than_mnists_is_straightened_to_lean_as_they_do() -> None:
    for k in EVERY_250TH:
        large = np.kron(MNIST[k], np.ones((3, 3))) / 255
        for lean in (-0.9, 0.9):
            leaning = np.zeros((84, 84 + 80), np.float32)
            for row, ink in enumerate(large):
                first = round(40 + lean * (42 - row))
                leaning[row, first : first + 84] = ink
            image = to_mnist_geometry(leaning)
            assert abs(_slant(image)) < 0.36  # whole pixels, and widening
            assert _slant(image) * lean > 0
