"""Ink that looks like a 0 -> whether it can be one: a 0 is hollow, but for a dot."""

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Components, Mask, connected_components
from model.picture.quantiles import quantile
from model.picture.resampling import block_maxima
from model.picture.ring_rows import directions_of
from model.types import InkMap

Floats = NDArray[np.float64]

CLEARLY = 0.4
"""Of the pen's full strength: above what blur leaves between a ring and what stands close to it."""
LEAST_INSIDE = 0.36
"""Of a ring's height or width: what is lower and narrower, all together, may be a dot or specks in a 0."""
DIRECTIONS = 36
_HELD = 0.07  # of a loop's height or width: what is smaller is a speck
_DOT = 2.5  # times the ring's strokes: a dot, which the same pen made, is not larger
_DOT_FILLED, _DOT_SQUARE = 0.6, 1.6  # of its box, at least; times its shorter side, at most
_HELD_AT = 100  # pixels of the shorter side, at about which what stands in a loop is sought
_TANGLED_AT = 60  # pixels of the shorter side, at about which a ring that touches what it encloses is sought
_ROUND_TANGLE = 0.7  # the smallest of its outline's radii by its largest, a tenth left out on either side
_BAND = 1.6  # times the strokes' thickness: as much is taken off at the outline


def tangled(ink: InkMap) -> bool:
    """Return whether `ink` (H, W), cut out at its edges, looks like a ring that touches what stands in it.

    Its outline is round, and without the outline a good part is left.
    """
    mask = block_maxima(ink, -(-min(ink.shape) // _TANGLED_AT)) > CLEARLY
    if not mask.any():
        return False
    furthest = _seen_from_middle(mask)[-1]
    low, high = quantile(furthest, 0.1), quantile(furthest, 0.9)
    if low < _ROUND_TANGLE * high:
        return False
    parts = connected_components(within_outline(mask))
    heights, widths = parts.bottoms - parts.tops, parts.rights - parts.lefts
    return bool((np.maximum(heights / mask.shape[0], widths / mask.shape[1]) >= LEAST_INSIDE).any())


def holds_something(ink: InkMap) -> bool:
    """Return whether more than a dot or specks stands by itself in the loop that `ink` (H, W), cut out at it, shows."""
    mask = block_maxima(ink, -(-min(ink.shape) // _HELD_AT)) > CLEARLY
    parts = connected_components(mask)
    if len(parts) < 2:
        return False
    height, width = mask.shape
    heights, widths = parts.bottoms - parts.tops, parts.rights - parts.lefts
    held = np.maximum(heights / height, widths / width) >= _HELD
    held[parts.labels[mask & ~within_outline(mask)] - 1] = False  # the loop's own pieces
    return bool((held & ~dots_among(parts, thickness(mask))).any())


def dots_among(components: Components, stroke: float) -> NDArray[np.bool_]:
    """Return which `components` may be a dot in a 0 whose `stroke` is so many pixels thick."""
    heights, widths = components.bottoms - components.tops, components.rights - components.lefts
    longer, shorter = np.maximum(heights, widths), np.minimum(heights, widths)
    filled = components.areas >= _DOT_FILLED * heights * widths
    return np.asarray((longer <= _DOT * stroke) & (longer <= _DOT_SQUARE * shorter) & filled)


def _seen_from_middle(mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64], Floats]:
    """Return the rows and columns of `mask` (H, W), cut out at its edges, and how they lie as seen from its middle.

    That is how far each pixel is, in halves of the mask's height or width, and in which direction; and how far the
    outline is in each direction, (DIRECTIONS,).
    """
    y, x = np.nonzero(mask)
    height, width = mask.shape
    down, across = (2 * y + 1 - height) / height, (2 * x + 1 - width) / width
    radii, directions = np.hypot(down, across), directions_of(down, across, DIRECTIONS)
    furthest = np.zeros(DIRECTIONS)
    np.maximum.at(furthest, directions, radii)
    return y, x, radii, directions, furthest


def within_outline(mask: Mask) -> Mask:
    """Return `mask` (H, W), cut out at its edges, without a band along its outline as seen from the middle."""
    y, x, radii, directions, furthest = _seen_from_middle(mask)
    # A line is thicker, in halves of the mask, the less the mask measures across it.
    turns = 2 * np.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    band = _BAND * thickness(mask) * 2 * np.hypot(np.sin(turns) / mask.shape[0], np.cos(turns) / mask.shape[1])
    inside = radii < (furthest - band)[directions]
    left = np.zeros_like(mask)
    left[y[inside], x[inside]] = True
    return left


def thickness(mask: Mask) -> float:
    """Return how thick the strokes of `mask` (H, W) are, in pixels: twice their area by the length of their edges."""
    framed = np.pad(mask, 1)
    edges = (framed[1:] != framed[:-1]).sum() + (framed[:, 1:] != framed[:, :-1]).sum()
    return float(2 * mask.sum() / (edges * np.pi / 4))
