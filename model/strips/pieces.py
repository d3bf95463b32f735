"""Connected ink -> digits: which components belong together, which are specks and rules, in reading order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.components import Components, Piece, connected_components, cut_by_edge, masses, piece_of, substantial
from model.ink import InkMap, margin

_WRITTEN = 0.08  # of the pen's full strength: above what shading and blur leave beside a stroke
_RULE_MASS = 0.8  # of a component's: so much of a rule at a scan's edge, or of the table beside it, lies in the margin
_RULE_LENGTH = 0.5  # of the edge that it runs along
_JOINED_OVERLAP = 0.5  # of the narrower one's width: parts of one digit stand over one another
_LEAST_HEIGHT = 0.4  # of the tallest's: lower than this are dashes, dots and broken ends, not digits
_LEAST_MASS = 0.1  # of the heaviest's: lighter than this are broken ends, however high; a 1 is more
_BROKEN_GAP = 0.1  # of the tallest's height: a broken stroke's ends are nearer to it than a dash is
_MOST_DIGITS = 64  # no code is longer
_MOST_PARTS = 1_024  # a texture has more, and is read no better for them


@dataclass(frozen=True)
class _Group:
    """Components taken for one digit, and the box (bottom and right exclusive) round them, in pixels."""

    members: tuple[int, ...]
    left: int
    right: int
    top: int
    bottom: int
    mass: float

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def joined(self, other: "_Group") -> "_Group":
        return _Group(
            self.members + other.members,
            min(self.left, other.left),
            max(self.right, other.right),
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            self.mass + other.mass,
        )

    def gap(self, other: "_Group") -> int:
        """Return the empty columns between the two; negative where they overlap."""
        return max(self.left, other.left) - min(self.right, other.right)


def find_digits(strength: InkMap) -> list[Piece]:
    """Return the digits that stand apart in `strength` (H, W), from left to right; none where there is no ink.

    Components that stand over one another are one digit; low ones that stand alone (dashes, dots) are left out.
    """
    components = connected_components(strength > _WRITTEN)
    if len(components) == 0:
        return []
    mass = masses(components, strength)
    kept = np.flatnonzero(~_rules(components, mass, strength))
    if len(kept) == 0:
        kept = np.arange(len(components))
    tallest = int(kept[(components.bottoms - components.tops)[kept].argmax()])
    kept = kept[substantial(components, mass, tallest)[kept]]
    kept = kept[np.argsort(-mass[kept], kind="stable")][:_MOST_PARTS]
    digits = _digits_of(_standing_over(components, kept, mass))
    return [piece_of(strength, components, np.array(digit.members)) for digit in digits]


def _rules(components: Components, mass: NDArray[np.float64], strength: InkMap) -> NDArray[np.bool_]:
    """Return which components, (N,) bool, are rules, shadows or the table along the picture's edge."""
    height, width = strength.shape
    edge = margin(height, width)
    inside = np.zeros_like(strength)
    middle = np.s_[edge : height - edge, edge : width - edge]
    inside[middle] = strength[middle]
    in_margin = mass - masses(components, inside) > _RULE_MASS * mass
    tall = components.bottoms - components.tops > _RULE_LENGTH * height
    wide = components.rights - components.lefts > _RULE_LENGTH * width
    is_rule: NDArray[np.bool_] = in_margin & cut_by_edge(components, strength.shape) & (tall | wide)
    return is_rule


def _group(c: Components, k: int, mass: NDArray[np.float64]) -> _Group:
    return _Group((k,), int(c.lefts[k]), int(c.rights[k]), int(c.tops[k]), int(c.bottoms[k]), float(mass[k]))


def _standing_over(components: Components, kept: NDArray[np.int64], mass: NDArray[np.float64]) -> list[_Group]:
    """Return the components `kept`, left to right, those joined that stand mostly over one another."""
    groups: list[_Group] = []
    for k in kept[np.argsort(components.lefts[kept], kind="stable")]:
        group = _group(components, int(k), mass)
        if groups:
            last = groups[-1]
            narrower = min(last.right - last.left, group.right - group.left)
            if -last.gap(group) > _JOINED_OVERLAP * narrower:
                groups[-1] = last.joined(group)
                continue
        groups.append(group)
    return groups


def _digits_of(groups: Sequence[_Group]) -> list[_Group]:
    """Return `groups` without the low and the light ones: joined to the digit that they nearly touch, or left out."""
    tallest, heaviest = max(group.height for group in groups), max(group.mass for group in groups)
    digits: list[_Group] = []
    rest: list[_Group] = []
    for group in groups:
        is_digit = group.height >= _LEAST_HEIGHT * tallest and group.mass >= _LEAST_MASS * heaviest
        (digits if is_digit else rest).append(group)
    if not digits:  # a high thin line and a low heavy one, say: whatever it is, it is no empty picture
        return [max(groups, key=lambda group: group.mass)]
    for part in rest:
        nearest = min(range(len(digits)), key=lambda i: digits[i].gap(part))
        if digits[nearest].gap(part) <= _BROKEN_GAP * tallest:
            digits[nearest] = digits[nearest].joined(part)
    largest = sorted(digits, key=lambda digit: -digit.height)[:_MOST_DIGITS]
    return sorted(largest, key=lambda digit: digit.left)
