"""The committee: one network answers; where it is in doubt, all of them do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.classifiers.committee import Committee, View
from model.engine.dense import Dense, ReLU
from model.engine.layer import Layer
from model.engine.losses import DigitOrNone, SoftmaxCrossEntropy
from model.engine.network import Network
from model.engine.normalisation import Normalisation
from model.picture.resampling import sample
from model.training import initialisation
from model.training.checkpoint import Checkpoint
from model.training.loop import Batch, Plan, train
from model.training.mnist import Digits, as_ink
from model.training.optimisers import Adam
from model.training.recipes.cnn import Convolutional
from model.training.recipes.recipe import Run, Trained, one_hot
from tests.conftest import divided

VIEWS = (View(sharpening=0.1), View(sharpening=0.2, shear=0.2), View(shear=-0.1))


def member(digits: Digits, seed: int) -> Network:
    """A small network that reads most of `digits`, and has never seen a non-digit."""
    layers: list[Layer] = [Dense(784, 32), ReLU(), Dense(32, 11)]
    initialisation.he(layers, seed)
    network = Network(layers, DigitOrNone(), Normalisation.of_all_pixels(as_ink(digits.images)), 0.8)
    inputs, targets = network.normalisation.apply(as_ink(digits.images)), one_hot(digits.labels, np.float32, 11)

    def batches(epoch: int) -> Iterator[Batch]:
        order = np.random.default_rng([seed, epoch]).permutation(len(inputs))
        for rows in np.array_split(order, 20):
            yield inputs[rows], targets[rows]

    train(network, Adam(), batches, Plan(100, 0.003))
    return network


@pytest.fixture(scope="module")
def committee(digits: Digits) -> Committee:
    return Committee([member(digits[:2000], seed) for seed in (1, 2, 3)], VIEWS, 0.02, 0.9)


def test_sure_digits_are_answered_by_the_first_member_and_doubtful_ones_by_all(
    committee: Committee, digits: Digits
) -> None:
    images = as_ink(digits.images)
    answers, chances = committee.judged(images)
    first, first_chances = committee.first.judged(VIEWS[0].of(images))
    together = committee.first.loss.probabilities(committee.logits(images) / committee.temperature)
    doubts = 1 - first.max(axis=1) * first_chances
    sure, doubtful = doubts < 0.0199, doubts > 0.02 * 2.72
    assert sure.sum() > 500
    assert doubtful.sum() > 500
    assert_allclose(answers[sure], first[sure], rtol=0, atol=1e-6)
    assert_allclose(answers[doubtful], together[doubtful], rtol=0, atol=1e-5)
    assert_allclose(chances[sure], first_chances[sure], rtol=0, atol=1e-6)
    assert np.array_equal(committee.doubted(images)[sure | doubtful], doubtful[sure | doubtful])


def test_a_sure_non_digit_is_not_shown_to_the_other_members(committee: Committee, digits: Digits) -> None:
    images = as_ink(digits.images[:20])
    network = committee.first
    none = Network([Dense(784, 11)], DigitOrNone(), network.normalisation)
    none.parameters()["0.bias"][:] = [*[0] * 10, 40]
    assert committee.first.judged(images)[1].mean() > 0.5
    assert not Committee([none, *committee.members[1:]], VIEWS, 0.02).doubted(images).any()


def test_the_committee_errs_less_than_its_first_member(committee: Committee, digits: Digits) -> None:
    unseen = digits[2000:]
    images = as_ink(unseen.images)
    errors = [
        int((classifier.probabilities(images).argmax(axis=1) != unseen.labels).sum())
        for classifier in (Committee([committee.first], VIEWS[:1], 1), committee)
    ]
    assert errors[1] < errors[0], f"the first errs {errors[0]} times, the committee {errors[1]} times"


def test_an_answer_does_not_jump_where_the_doubt_begins(committee: Committee, digits: Digits) -> None:
    images = as_ink(digits.images[:1000])
    first, chances = committee.first.judged(VIEWS[0].of(images))
    doubts = np.sort(1 - first.max(axis=1).astype(np.float64) * chances)
    for doubt in doubts[400:800:20]:
        before, after = (
            Committee(committee.members, VIEWS, doubt * share).probabilities(images) for share in (1 - 1e-6, 1)
        )
        assert np.abs(before - after).max() < 1e-5


def test_a_committee_of_one_with_one_plain_view_answers_as_its_member_does(
    committee: Committee, digits: Digits
) -> None:
    images = as_ink(digits.images[:100])
    alone = Committee([committee.first], [View()], 0.02, committee.first.temperature).judged(images)
    for answer, expected in zip(alone, committee.first.judged(images), strict=True):
        assert answer == pytest.approx(expected, abs=1e-6)


def test_parts_that_do_not_make_a_committee_are_refused(committee: Committee) -> None:
    other = Network([Dense(784, 10)], SoftmaxCrossEntropy(), committee.first.normalisation)
    with pytest.raises(ValueError, match="at least one; got 0 and 3"):
        Committee([], VIEWS, 0.1)
    with pytest.raises(ValueError, match="at least one; got 3 and 0"):
        Committee(committee.members, [], 0.1)
    with pytest.raises(ValueError, match="share one loss; got DigitOrNone, SoftmaxCrossEntropy"):
        Committee([committee.first, other], VIEWS, 0.1)
    with pytest.raises(ValueError, match="at most 1; got 0"):
        Committee(committee.members, VIEWS, 0)
    with pytest.raises(ValueError, match="positive; got -1"):
        Committee(committee.members, VIEWS, 0.1, -1)
    arrays, description = committee.to_arrays(), committee.description()
    with pytest.raises(ValueError, match=r"those of 2 members; got '2\."):
        Committee.from_arrays(arrays, {**description, "members": description["members"][:2]})


def test_a_view_leans_and_sharpens_and_leaves_its_input_unchanged(digits: Digits) -> None:
    images = as_ink(digits.images[:100])
    before = images.copy()
    leaning = View(shear=0.2).of(images)
    columns, rows = np.arange(28) - 13.5, np.arange(28)
    middles = [(each * columns).sum(axis=2) / np.maximum(each.sum(axis=2), 1e-9) for each in (images, leaning)]
    inked = images.sum(axis=2) > 1
    moved = np.broadcast_to(-0.2 * (rows - 13.5), inked.shape)
    assert (middles[1] - middles[0])[inked] == pytest.approx(moved[inked], abs=0.05)
    sharp = View(sharpening=0.3).of(images)
    assert np.square(np.diff(sharp, axis=2)).mean() > 1.1 * np.square(np.diff(images, axis=2)).mean()
    assert sharp.min() >= 0
    assert sharp.max() <= 1
    assert np.array_equal(View().of(images), before)
    assert np.array_equal(images, before)


@pytest.mark.parametrize("shear", [0.2, -0.7, 3.0])
def test_a_view_leans_as_bilinear_sampling_does(shear: float) -> None:
    images = np.random.default_rng(0).random((3, 28, 28), np.float32)
    rows, columns = np.mgrid[:28, :28].astype(np.float32)
    leaning = np.broadcast_to(columns + np.float32(shear) * (rows - 13.5), images.shape)
    assert np.array_equal(View(shear=shear).of(images), sample(images, leaning, np.broadcast_to(rows, images.shape)))


@pytest.fixture(scope="module")
def few() -> Iterator[Convolutional]:
    """The recipe for 60 images, which takes a second."""
    with divided(slice(0, 60), slice(60, 100)) as patch:
        patch.setattr("model.training.loop.SECONDS_BETWEEN_CHECKPOINTS", 0)
        yield replace(Convolutional(), members=2, epochs=2, batch_size=20)


class Killed:
    """A progress that stops the training at a given step."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps: list[tuple[int, int]] = []

    def advance(self, step: int, steps: int) -> None:
        self.steps.append((step, steps))
        if step == self.at:
            raise KeyboardInterrupt

    def say(self, line: str) -> None:
        """Do nothing."""


