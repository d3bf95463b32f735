"""Digits of several pens, none of which is left out, and a form's teeth and slashes, which are no 1s."""

from collections.abc import Callable

import numpy as np

from model.artifact import Artifact
from model.reader import Reader
from model.reading import Reading
from synthesis.field.forms import empty_comb
from synthesis.field.pens import one_pale, two_colours
from synthesis.field.sample import Random, Sample
from synthesis.field.signs import before_a_slash_and_dash

Read = tuple[Sample, Reading]


def _read(shipped: Artifact, make: Callable[[Random], Sample], n: int) -> list[Read]:
    """Return `n` samples as sent, with their readings."""
    reader, samples = Reader(shipped.classifier), [make(np.random.default_rng((seed, 99))) for seed in range(n)]
    return [(each, reader.read(each.picture, kind=each.kind, digits=each.digits)) for each in samples]


def _accepted_wrong(read: list[Read]) -> int:
    return sum(reading.decision == "accept" and reading.text != sample.code for sample, reading in read)


def test_a_number_in_two_colours_is_read_as_a_whole(shipped: Artifact) -> None:
    read = _read(shipped, two_colours, 120)
    assert _accepted_wrong(read) <= 1
    assert sum(reading.decision == "accept" for _, reading in read) >= 102


def test_a_number_is_not_accepted_without_its_pale_digit(shipped: Artifact) -> None:
    read = _read(shipped, one_pale, 80)
    assert _accepted_wrong(read) <= 1
    assert sum(reading.decision == "accept" for _, reading in read) >= 28


def test_a_comb_without_digits_is_not_accepted(shipped: Artifact) -> None:
    assert _accepted_wrong(_read(shipped, empty_comb, 100)) <= 1


def test_the_slash_before_an_amounts_dash_is_not_accepted_as_a_1(shipped: Artifact) -> None:
    read = _read(shipped, before_a_slash_and_dash, 60)
    assert _accepted_wrong(read) == 0
    assert sum(reading.reason == "unclear_end" for _, reading in read) >= 20
