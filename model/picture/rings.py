"""Ink -> the same without a ring around what is written, drawn or printed, in one line or in dashes."""

import numpy as np
from numpy.typing import NDArray

from model.picture.components import CLEAR, Components, Mask, connected_components
from model.picture.loops import CLEARLY, DIRECTIONS, LEAST_INSIDE, dots_among, thickness, within_outline
from model.picture.quantiles import quantile
from model.picture.resampling import block_maxima
from model.picture.ring_rows import directions_of, rings_in_row
from model.types import InkMap

_SEEN_AT = 100  # pixels of the shorter side of the ink: rings are sought at about this scale, so that time is bounded
_LEAST_SIDE = 8  # pixels at that scale: nothing that can be read stands in a smaller ring
_LEAST_DIGIT = 0.12  # of it, in one piece: what is smaller is a speck, and many specks are no digit
_LEAST_INK = 0.05  # of the ring's: a 1 in a wide ring has more
_LEAST_STROKE = 0.5  # of the highest inside: a lower one that touches the ring is its overlapping end
_LEAST_LEFT = 0.3  # of the thinnest digit's ink: the outline may hide the rest of one that stands on it
_FAR, _MOST_FAR = 1.5, 0.2  # times the nearest ink of a ring in that direction, and of its ink: it may overlap itself
_COVERED = 0.94  # of the directions: a ring may be open where its ends do not meet; two digits on a rule are a U
_DASHES, _LONGEST_DASH = 6, 0.5  # so many at least, each of them shorter than half of the ring
_ALIKE = 0.1  # of the largest dash's area: what is smaller is a speck
_DASHES_COVERED = 0.6  # of the directions
_THIN = 0.3  # deviation across a dash by that along it: a digit has more
_ROUND = 0.7  # the smallest of a dashed ring's radii by its largest, a tenth left out on either side
_OUTER = 0.55  # of the ring's half axes: its dashes lie further out
_MOST_RINGS = 2