@pytest.fixture(scope="module")
def unbroken(few: Convolutional, digits: Digits) -> Trained:
    """What an unbroken training makes; its progress is that of every step."""
    whole = Killed(at=0)
    trained = few.train(digits, Run(progress=whole))
    assert whole.steps == [(step, 12) for step in range(1, 13)]
    return trained


@pytest.mark.parametrize("at", [2, *(pytest.param(at, marks=pytest.mark.long) for at in (5, 8, 11))])
def test_a_committee_resumes_in_any_epoch_of_any_member(
    at: int, few: Convolutional, unbroken: Trained, digits: Digits, tmp_path: Path
) -> None:
    def trained(progress: Killed, *, resume: bool) -> Trained:
        return few.train(digits, Run(checkpoint=Checkpoint(tmp_path / "cnn.npz", {}, resume), progress=progress))

    with pytest.raises(KeyboardInterrupt):
        trained(Killed(at), resume=False)
    again = Killed(at=0)
    resumed = trained(again, resume=True)
    assert again.steps[0][0] == 3 * ((at - 1) // 3) + 1, "at most one epoch is lost"
    for name, array in unbroken.classifier.to_arrays().items():
        assert np.array_equal(array, resumed.classifier.to_arrays()[name])


def test_the_members_are_trained_with_different_seeds(few: Convolutional, digits: Digits) -> None:
    recipe = replace(few, epochs=1)
    both = recipe.train(digits, Run(seed=4)).classifier
    second = replace(recipe, members=1).train(digits, Run(seed=5)).classifier
    assert isinstance(both, Committee)
    assert isinstance(second, Committee)
    for name, array in second.first.to_arrays().items():
        assert np.array_equal(array, both.members[1].to_arrays()[name])
        assert not np.array_equal(array, both.first.to_arrays()[name]) or name.startswith("normalisation")
