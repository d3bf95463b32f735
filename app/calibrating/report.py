"""What a calibration of one's own is worth, in words and tables."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from model.confidence.counting import SHOWN, chance_of_as_few, effective, exact_interval
from model.confidence.evidence import Way
from model.confidence.own import LISTED, Decided

SURE = 0.95
"""Of the shipped confidence: a reading so sure that differs from its label is worth a second look at the label."""
_MOST_ODD = 25  # lines: who has more has another problem
_MOST = 1_000_000  # pictures: nobody labels more
_FINER = 1.02  # from one number of pictures to the next that is tried
_WAYS = {"digit": "digits", "counted": "numbers of known length", "uncounted": "numbers of any length"}


@dataclass(frozen=True)
class Outcome:
    """What became of a picture: its label, and what is decided before and after; neither where it has no ink."""

    file: str
    code: str
    weight: float
    before: Decided | None = None
    after: Decided | None = None


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the lines of the table: a row for each way of reading and each listed error."""
    yield "| read as | greatest error | accepted before | wrong of these (95 %) | after | wrong of these (95 %) |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for way in get_args(Way):
        mine = [each for each in outcomes if each.after is not None and each.after.known.evidence.way == way]
        for error in LISTED if mine else ():
            cells = [cell for before in (True, False) for cell in _counted(outcomes, mine, error, before=before)]
            yield f"| {_WAYS[way]} | {error:.1%} | {' | '.join(cells)} |"


def _decided(each: Outcome, *, before: bool) -> Decided:
    decided = each.before if before else each.after
    if decided is None:
        raise ValueError("`each` must have been read")
    return decided


def accepted(mine: Sequence[Outcome], error: float, *, before: bool) -> list[Decided]:
    """Return what is accepted of what was read at this greatest error."""
    return [made for each in mine if (made := _decided(each, before=before)).accepted[error]]


def share(made: Sequence[Decided], outcomes: Sequence[Outcome]) -> float:
    """Return what share `made` is of all `outcomes`, by what each stands for."""
    return sum(each.known.weight for each in made) / sum(each.weight for each in outcomes)


def counts(made: Sequence[Decided]) -> tuple[int, int]:
    """Return how many are wrong, of how many that count alike."""
    return effective(np.array([each.known.weight for each in made]), np.array([not each.known.right for each in made]))


def _counted(outcomes: Sequence[Outcome], mine: Sequence[Outcome], error: float, *, before: bool) -> tuple[str, str]:
    made = accepted(mine, error, before=before)
    if not made:
        return "0.0%", "none"
    wrong, n = counts(made)
    low, high = exact_interval(wrong, n)
    return f"{share(made, outcomes):.1%}", f"{sum(not each.known.right for each in made)} ({low:.2%} to {high:.2%})"


def shown(outcomes: Sequence[Outcome], wished: float) -> Iterator[str]:
    """Yield what so many pictures can show, and how many more it takes to show the error `wished`."""
    mine = [each for each in outcomes if each.after is not None]
    error = max((each for each in LISTED if each <= wished), default=min(LISTED))
    made = accepted(mine, error, before=False)
    wrong, n = counts(made)
    if not n:
        yield f"At {wished:.2%}, nothing is accepted: these pictures do not show which readings are that sure."
        return
    least = 1 - SHOWN ** (1 / n)
    yield f"{len(made)} accepted pictures, were none of them wrong, would show that at most {least:.2%} are."
    if exact_interval(wrong, n)[0] > wished:
        yield f"More than {wished:.2%} are wrong: {wrong} of {len(made)}. More pictures alone do not help."
        return
    # A share that is greater only by chance says nothing of how many it takes, but for those without an error.
    wrong_share = wrong / n if wrong / n < wished else 0.0
    needed = _needed(wrong_share, wished)
    if n >= needed and wrong_share == wrong / n:
        yield f"They are enough to show {wished:.2%}."
        return
    more = max(1, math.ceil((needed / n - 1) * len(outcomes)))
    like = f"{wrong} of {len(made)} are wrong again" if wrong_share else "none of them is wrong"
    yield f"To show {wished:.2%}, about {more:,} more pictures are needed, if {like}."


def _needed(share: float, wished: float) -> int:
    """Return how many must be accepted, the `share` of them wrong, to show that at most the share `wished` is."""
    n = 1
    while n < _MOST and chance_of_as_few(math.ceil(share * n), n, wished) > SHOWN:
        n = math.ceil(n * _FINER)
    return n


def odd(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what is odd in the labels, a line each, the surest readings first."""
    labels: dict[str, dict[str, str]] = {}
    for each in outcomes:
        if each.before is not None:
            labels.setdefault(each.before.known.picture, {}).setdefault(each.code, each.file)
    lines = [
        "the same picture, with different labels: " + ", ".join(f"{file} ({code or 'nothing'})" for code, file in names)
        for same in labels.values()
        if len(names := list(same.items())) > 1
    ]
    differing = [
        (each.before.confidence, each.file, each.code, each.before.known.evidence.text)
        for each in outcomes
        if each.before is not None
        and each.before.known.possible
        and not each.before.known.right
        and each.before.confidence >= SURE
    ]
    for confidence, file, code, text in sorted(differing, reverse=True):
        lines.append(f"{file}: labelled {code or 'as nothing to read'}, read as {text} ({confidence:.2%} sure)")
    rest = len(lines) - _MOST_ODD
    return lines if rest <= 0 else [*lines[:_MOST_ODD], f"and {rest} more"]
