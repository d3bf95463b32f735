"""Evidence for units -> the likeliest ways to divide a line: which pieces make a digit, and which are passed over."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.strips.scorer import Evidence
from model.strips.units import Units

MOST_DIGITS = 64
"""No code is longer."""
_KEPT = 6  # ways to each cut with each count of digits
_UNEXPECTED = -7.0  # the logarithm of how much likelier an expected count is than another: callers seldom err
_PASSED_OVER = -6.0  # the same for a piece of ink that no unit can be a mark with


@dataclass(frozen=True)
class Segmentation:
    """One way to divide a line: its digits' units, from left to right, and its chance among the ways found."""

    units: tuple[int, ...]
    chance: float


@dataclass(frozen=True)
class _Edges:
    """What leads to one cut: from which cuts, at what price, how many digits (0 or 1) each adds, and which unit."""

    sources: NDArray[np.int64]
    weights: NDArray[np.float64]
    digits: NDArray[np.int64]
    units: NDArray[np.int64]


def segmentations(
    units: Units, evidence: Evidence, n_pieces: int, lengths: Collection[int] | None, top: int
) -> list[Segmentation]:
    """Return the `top` likeliest ways to divide `n_pieces`, best first; each has a digit at least.

    lengths: the counts of digits that are expected; None where any will do. Others are only less likely.
    The search is dynamic programming over cuts and counts of digits, with the few best ways to each kept.
    """
    most = min(n_pieces, MOST_DIGITS)
    scores = np.full((n_pieces + 1, most + 1, _KEPT), -np.inf)
    scores[0, 0, 0] = 0
    # How each kept way came: the edge into its cut, and which of the ways to that edge's source.
    came = np.zeros((n_pieces + 1, most + 1, _KEPT), np.int64)
    edges = _edges(units, evidence, n_pieces)
    for cut in range(1, n_pieces + 1):
        into = edges[cut]
        ways = scores[into.sources] + into.weights[:, None, None]
        adds = into.digits == 1
        ways[adds, 1:] = ways[adds, :-1]
        ways[adds, 0] = -np.inf
        flat = ways.transpose(1, 0, 2).reshape(most + 1, -1)
        best = np.argsort(-flat, axis=1, kind="stable")[:, :_KEPT]
        scores[cut, :, : best.shape[1]] = np.take_along_axis(flat, best, axis=1)
        came[cut, :, : best.shape[1]] = best
    finals = scores[n_pieces].copy()
    finals[0] = -np.inf
    if lengths is not None:
        unexpected = ~np.isin(np.arange(most + 1), list(lengths))
        finals[unexpected] += _UNEXPECTED
    order = np.argsort(-finals, axis=None, kind="stable")[:top]
    order = order[np.isfinite(finals.ravel()[order])]
    chances = np.exp(finals.ravel()[order] - finals.max())
    chances /= chances.sum()
    return [
        Segmentation(_traced(edges, came, n_pieces, *divmod(int(at), _KEPT)), float(chance))
        for at, chance in zip(order, chances, strict=True)
    ]


def _edges(units: Units, evidence: Evidence, n_pieces: int) -> list[_Edges]:
    """Return what leads to each cut: each unit as a digit and as a mark, and each piece passed over."""
    n = len(units)
    every = np.arange(n)
    single = np.arange(n_pieces)
    inked = np.zeros(n_pieces, np.bool_)
    inked[units.firsts[units.ends - units.firsts == 1]] = True
    sources = np.concatenate([units.firsts, units.firsts, single])
    ends = np.concatenate([units.ends, units.ends, single + 1])
    weights = np.concatenate([evidence.digits, evidence.marks, np.where(inked, _PASSED_OVER, 0.0)])
    digits = np.concatenate([np.ones(n, np.int64), np.zeros(n + n_pieces, np.int64)])
    names = np.concatenate([every, every, np.full(n_pieces, -1)])
    order = np.argsort(ends, kind="stable")
    bounds = np.searchsorted(ends[order], np.arange(n_pieces + 2))
    return [
        _Edges(sources[at], weights[at], digits[at], names[at])
        for at in (order[bounds[cut] : bounds[cut + 1]] for cut in range(n_pieces + 1))
    ]


def _traced(edges: list[_Edges], came: NDArray[np.int64], cut: int, count: int, rank: int) -> tuple[int, ...]:
    """Return the digits' units on the way that is kept as number `rank` at `cut` with `count` digits."""
    found = []
    while cut:
        edge, rank = divmod(int(came[cut, count, rank]), _KEPT)
        into = edges[cut]
        if into.digits[edge]:
            found.append(int(into.units[edge]))
            count -= 1
        cut = int(into.sources[edge])
    return tuple(reversed(found))
