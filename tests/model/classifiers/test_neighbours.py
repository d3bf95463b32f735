"""Neighbours, projection and deslanting, compared with results worked out in another way."""

import re
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier

from model import artifact
from model.arrays import ArtifactError, read_arrays, write_arrays
from model.classifiers.deslanting import deslant
from model.classifiers.neighbours import BLOCK, GROUP, NearestNeighbours, Neighbours, votes
from model.classifiers.projection import PCA
from model.picture.resampling import sample
from model.training.augmentation import Distortion
from model.training.mnist import Digits, as_ink
from model.training.recipes import RECIPES
from model.training.recipes.neighbours import KS, KNearest, ProjectedNearest
from model.training.recipes.recipe import Run
from tests.conftest import FIT, TRIED, VALIDATION, divided


def rows_of(digits: Digits) -> Any:
    return as_ink(digits.images).reshape(len(digits), -1)


@given(
    st.integers(1, 3 * GROUP + 1), st.integers(1, 2 * BLOCK + 1), st.integers(1, 8), st.integers(0, 2**32), st.data()
)
def test_the_nearest_are_those_of_a_full_sort(
    known: int, queries: int, features: int, seed: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, known))
    random = np.random.default_rng(seed)
    # Few distinct values, so that many distances are equal.
    rows = random.integers(0, 4, (known, features)).astype(np.float32)
    asked = random.integers(0, 4, (queries, features)).astype(np.float32)
    indices, distances = Neighbours(rows).nearest(asked, count)
    everything = np.sqrt(((asked[:, None, :] - rows) ** 2).sum(axis=2))
    assert np.allclose(distances, np.sort(everything, axis=1)[:, :count], atol=1e-5)
    assert np.allclose(np.take_along_axis(everything, indices, axis=1), distances, atol=1e-5)
    assert all(len(set(row)) == count for row in indices.tolist())


def test_neighbours_agree_with_scikit_learns(digits: Digits) -> None:
    known, asked = rows_of(digits[:3500]), rows_of(digits[3500:])
    indices, distances = Neighbours(known).nearest(asked, 7)
    peer = KNeighborsClassifier(7, algorithm="brute").fit(known, digits.labels[:3500])
    theirs, their_indices = peer.kneighbors(asked)
    assert np.abs(distances - theirs).max() < 1e-4
    assert (indices == their_indices).mean() > 0.999


def test_a_known_digit_is_its_own_nearest_at_no_distance(digits: Digits) -> None:
    rows = rows_of(digits)
    indices, distances = Neighbours(rows).nearest(rows[:200], 1)
    assert (distances == 0).all()
    assert np.array_equal(rows[indices[:, 0]], rows[:200])


def test_nearest_neighbours_read_digits_that_they_do_not_know(digits: Digits) -> None:
    known, asked = digits[:4000], digits[4000:]
    read = NearestNeighbours(rows_of(known), known.labels, 6).probabilities(as_ink(asked.images)).argmax(axis=1)
    right = float((read == asked.labels).mean())
    assert right >= 0.93, f"{right:.2%} of the digits are read; the floor is 93 %"


def test_a_nearer_neighbour_weighs_more_and_the_last_one_nothing() -> None:
    shares = votes(np.array([[3, 5, 7]]), np.array([[1.0, 2.0, 4.0]], np.float32))[0]
    assert shares[3] == pytest.approx(3 / 5, abs=1e-4)
    assert shares[5] == pytest.approx(2 / 5, abs=1e-4)
    assert shares[7] == 0


def test_neighbours_that_are_all_equally_far_have_one_vote_each() -> None:
    assert votes(np.array([[1, 2, 3]]), np.ones((1, 3), np.float32))[0, [1, 2]] == pytest.approx(0.5)


@pytest.mark.parametrize("k", [0, -1, 100, 2.5])
def test_a_k_out_of_range_is_refused_with_its_value(digits: Digits, k: Any) -> None:
    with pytest.raises(
        ValueError, match=re.escape(f"`k` must be between 1 and 99, one less than the known digits; got {k}")
    ):
        NearestNeighbours(rows_of(digits[:100]), digits.labels[:100], k)


def test_memory_does_not_grow_with_the_batch(digits: Digits) -> None:
    known = NearestNeighbours(np.tile(rows_of(digits), (4, 1)), np.tile(digits.labels, 4), 5)
    peaks = []
    for count in (2 * BLOCK, 20 * BLOCK):
        images = as_ink(digits.images[:count])
        tracemalloc.start()
        known.probabilities(images)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 2_000_000, f"peaks of {peaks[0]:,} and {peaks[1]:,} bytes"


def test_a_projection_agrees_with_the_singular_value_decomposition(digits: Digits) -> None:
    rows = rows_of(digits[:1000])
    projection = PCA.fit(rows, 20)
    centred = rows - rows.mean(axis=0)
    _, singular, directions = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    assert np.abs(projection.components.T @ projection.components - np.eye(20)).max() < 1e-5
    assert np.abs(np.abs((directions[:20] * projection.components.T).sum(axis=1)) - 1).max() < 1e-3
    shares = singular**2 / (singular**2).sum()
    assert projection.explained_variance[: len(shares)] == pytest.approx(shares, abs=1e-5)
    assert projection.explained_variance.sum() == pytest.approx(1, abs=1e-5)


def test_all_dimensions_keep_every_distance(digits: Digits) -> None:
    rows = rows_of(digits[:200])
    projected = PCA.fit(rows, 784).apply(rows)
    before, after = (((part[:100] - part[100:]) ** 2).sum(axis=1) for part in (rows, projected))
    assert after == pytest.approx(before, rel=1e-4)


