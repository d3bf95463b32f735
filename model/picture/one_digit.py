"""Ink -> the one digit that it shows, without the rules, marks and parts of neighbours that a crop includes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.components import (
    CLEAR,
    Components,
    Piece,
    central,
    connected_components,
    cut_by_edge,
    masses,
    piece_of,
    substantial,
)
from model.picture.edge_lines import without_edge_lines
from model.picture.grouping import groups_of
from model.picture.ink import Ink
from model.types import InkMap

_LEAST_LINED = 23  # pixels of the longer side: in fewer, a rule is as thick as a digit's strokes, and as long
_INSIDE = 0.8  # of its width: so much of a part must lie over or under the leading component
_REACH = 0.2  # of the leading component's longer side: a part of a broken digit is no further from the rest
_NEAR = 0.5  # of it: what lies no further off may still be a part
_LEAST_RIVAL = 0.5  # of the digit's height: what is lower is a mark, or small print, and no second digit
_MOST_RIVALS = 3  # so that time is bounded
_FAINT = 0.06  # of the pen's full strength: what is fainter is what a pale grid leaves, and joins all that stands on it
_FILLED = 0.7  # of a component's box: a punch hole's disc has 0.79, and a digit as wide as high has holes and bays
_SQUARE = 1.6  # times the shorter side: what is longer may be a 1


@dataclass(frozen=True)
class OneDigit:
    """A digit, and what may speak against it.

    piece: its ink, with all its parts. whole: the same with what lies near it, None where nothing does: if that is a
    digit, the piece may be only a part of it. rivals: what else may be a digit; the first `near` of them are parts of
    the whole.
    """

    piece: Piece
    whole: Piece | None = None
    rivals: tuple[Piece, ...] = ()
    near: int = 0


def without_lines(ink: Ink) -> InkMap:
    """Return `ink` (H, W) without the lines that are taken away around one digit."""
    return without_edge_lines(ink.unlined if max(ink.strength.shape) >= _LEAST_LINED else ink.strength)


def find_digit(ink: Ink, strength: InkMap) -> OneDigit | None:
    """Return the one digit that `ink` shows in `strength` (H, W), lines left out or not; None where there is no ink.

    The component with most ink near the middle leads, unless it is a disc. Any other that the picture's edge cuts is a
    neighbour or a rule, unless the edge cuts the leading one too and both lie over each other: a broken digit may fill
    its crop. What lies at a distance is a mark or another digit. A stroke may be faint in part: all ink connected to
    the digit's is part of it, except what belongs to others.
    """
    # Mostly there are no lines, and what is written is known.
    components = ink.written if strength is ink.strength else connected_components(strength > CLEAR)
    if len(components) == 0:
        return None
    mass = masses(components, strength)
    lead = _leading(components, strength, mass)
    large, beside = substantial(components, mass, lead), _beside(components, lead, strength.shape)
    candidates = large & ~beside
    candidates[lead] = False
    members = np.array([lead, *np.flatnonzero(candidates)])
    size = max(_heights(components)[lead], _widths(components)[lead])
    groups = groups_of(components, members, _REACH * size)
    [own] = (group for group in groups if lead in group)
    piece = _with_faint_ink(strength, components, own)
    row = large & beside & _alongside(components, lead, strength.shape[1])
    along = [np.array([number]) for number in np.flatnonzero(row)]
    if len(groups) == 1 and not along:
        return OneDigit(piece)
    whole = next(group for group in groups_of(components, members, _NEAR * size) if lead in group)
    others = sorted((*along, *(group for group in groups if lead not in group)), key=lambda group: -mass[group].sum())
    tall = [group for group in others if _height(components, group) >= _LEAST_RIVAL * _height(components, own)]
    tall = sorted(tall[:_MOST_RIVALS], key=lambda group: group[0] not in whole)
    return OneDigit(
        piece,
        whole=_with_faint_ink(strength, components, whole) if len(whole) > len(own) else None,
        rivals=tuple(_with_faint_ink(strength, components, group) for group in tall),
        near=sum(group[0] in whole for group in tall),
    )


def _leading(components: Components, strength: InkMap, mass: NDArray[np.float64]) -> int:
    """Return the component with most ink near the middle, discs left out where there is anything else."""
    lead = central(components, strength)
    heights, widths = _heights(components), _widths(components)
    discs = (components.areas >= _FILLED * heights * widths) & (
        np.maximum(heights, widths) <= _SQUARE * np.minimum(heights, widths)
    )
    if not discs[lead]:
        return lead
    others = substantial(components, mass, lead) & ~discs
    if not others.any():
        return lead
    return central(components, np.where(components.mask(others), strength, np.float32(0)))


def _with_faint_ink(strength: InkMap, components: Components, members: NDArray[np.int64]) -> Piece:
    """Return the ink of `members` with the faint ink that is connected to it."""
    chosen = np.zeros(len(components), np.bool_)
    chosen[members] = True
    digit = components.mask(chosen)
    whole = connected_components((strength > _FAINT) & (digit | (components.labels == 0)))
    held = np.zeros(len(whole) + 1, np.bool_)
    held[whole.labels[digit]] = True
    return piece_of(strength, whole, np.flatnonzero(held) - 1)


def _heights(components: Components) -> NDArray[np.int64]:
    return components.bottoms - components.tops


def _widths(components: Components) -> NDArray[np.int64]:
    return components.rights - components.lefts


def _height(components: Components, members: NDArray[np.int64]) -> int:
    """Return the height of the box around `members`."""
    return int(components.bottoms[members].max() - components.tops[members].min())


def _alongside(components: Components, lead: int, width: int) -> NDArray[np.bool_]:
    """Return which components, (N,) bool, stand whole in the row of component `lead`, cut at top or bottom at most.

    width: of the picture.
    """
    top, bottom = components.tops[lead], components.bottoms[lead]
    shared = np.minimum(components.bottoms, bottom) - np.maximum(components.tops, top)
    return np.asarray((components.lefts > 0) & (components.rights < width) & (shared >= _INSIDE * (bottom - top)))


def _beside(components: Components, lead: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which components, (N,) bool, are neighbours of component `lead` in a picture of `shape` (H, W)."""
    left, right = components.lefts[lead], components.rights[lead]
    shared = np.minimum(components.rights, right) - np.maximum(components.lefts, left)
    cut = cut_by_edge(components, shape)
    return np.asarray(cut & ~(cut[lead] & (shared >= _INSIDE * _widths(components))))
