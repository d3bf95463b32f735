"""Components -> groups of those that lie near each other: the parts of one digit, or of one mark."""

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Components

_POINTS = 150  # pixels of a component by which its distance from others is told
_MOST = 24  # components that are told apart: time is bounded, and no digit is broken into more


def groups_of(components: Components, members: NDArray[np.int64], reach: float) -> list[NDArray[np.int64]]:
    """Return `members` in groups: two are in one group where a chain of gaps of at most `reach` pixels joins them.

    members: the numbers of components, at least one. Of more than 24, only the first and the largest others are looked
    at, and the rest is left out.
    """
    if len(members) == 1:
        return [members]
    largest = np.argsort(-components.areas[members[1:]], kind="stable") + 1
    members = members[np.concatenate([[0], largest])][:_MOST]
    points = [_points(components, number) for number in members]
    groups: list[list[int]] = []
    for number in range(len(members)):
        joined = [group for group in groups if any(_gap(points[number], points[other]) <= reach for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([number, *(other for group in joined for other in group)])
    return [members[group] for group in groups]


def _points(components: Components, number: np.int64) -> NDArray[np.float64]:
    """Return the places (n, 2) of some of a component's pixels, evenly thinned out."""
    top, left = components.tops[number], components.lefts[number]
    box = components.labels[top : components.bottoms[number], left : components.rights[number]]
    places = np.argwhere(box == number + 1)
    return np.asarray(places[:: -(-len(places) // _POINTS)] + np.array([top, left]), np.float64)


def _gap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the distance in pixels between the nearest two of the points (n, 2) and (m, 2)."""
    steps = one[:, None] - other
    return float(np.sqrt((steps**2).sum(axis=2).min()))
