"""Ink -> the one digit that it shows, without the rules and parts of neighbours that a crop includes."""

import numpy as np
from numpy.typing import NDArray

from model.picture.components import (
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
from model.picture.printed_lines import without_printed_lines
from model.types import InkMap

_WRITTEN = 0.12  # of the pen's full strength: above what shading and blur leave beside a stroke
_INSIDE = 0.8  # of its width: so much of a part must lie over or under the leading component


def find_digit(strength: InkMap) -> Piece | None:
    """Return the one digit that `strength` (H, W) shows, with all its parts; None where there is no ink.

    The component with most ink near the middle leads. Any other that the picture's edge cuts is a neighbour or a rule,
    unless the edge cuts the leading one too and both lie over each other: a broken digit may fill its crop. A stroke
    may be faint in part: all ink connected to the digit's is part of it, except what belongs to a neighbour.
    """
    strength = without_edge_lines(without_printed_lines(strength))
    components = connected_components(strength > _WRITTEN)
    if len(components) == 0:
        return None
    lead, mass = central(components, strength), masses(components, strength)
    belongs = substantial(components, mass, lead) & ~_beside(components, lead, strength.shape)
    belongs[lead] = True
    digit = components.mask(belongs)
    whole = connected_components((strength > 0) & (digit | (components.labels == 0)))
    return piece_of(strength, whole, np.unique(whole.labels[digit]) - 1)


def _beside(components: Components, lead: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which components, (N,) bool, are neighbours of component `lead` in a picture of `shape` (H, W)."""
    left, right = components.lefts[lead], components.rights[lead]
    widths = components.rights - components.lefts
    shared = np.minimum(components.rights, right) - np.maximum(components.lefts, left)
    cut = cut_by_edge(components, shape)
    return np.asarray(cut & ~(cut[lead] & (shared >= _INSIDE * widths)))
