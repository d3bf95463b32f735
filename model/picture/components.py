"""Connected components of a mask, found from runs of pixels, in NumPy alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]

CLEAR = 0.12
"""Of the pen's full strength: writing, above what shading and blur leave beside a stroke."""
# A speck is fainter or smaller than these shares of what it is compared with; the bar of a 5 or a broken stroke is not.
_SPECK_MASS = 0.02
_SPECK_SIZE = 0.15  # of the longer side
_SPECK = 0.2  # of the largest's longer side: smaller components are no figure of their own


@dataclass(frozen=True)
class Components:
    """The connected components of a mask, numbered from 1 in the order in which reading row by row meets them.

    labels: (H, W) int32, 0 where the mask is empty.
    areas: (N,) int64, pixels; entry k describes component k + 1, as in every array here.
    tops, bottoms, lefts, rights: (N,) int64, the bounding boxes in pixels; bottoms and rights are exclusive.
    """

    labels: Labels
    areas: NDArray[np.int64]
    tops: NDArray[np.int64]
    bottoms: NDArray[np.int64]
    lefts: NDArray[np.int64]
    rights: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.areas)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Their longer sides, (N,), in pixels."""
        return np.asarray(np.maximum(self.bottoms - self.tops, self.rights - self.lefts))

    @property
    def hang_together(self) -> bool:
        """Whether there is only one, specks left out."""
        sizes = self.sizes
        return bool((sizes >= _SPECK * sizes.max()).sum() == 1)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The box around all of them, of which there is one at least: top, bottom, left, right."""
        return int(self.tops.min()), int(self.bottoms.max()), int(self.lefts.min()), int(self.rights.max())

    def cut_out(self) -> "Components":
        """Return them as they lie in the box around all of them."""
        top, bottom, left, right = self.box
        labels = self.labels[top:bottom, left:right]
        return Components(
            labels, self.areas, self.tops - top, self.bottoms - top, self.lefts - left, self.rights - left
        )

    def mask(self, chosen: NDArray[np.bool_]) -> Mask:
        """Return which pixels, (H, W) bool, belong to the `chosen` components, (N,) bool."""
        return np.concatenate([[False], chosen]).take(self.labels)


@dataclass(frozen=True)
class Piece:
    """Ink cut out of an ink map: where it was, and the ink itself, without that of its neighbours."""

    top: int
    left: int
    ink: NDArray[np.float32]


def connected_components(mask: Mask) -> Components:
    """Return the components of `mask`; pixels that share a side or a corner are connected.

    mask: (H, W) bool. Time and memory grow with the number of pixels and of runs (stretches of neighbouring
    pixels in a row), not with the number of components.
    Raises ValueError where `mask` is not two-dimensional.
    Source: the run-based labelling of He, Chao and Suzuki 2008, "A run-based two-scan labeling algorithm", with its
    table of equivalent labels resolved by pointer jumping (Shiloach and Vishkin 1982) so that NumPy does the loops.
    """
    match mask.shape:
        case (height, width):
            stride = width + 1
        case _:
            raise ValueError(f"mask must have two axes (H, W); got shape {mask.shape}")
    # Each row gets one empty pixel at its end, so that runs end with their row and flat positions keep rows apart.
    padded = np.zeros(height * stride + 1, np.bool_)
    padded[1:].reshape(height, stride)[:, :width] = mask
    changes = (padded[1:] != padded[:-1]).nonzero()[0]
    starts, ends = changes[::2], changes[1::2]  # ends are exclusive

    roots = _roots(len(starts), *_touching_runs(starts, ends, stride))
    firsts = (roots == np.arange(len(roots))).nonzero()[0]  # of each component, in the order of reading
    run_labels = firsts.searchsorted(roots)
    n = len(firsts)
    lengths = ends - starts
    rows, first_columns = starts // stride, starts % stride

    labels = np.zeros((height, width), dtype=np.int32)
    labels[mask] = (run_labels + 1).repeat(lengths)
    areas = np.bincount(run_labels, weights=lengths, minlength=n).astype(np.int64)
    bottoms, lefts, rights = np.zeros(n, np.int64), np.full(n, width), np.zeros(n, np.int64)
    bottoms[run_labels] = rows + 1  # the last run of each counts
    np.minimum.at(lefts, run_labels, first_columns)
    np.maximum.at(rights, run_labels, first_columns + lengths)
    return Components(labels, areas, rows[firsts], bottoms, lefts, rights)