def without_ring(strength: InkMap, written: Components) -> InkMap:
    """Return `strength` (H, W), whose clear ink is `written`, without rings that enclose other ink.

    Rings of one size in a row are sought first. Else, a ring is a component, or a wreath of dashes, with ink in most
    directions from the middle of what stands inside. A loop with a dot or with specks in it is a digit. What touches
    its ring is left as it is. Where there is no ring, `strength` itself is returned.
    """
    if len(written) == 0:
        return strength
    top, bottom, left, right = written.box
    if min(bottom - top, right - left) < _LEAST_SIDE:
        return strength
    across, down = right - left == strength.shape[1], bottom - top == strength.shape[0]
    # Rules run from side to side, and join what stands on them; a ring in a tight crop meets all four.
    if across != down:
        return strength
    inked = strength[top:bottom, left:right]
    factor = -(-min(inked.shape) // _SEEN_AT)
    seen = block_maxima(inked, factor)
    erased = _all_rings(seen, written.cut_out() if factor == 1 else connected_components(seen > CLEAR))
    if erased is None:
        return strength
    mask = np.repeat(np.repeat(erased, factor, axis=0), factor, axis=1)[: bottom - top, : right - left]
    cleaned = strength.copy()
    cleaned[top:bottom, left:right][mask] = 0
    return cleaned


def _all_rings(seen: InkMap, written: Components) -> Mask | None:
    """Return which pixels of `seen` (H, W) are those of rings, in a row or around each other; None where none are.

    written: the components of its clear ink.
    """
    looks = [(seen > CLEAR, written)] if len(written) > 1 else []
    clearly = seen > CLEARLY
    if _thrice(clearly):
        looks.append((clearly, connected_components(clearly)))
    looks = [(inked, components) for inked, components in looks if _may_enclose(components) and _thrice_met(inked)]
    for seek in (rings_in_row, _rings):
        for inked, components in looks:
            ring = seek(inked, components)
            if ring is not None:
                # Its blurred edge goes with it: it is too faint to be a component.
                free = ring | ~inked
                return np.asarray(_grown(_grown(ring) & free) & free)
    return None


def _rings(inked: Mask, components: Components) -> Mask | None:
    """Return which of the `inked` pixels (H, W) are those of rings around others; None where there is none."""
    there = np.ones(len(components), np.bool_)
    for _ in range(_MOST_RINGS):
        found = _ring(components, there)
        if found is None:
            break
        there &= ~found
    return None if there.all() else inked & components.mask(~there)


def _thrice_met(mask: Mask) -> bool:
    """Return whether a row and a column of `mask` (H, W) meet ink three times: a ring, what stands in it, the ring."""
    return _thrice(mask) and _thrice(np.ascontiguousarray(mask.T))


def _thrice(mask: Mask) -> bool:
    """Return whether a row of `mask` (H, W) meets ink three times."""
    starts = mask.copy()
    starts[:, 1:] &= ~mask[:, :-1]
    rows = starts.ravel().nonzero()[0] // mask.shape[1]
    return bool((rows[2:] == rows[:-2]).any())


def _may_enclose(components: Components) -> bool:
    """Return whether one of the `components` may stand in another, or amid dashes."""
    if len(components) > _DASHES:
        return True
    tops, bottoms, lefts, rights = components.tops, components.bottoms, components.lefts, components.rights
    down = (tops > tops[:, None]) & (bottoms < bottoms[:, None])
    return bool((down & (lefts > lefts[:, None]) & (rights < rights[:, None])).any())


def _ring(components: Components, there: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return which of the components that are `there`, (N,) bool, make a ring; None where none do."""
    heights, widths = components.bottoms - components.tops, components.rights - components.lefts
    order = np.argsort(-heights * widths, kind="stable")
    for number in order[there[order]][:_MOST_RINGS]:
        if heights[number] < _LEAST_SIDE or widths[number] < _LEAST_SIDE:
            break
        inside = (
            there
            & (components.tops > components.tops[number])
            & (components.lefts > components.lefts[number])
            & (components.bottoms < components.bottoms[number])
            & (components.rights < components.rights[number])
        )
        ring: NDArray[np.bool_] = np.arange(len(components)) == number
        if inside.any() and _encloses(components, ring, inside) >= _COVERED and not _touched(components, ring, inside):
            return ring
    return _wreath(components, there)


def _wreath(components: Components, there: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return which components that are `there` are the dashes of a ring around all the others; None without one."""
    if there.sum() <= _DASHES:
        return None
    top, bottom, left, right = _bounds(components, there)
    heights, widths = components.bottoms - components.tops, components.rights - components.lefts
    short = np.maximum(heights / (bottom - top), widths / (right - left)) < _LONGEST_DASH
    if (there & short).sum() < _DASHES:
        return None
    y, x = np.nonzero(components.mask(there))
    radii = np.hypot((2 * y + 1 - top - bottom) / (bottom - top), (2 * x + 1 - left - right) / (right - left))
    nearest = np.full(len(components), np.inf)
    owners = components.labels[y, x] - 1
    np.minimum.at(nearest, owners, radii)
    outer: NDArray[np.bool_] = there & (nearest >= _OUTER)
    inside = there & ~outer
    # Dust lies there too, and the outer digits of a number with it: dashes are alike.
    dashes: NDArray[np.bool_] = outer & (components.areas >= _ALIKE * components.areas[outer].max(initial=0))
    if dashes.sum() < _DASHES or not inside.any():
        return None
    of_dashes = radii[dashes[owners]]
    low, high = quantile(of_dashes, 0.1), quantile(of_dashes, 0.9)
    # A number that print and rules surround has digits at its ends: as high as those inside, and bent.
    high_ones = np.flatnonzero(dashes & (heights >= _LEAST_STROKE * heights[inside].max()))
    wreath = (
        short[dashes].all()
        and low >= _ROUND * high
        and all(_is_thin(y[owners == number], x[owners == number]) for number in high_ones)
        and _encloses(components, dashes, inside) >= _DASHES_COVERED
    )
    return outer if wreath else None


def _is_thin(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> bool:
    """Return whether the pixels at `rows` and `columns`, (N,), make a hardly bent stroke, as a single one does."""
    across, along = np.linalg.eigvalsh(np.cov(np.stack([rows, columns]), bias=True))
    return bool(across <= _THIN**2 * along)


def _encloses(components: Components, ring: NDArray[np.bool_], inside: NDArray[np.bool_]) -> float:
    """Return the share of directions from the middle of what is `inside` in which the `ring` lies beyond it.

    Zero where what is inside is too small to be what the picture shows.
    """
    top, bottom, left, right = _bounds(components, ring)
    inner_top, inner_bottom, inner_left, inner_right = _bounds(components, inside)
    whole = max((inner_bottom - inner_top) / (bottom - top), (inner_right - inner_left) / (right - left))
    heights = (components.bottoms - components.tops) / (bottom - top)
    widths = (components.rights - components.lefts) / (right - left)
    large = inside & (np.maximum(heights, widths) >= _LEAST_DIGIT)
    dots = dots_among(components, thickness(components.mask(ring)[top:bottom, left:right]))
    ink = components.areas[inside].sum() / components.areas[ring].sum()
    if not large.any() or (whole < LEAST_INSIDE and dots[large].all()) or ink < _LEAST_INK:
        return 0.0
    nearest, furthest = np.full(DIRECTIONS, np.inf), np.zeros(DIRECTIONS)
    for members, keep, far in ((ring, np.minimum, nearest), (inside, np.maximum, furthest)):
        y, x = np.nonzero(components.mask(members))
        down = (y + 0.5 - (inner_top + inner_bottom) / 2) / (bottom - top)
        across = (x + 0.5 - (inner_left + inner_right) / 2) / (right - left)
        radii, directions = np.hypot(down, across), directions_of(down, across, DIRECTIONS)
        keep.at(far, directions, radii)
        # Where more of its ink lies far out, other writing hangs together with it.
        if members is ring and (radii > _FAR * far[directions]).mean() > _MOST_FAR:
            return 0.0
    return float((np.isfinite(nearest) & (nearest > furthest)).mean())


def _touched(components: Components, ring: NDArray[np.bool_], inside: NDArray[np.bool_]) -> bool:
    """Return whether a stroke hangs together with the `ring` that may be a digit, like those `inside`."""
    top, bottom, left, right = _bounds(components, ring)
    strokes = connected_components(within_outline(components.mask(ring)[top:bottom, left:right]))
    heights = components.bottoms - components.tops
    highest = heights[inside].max()
    thinnest = components.areas[inside & (heights >= _LEAST_STROKE * highest)].min()
    return bool(
        (strokes.bottoms - strokes.tops).max(initial=0) >= _LEAST_STROKE * highest
        or strokes.areas.sum() >= _LEAST_LEFT * thinnest
    )


def _bounds(components: Components, members: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return the box around `members`: top, bottom, left, right; bottom and right are exclusive."""
    return (
        int(components.tops[members].min()),
        int(components.bottoms[members].max()),
        int(components.lefts[members].min()),
        int(components.rights[members].max()),
    )


def _grown(mask: Mask) -> Mask:
    """Return `mask` (H, W) with the pixels that touch it."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return np.asarray(rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:])
