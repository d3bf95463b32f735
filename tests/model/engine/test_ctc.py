"""The cost of strings agrees with trying every sequence of frames, and its gradient with finite differences."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.engine.ctc import NOTHING, TemporalClassification, log_likelihoods
from model.engine.functions import log_softmax
from model.strips import decoding
from model.strips.decoding import frames_of, likeliest_strings
from model.training.recipes.strips import best_path

FRAMES, CLASSES = 6, 4
BLANK = CLASSES - 1
TARGETS = np.array([[0, 0, 1], [2, 1, NOTHING], [1, NOTHING, NOTHING], [NOTHING] * 3, [1, 1, 1]])


def _spelt(path: tuple[int, ...]) -> str:
    return "".join(str(k) for k, _ in itertools.groupby(path) if k != BLANK)


def _by_trying(log_chances: np.ndarray) -> dict[str, float]:
    """Return each string's chance over every sequence of frames: log_chances (FRAMES, CLASSES)."""
    chances: dict[str, float] = {}
    for path in itertools.product(range(CLASSES), repeat=FRAMES):
        chance = float(np.exp(log_chances[np.arange(FRAMES), path].sum()))
        chances[_spelt(path)] = chances.get(_spelt(path), 0.0) + chance
    return chances


def _log_chances(seed: int, count: int, sharpness: float = 1.0) -> np.ndarray:
    return log_softmax(sharpness * np.random.default_rng(seed).standard_normal((count, FRAMES, CLASSES)))


def test_a_string_is_as_likely_as_all_sequences_of_frames_that_spell_it() -> None:
    log_chances = _log_chances(0, len(TARGETS))
    found = log_likelihoods(log_chances, TARGETS)
    for frames, target, likelihood in zip(log_chances, TARGETS, found, strict=True):
        text = "".join(str(k) for k in target if k != NOTHING)
        assert np.exp(likelihood) == pytest.approx(_by_trying(frames)[text])


def test_the_gradient_is_that_of_finite_differences() -> None:
    logits = np.random.default_rng(1).standard_normal((len(TARGETS), 1, FRAMES, CLASSES))
    loss, step = TemporalClassification(), 1e-6
    gradient = loss.gradient(logits, TARGETS)
    for place in np.ndindex(logits.shape):
        above, below = logits.copy(), logits.copy()
        above[place] += step
        below[place] -= step
        slope = (loss.value(above, TARGETS) - loss.value(below, TARGETS)) / (2 * step)
        assert gradient[place] == pytest.approx(slope, abs=1e-8)


def test_a_string_that_needs_more_frames_than_there_are_is_impossible() -> None:
    too_long = np.array([[0, 0, 0, 0]])  # four of the same class need seven frames
    assert TemporalClassification().value(np.zeros((1, 1, FRAMES, CLASSES)), too_long) == np.inf
    with pytest.raises(ValueError, match="6 frames are too few for '0000'"):
        frames_of(_log_chances(2, 1)[0], "0000")


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 3.0, 10.0]))
def test_the_likeliest_strings_are_those_found_by_trying_every_sequence_of_frames(seed: int, sharpness: float) -> None:
    frames = _log_chances(seed, 1, sharpness)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "MOST_BEGINNINGS", CLASSES**FRAMES)  # all: likely ones would be dropped
        expected, found = _by_trying(frames), likeliest_strings(frames)
    best = max(expected, key=lambda text: expected[text])
    assert max(found, key=lambda text: found[text]) == best
    assert found[best] == pytest.approx(expected[best], rel=1e-2)
    for text, chance in found.items():
        assert chance <= expected[text] * (1 + 1e-9)
    assert sum(found.values()) <= 1 + 1e-9


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["0", "01", "00", "120"]))
def test_each_digit_stands_where_the_likeliest_sequence_of_frames_is_surest_of_it(seed: int, text: str) -> None:
    log_chances = _log_chances(seed, 1)[0]
    rows = [path for path in itertools.product(range(CLASSES), repeat=FRAMES) if _spelt(path) == text]
    best = max(rows, key=lambda path: float(log_chances[np.arange(FRAMES), path].sum()))
    starts = [t for t in range(FRAMES) if best[t] != BLANK and (t == 0 or best[t] != best[t - 1])]
    loudest = []
    for start in starts:
        said = list(itertools.takewhile(lambda t, k=best[start]: best[t] == k, range(start, FRAMES)))  # type: ignore[misc]  # a lambda's default
        loudest.append(said[int(np.argmax(log_chances[said, best[start]]))])
    assert frames_of(log_chances, text).tolist() == loudest


def test_the_best_path_leaves_out_blanks_and_repetitions() -> None:
    frames = np.eye(CLASSES)[[3, 0, 0, 3, 0, 1, 1, 3, 2]]
    assert best_path(frames) == "0012"


def test_strings_over_hundreds_of_unsure_frames_keep_the_chance_of_all_their_sequences() -> None:
    frames = log_softmax(5 * np.random.default_rng(3).standard_normal((800, 11)))
    found = likeliest_strings(frames)
    assert len(found) == decoding.MOST_BEGINNINGS
    for text, chance in found.items():
        expected = float(log_likelihoods(frames[None], np.array([[int(digit) for digit in text]]))[0])
        assert expected < -200
        # What the search drops can only make a string less likely than it is.
        assert 1.05 * expected < np.log(chance) <= expected + 1e-9