@pytest.mark.parametrize("dimensions", [0, 785, 900])
def test_dimensions_out_of_range_are_refused_with_their_value(digits: Digits, dimensions: int) -> None:
    with pytest.raises(ValueError, match=re.escape(f"`dimensions` must be between 1 and 784; got {dimensions}")):
        PCA.fit(rows_of(digits[:10]), dimensions)


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (KNearest(k=0), "`k` must be between 1 and 999; got 0"),
        (KNearest(k=1_000), "`k` must be between 1 and 999; got 1000"),
        (ProjectedNearest(dimensions=900), "`dimensions` must be between 1 and 784; got 900"),
    ],
)
def test_a_recipe_refuses_what_it_cannot_do(recipe: KNearest, sentence: str, digits: Digits) -> None:
    with divided(FIT, VALIDATION), pytest.raises(ValueError, match=re.escape(sentence)):
        recipe.train(digits[:TRIED], Run())


def test_a_recipe_does_what_it_is_told_and_chooses_the_rest(digits: Digits) -> None:
    with divided(FIT, VALIDATION):
        told = replace(ProjectedNearest(), k=3, dimensions=12).train(digits[:TRIED], Run())
        half_told = replace(ProjectedNearest(), dimensions=12).train(digits[:TRIED], Run())
    assert isinstance(told.classifier, NearestNeighbours)
    assert told.classifier.projection is not None
    assert (told.classifier.k, told.classifier.projection.components.shape) == (3, (784, 12))
    assert isinstance(half_told.classifier, NearestNeighbours)
    errors = {row["k"]: row["errors"] for row in half_told.history.validation}
    assert errors.keys() == set(KS)
    assert errors[half_told.classifier.k] == min(errors.values())


def slant_of(image: Any) -> float:
    rows, columns = np.mgrid[:28, :28]
    ink = image / image.sum()
    y, x = rows - (ink * rows).sum(), columns - (ink * columns).sum()
    return float((ink * x * y).sum() / (ink * y * y).sum())


def test_a_deslanted_digit_stands_upright_and_keeps_its_ink(digits: Digits) -> None:
    images = as_ink(digits.images[:300])
    upright = deslant(images)
    assert max(abs(slant_of(image)) for image in upright) < 0.05
    assert upright.sum(axis=(1, 2)) == pytest.approx(images.sum(axis=(1, 2)), rel=0.03)
    assert upright.min() >= 0
    assert upright.max() <= 1


@given(st.floats(-0.4, 0.4))
def test_a_sheared_digit_deslants_to_the_same(shear: float) -> None:
    bar = np.zeros((1, 28, 28), np.float32)
    bar[0, 5:23, 12:16] = 1
    rows, columns = np.mgrid[:28, :28].astype(np.float32)
    slanted = sample(bar, columns[None] + np.float32(shear) * (rows[None] - 13.5), rows[None])
    assert np.abs(deslant(slanted) - bar).mean() < 0.02


def test_a_blank_image_and_a_line_come_back_unchanged() -> None:
    images = np.zeros((2, 28, 28), np.float32)
    images[1, 14, 4:20] = 1
    assert np.array_equal(deslant(images), images)
    assert deslant(images[:0]).shape == (0, 28, 28)
    with pytest.raises(ValueError, match=re.escape("must be (N, 28, 28); got (2, 784)")):
        deslant(images.reshape(2, 784))


def test_slanted_writing_is_read_better_upright(digits: Digits) -> None:
    random = np.random.default_rng(1)
    slanted = Distortion(rotation=0, scale=0, shear=0.6, shift=0, elastic=0).apply(as_ink(digits.images[3000:]), random)
    right = []
    for deslanted in (False, True):
        known = NearestNeighbours.features(as_ink(digits.images[:3000]), deslanted=deslanted, projection=None)
        classifier = NearestNeighbours(known, digits.labels[:3000], 5, deslanted=deslanted)
        right.append(float((classifier.probabilities(slanted).argmax(axis=1) == digits.labels[3000:]).mean()))
    assert right[1] > right[0] + 0.02


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"labels": np.full(100, 10, np.uint8)}, "its labels must be (100,) uint8, 0 to 9"),
        ({"labels": np.zeros(99, np.uint8)}, "its labels must be (100,) uint8, 0 to 9; got (99,) uint8"),
        ({"known": np.zeros((100, 783), np.uint8)}, "must be rows of (784,) features; got (100, 783)"),
        ({"projection.mean": np.zeros(784, np.float32)}, "does not hold a whole neighbours"),
        ({"header": {"description": {"k": 100, "deslanted": False, "floor": 1e-3, "temperature": 1.0}}}, "`k` must be"),
        ({"header": {"description": {"k": 3}}}, "does not hold a whole neighbours"),
    ],
)
def test_an_artifact_of_neighbours_with_a_fault_is_refused(
    changes: dict[str, Any], sentence: str, digits: Digits, tmp_path: Path
) -> None:
    path = tmp_path / "knn.npz"
    classifier = NearestNeighbours(rows_of(digits[:100]), digits.labels[:100], 3)
    artifact.save(path, classifier, {"name": "knn", "version": "1"})
    arrays, header, _ = read_arrays(path)
    header.update(changes.get("header", {}))
    write_arrays(path, {**arrays, **{name: a for name, a in changes.items() if name != "header"}}, header)
    with pytest.raises(ArtifactError, match=re.escape(sentence)) as caught:
        artifact.load(path)
    assert str(path) in str(caught.value)


def test_every_recipe_says_in_a_few_words_what_it_is() -> None:
    assert all(recipe.summary and recipe.name == name for name, recipe in RECIPES.items())
