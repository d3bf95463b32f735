"""Picture -> the pen's ink alone, where a form's boxes or lines are printed in a colour of their own; and these."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.picture.ink import MOST_PIXELS, Ink, find_ink
from model.picture.resampling import step_for
from model.types import WHITE, InkMap, Picture

_SAMPLES = 65_536  # pixels that the two inks are told from
_LIGHT = 90  # of 255: on darker paper, light inks are not told apart
_COLOURED = 30  # of 255, between a pixel's channels: less is a camera's tint, or compression
_INKED = 0.25  # of absorbance, the log of paper by ink: more than light that falls off, less than pale boxes
_LEAST_SHARE = 0.05  # of the inked pixels: an ink with fewer is noise
_APART = 0.95  # the cosine between the colours of two inks: blue and black are further apart
_ROUNDS = 8  # until the two colours hardly move
_BEYOND = 0.08  # of the picture's sides: as far a stroke may reach beyond what is printed around it
_FULL = 0.9  # the share of the pen's pixels below its full strength


@dataclass(frozen=True)
class TwoInks:
    """A picture as two: with the pen's ink alone, and with what a form prints. Grey, 0 to 255, (H', W') float32.

    factor: of a large picture, only one pixel was taken of so many across and down.
    """

    pen: InkMap
    form: InkMap
    factor: int

    def ink_of(self, grey: InkMap) -> Ink:
        """Return the ink of `grey`, one of the two, at the scale of the picture that was parted."""
        ink = find_ink(grey)
        return Ink(ink.strength, ink.factor * self.factor)


def inks_apart(picture: Picture) -> TwoInks | None:
    """Return what the pen wrote in `picture`, and what is printed around it in a colour of its own.

    picture: (H, W, 3), 0 to 255, light paper. None where there is only one ink, or where neither surrounds the other.
    Ink absorbs light: the log of paper by pixel is the sum over the inks of how thick each is times its own colour. So
    the thickness of the pen's ink is what least squares finds, also where both lie over each other.
    Source: Ruifrok and Johnston 2001, "Quantification of histochemical staining by color deconvolution".
    """
    if picture.ndim == 2:
        return None
    factor = step_for(picture.shape[0] * picture.shape[1], MOST_PIXELS)
    picture = picture[factor // 2 :: factor, factor // 2 :: factor]
    height, width, _ = picture.shape
    step = step_for(height * width, _SAMPLES)
    seen = picture[::step, ::step].astype(np.float32)
    paper = np.median(seen.reshape(-1, 3), axis=0).astype(np.float32)
    if paper.min() < _LIGHT or not (seen.max(axis=2) - seen.min(axis=2) > _COLOURED).any():
        return None
    absorbed = _absorbance(seen, paper)
    strength = np.linalg.norm(absorbed, axis=2)
    y, x = np.nonzero(strength > _INKED)
    inks = _two_inks(absorbed[y, x] / strength[y, x, None])
    if inks is None:
        return None
    colours, owners = inks
    ends = [[_ends(places[owners == ink], n / step) for places, n in ((y, height), (x, width))] for ink in (0, 1)]
    around = [_surrounds(ends[ink], ends[1 - ink]) for ink in (0, 1)]
    if not any(around):
        return None
    # What reaches further on every side is the form's; where both reach as far, the one with more colour is.
    further = [_surrounds(ends[ink], ends[1 - ink], 0.0) for ink in (0, 1)]
    around = further if further[0] != further[1] else around
    form = int(np.argmax([a * (1 - colour.sum() / np.sqrt(3)) for a, colour in zip(around, colours, strict=True)]))
    absorbed, shares = _absorbance(picture.astype(np.float32), paper), np.linalg.pinv(colours)

    def alone(ink: int) -> InkMap:
        thickness = absorbed @ shares[:, ink]
        full = float(np.quantile(thickness[::step, ::step][y, x][owners == ink], _FULL))
        return np.asarray(WHITE * (1 - np.clip(thickness / max(full, _INKED), 0, 1)), np.float32)

    return TwoInks(alone(1 - form), alone(form), factor)


def _absorbance(pixels: NDArray[np.float32], paper: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log of `paper` (3,) by `pixels` (…, 3), at least 0."""
    return np.asarray(np.maximum(0, np.log((paper + 1) / (pixels + 1))), np.float32)


def _two_inks(directions: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]] | None:
    """Return the colours (2, 3) of two inks, unit vectors, and each pixel's ink (n,); None where there is one ink.

    directions: (n, 3), the unit vectors of the pixels' absorbance. The two means are those of k-means by angle.
    """
    if len(directions) == 0:
        return None
    greyness = directions.sum(axis=1)
    colours = np.stack([directions[greyness.argmin()], directions[greyness.argmax()]])
    owners = np.zeros(len(directions), np.int64)
    for _ in range(_ROUNDS):
        owners = (directions @ colours.T).argmax(axis=1)
        if min((owners == 0).sum(), (owners == 1).sum()) < max(1, _LEAST_SHARE * len(owners)):
            return None
        means = np.stack([directions[owners == ink].mean(axis=0) for ink in (0, 1)])
        colours = means / np.linalg.norm(means, axis=1, keepdims=True)
    return None if colours[0] @ colours[1] > _APART else (colours, owners)


def _ends(places: NDArray[np.int64], n: int) -> tuple[float, float]:
    """Return where nearly all of `places` begin and end, as shares of `n`."""
    low, high = np.quantile(places, (0.02, 0.98))
    return float(low) / n, float(high) / n


def _surrounds(
    outer: list[tuple[float, float]], inner: list[tuple[float, float]], beyond: float = _BEYOND
) -> bool:  # fmt: skip
    """Return whether `outer` reaches as far as `inner`, less `beyond`, on all four sides, both as `_ends`."""
    return all(
        out[0] <= within[0] + beyond and out[1] >= within[1] - beyond for out, within in zip(outer, inner, strict=True)
    )
