"""What the project draws: readable, in MNIST's geometry, and the same for the same seed."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model import artifact
from model.shipped import CNN
from model.training.drawing.digits import drawn_digits
from model.training.drawing.non_digits import KINDS, LETTERS, SHARES, non_digits, several_digits
from model.training.drawing.pen import Strokes, Variation, curve, draw, patterns, straight
from model.training.mnist import Digits, as_ink
from model.types import Images


def _centres(images: Images) -> NDArray[np.float64]:
    """Return each image's centre of mass, (N, 2), row and column."""
    positions, mass = np.arange(28), images.sum(axis=(1, 2))
    centres: NDArray[np.float64] = (
        np.stack([images.sum(axis=2) @ positions, images.sum(axis=1) @ positions], axis=1) / mass[:, None]
    )
    return centres


def _longer_sides(images: Images) -> NDArray[np.int64]:
    """Return the longer side, (N,) pixels, of the box around what is at least half as bright as the brightest pixel."""
    sides = []
    for image in images > 0.5:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        sides.append(max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1)
    return np.array(sides)


def test_drawings_have_mnists_geometry() -> None:
    images, _ = drawn_digits(500, np.random.default_rng(0))
    assert images.dtype == np.float32
    assert images.shape == (500, 28, 28)
    assert (images.min(), images.max()) == (0, 1)
    assert np.abs(_centres(images) - 14).max() < 0.5
    sides = _longer_sides(images)
    assert sides.min() >= 17
    assert sides.max() <= 22
    assert 19 <= np.median(sides) <= 20


def test_drawings_are_the_same_for_the_same_seed_and_differ_for_another(digits: Digits) -> None:
    ink = as_ink(digits.images)

    def made(seed: int) -> list[NDArray[np.generic]]:
        random = np.random.default_rng(seed)
        return [*drawn_digits(50, random), non_digits(50, random, ink)]

    for first, again, other in zip(made(1), made(1), made(2), strict=True):
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)


def test_a_network_that_never_saw_drawn_digits_reads_most_of_those_that_mnist_has() -> None:
    classifier = artifact.load(CNN.with_name("two-layer.npz")).classifier
    images, labels = drawn_digits(2_000, np.random.default_rng(0))
    right = classifier.probabilities(images).argmax(axis=1) == labels
    assert set(labels.tolist()) == {0, 1, 4, 7, 9}
    for digit, least in ((0, 0.6), (4, 0.8), (7, 0.9), (9, 0.8)):
        assert right[labels == digit].mean() > least, digit
    assert right[labels == 1].mean() < 0.95  # hooked 1s are what it has to learn


def test_no_letter_is_drawn_that_a_digit_looks_like() -> None:
    assert not set(LETTERS) & set("OoIlSsZz" + "BbDGgijqQyY")


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
def test_each_kind_of_non_digit_is_a_picture_with_ink(
    make: Callable[[int, np.random.Generator], Images],
) -> None:
    images = make(200, np.random.default_rng(0))
    assert images.dtype == np.float32
    assert images.shape == (200, 28, 28)
    assert images.min() >= 0
    assert images.max() <= 1
    assert (images.sum(axis=(1, 2)) > 3).mean() > 0.98
    assert make(0, np.random.default_rng(0)).shape == (0, 28, 28)


def test_several_digits_are_as_wide_or_as_high_as_the_box_and_leave_the_digits_unchanged(digits: Digits) -> None:
    ink = as_ink(digits.images)
    before = ink.copy()
    images = several_digits(200, np.random.default_rng(0), ink)
    np.testing.assert_array_equal(ink, before)
    assert np.median(_longer_sides(images)) >= 19
    assert images.sum() > 0.8 * 200 * ink.sum() / len(ink)


def test_the_kinds_of_non_digit_are_mixed_in_their_shares(digits: Digits) -> None:
    assert sum(SHARES.values()) == pytest.approx(1)
    assert set(SHARES) == {*KINDS, "several digits"}
    images = non_digits(300, np.random.default_rng(0), as_ink(digits.images))
    assert images.shape == (300, 28, 28)
    assert len(np.unique(images.reshape(300, -1), axis=0)) >= 299


@given(st.integers(2, 12), st.integers(2, 60))
def test_lines_and_curves_begin_and_end_at_their_points_and_keep_to_them(controls: int, samples: int) -> None:
    for made in (curve, straight):
        matrix = made(controls, samples)
        np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-9)
        np.testing.assert_allclose(matrix[[0, -1]], np.eye(controls)[[0, -1]], atol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 1_000))
def test_strokes_that_are_joined_stay_joined_however_they_are_varied(seed: int) -> None:
    corner = patterns("0,0 1,0 | 1,0 1,1")
    end = int(np.flatnonzero(~corner.joined[0])[0])
    varied = Variation().apply(corner, np.random.default_rng(seed))
    np.testing.assert_allclose(varied.points[0, end], varied.points[0, end + 1], atol=1e-6)


def test_a_pen_leaves_no_gaps_and_no_ink_between_strokes() -> None:
    two = patterns("0,0 0,1 | .8,0 .8,1")
    images = draw(
        Strokes(np.repeat(two.points, 20, axis=0), np.repeat(two.joined, 20, axis=0)), np.random.default_rng(0)
    )
    middle = images[:, 7:21]
    assert (middle.max(axis=2) > 0.9).all()
    assert (middle[:, :, 13:15] == 0).all()


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (("0,0",), "each stroke of a path must have at least two points; got .*0,0"),
        (("0,0 1,1", "0,0 1,1 | 0,1 1,0"), "the paths must all have the same number of strokes; got .*0,1 1,0"),
    ],
)
def test_paths_that_are_not_drawings_are_refused(paths: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        patterns(*paths)