def _touching_runs(
    starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs (upper, lower) of runs in neighbouring rows that touch, corners included."""
    # The runs below that touch a run [s, e) end at s + stride or later, and start at e + stride or before.
    # Runs of its own row end before that, and those two rows below start after it, since rows end with an empty pixel.
    first = ends.searchsorted(starts + stride, side="left")
    last = starts.searchsorted(ends + stride, side="right")
    counts = np.maximum(last - first, 0)
    upper = np.arange(len(starts)).repeat(counts)
    before = counts.cumsum() - counts
    return upper, (first - before).repeat(counts) + np.arange(len(upper))


def _roots(n: int, upper: NDArray[np.int64], lower: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each of `n` runs, the smallest run that it is connected to through the touching pairs."""
    roots = np.arange(n)
    a, b = upper, lower
    while len(upper):
        np.minimum.at(roots, np.maximum(a, b), np.minimum(a, b))
        settled = False
        while not settled:
            once = roots.take(roots)
            roots = once.take(once)
            settled = not np.count_nonzero(roots != once)
        a, b = roots.take(upper), roots.take(lower)
        apart = (a != b).nonzero()[0]
        upper, lower, a, b = upper[apart], lower[apart], a[apart], b[apart]
    return roots


def share(mask: Mask) -> float:
    """Return the share of `mask`, of any shape, that is set."""
    return np.count_nonzero(mask) / mask.size  # several times as fast as its mean


def masses(components: Components, strength: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the sum of `strength` (H, W) over each component, (N,) float64."""
    labels = components.labels.ravel()
    inked = labels.nonzero()[0]
    sums = np.bincount(labels[inked] - 1, weights=strength.ravel()[inked], minlength=len(components))
    return np.asarray(sums, dtype=np.float64)


def substantial(components: Components, mass: NDArray[np.float64], beside: int) -> NDArray[np.bool_]:
    """Return which components, (N,) bool, are more than specks next to component `beside`, by their `mass` (N,)."""
    sizes = np.maximum(components.bottoms - components.tops, components.rights - components.lefts)
    return np.asarray((mass >= _SPECK_MASS * mass[beside]) & (sizes >= _SPECK_SIZE * sizes[beside]))


def central(components: Components, strength: NDArray[np.float32]) -> int:
    """Return the component with most `strength` (H, W), where pixels nearer to the middle count more."""
    height, width = strength.shape
    return int(masses(components, strength * _tent(height)[:, None] * _tent(width)[None, :]).argmax())


def _tent(n: int) -> NDArray[np.float32]:
    """Return weights (n,) that rise from 0 beyond the ends to 1 in the middle."""
    return (1 - np.abs((2 * np.arange(n, dtype=np.float32) + 1) / n - 1)).astype(np.float32)


def cut_by_edge(components: Components, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which components touch the edge of the picture, whose shape is `shape` (H, W)."""
    return np.asarray(
        (components.tops == 0)
        | (components.lefts == 0)
        | (components.bottoms == shape[0])
        | (components.rights == shape[1])
    )


def piece_of(strength: NDArray[np.float32], components: Components, members: NDArray[np.signedinteger]) -> Piece:
    """Return the ink of the components `members`, cut out."""
    top, bottom = int(components.tops[members].min()), int(components.bottoms[members].max())
    left, right = int(components.lefts[members].min()), int(components.rights[members].max())
    chosen = np.zeros(len(components) + 1, dtype=np.bool_)
    chosen[members + 1] = True
    mine = chosen.take(components.labels[top:bottom, left:right])
    return Piece(top, left, np.where(mine, strength[top:bottom, left:right], np.float32(0)))
