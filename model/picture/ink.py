"""Picture -> ink map: what is written, whatever the colours, the light and the polarity."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.picture.components import CLEAR, Components, Mask, connected_components
from model.picture.lid import beside_lid
from model.picture.morphology import dilated
from model.picture.paper import LEAST_CONTRAST, fit_surface, strong_departures, surface
from model.picture.printed_lines import without_printed_lines
from model.picture.quantiles import median
from model.picture.resampling import block_means, step_for
from model.picture.rings import without_ring
from model.picture.shadows import has_margin, has_steps, writing
from model.picture.sheet import find_sheet
from model.types import WHITE, Array, InkMap, Picture

_Floats = NDArray[np.float32]

MOST_PIXELS = 1_000_000
"""A larger picture is averaged in blocks down to this: a page's digits keep 20 pixels, and time is bounded."""
_PAPER_SAMPLES = 2_048  # six coefficients are fitted: more pixels cost time without adding precision
_SHEET_SAMPLES = 16_384  # edges of paper are long, and the smallest writing is wider than a step between these
_DIRECTION_SAMPLES = 65_536  # strokes are a small part of a picture, so it takes more pixels to hit some
_FAINTEST = 0.03  # of the pen's full strength: below this is shading
_NOISE = 2.0  # times the paper's noise: below this is noise; high enough for few specks, low enough for thin strokes
_SURELY, _HARDLY, _MOST_LOST = 0.8, 0.3, 0.05  # of the pen's full strength, and of what is surely ink
_SMALL_CONTRAST = 40.0  # of 255: what is small must be clear
_SMALLEST_STROKE = 5  # pixels: a longer thing than dust
_LEAST_SIGNAL = 5.5  # times the noise: fewer pixels of Gaussian noise lie beyond it than `_strongest` asks for


@dataclass(frozen=True)
class Ink:
    """The ink of a picture, at a scale of one pixel for each `factor` x `factor` block of the picture."""

    strength: InkMap
    factor: int

    @cached_property
    def written(self) -> Components:
        """The connected pieces of clear ink, which all that is sought is first sought among."""
        return connected_components(self.strength > CLEAR)

    @cached_property
    def unlined(self) -> InkMap:
        """`strength` without printed lines, which a strip and a digit are both sought in."""
        return without_printed_lines(self.strength, self.written)

    @property
    def inside_ring(self) -> "Ink":
        """The ink without a ring around what is written: itself where there is none."""
        return self._inside_ring or self

    @cached_property
    def _inside_ring(self) -> "Ink | None":
        # Not itself, which would keep it in memory until the garbage collector comes.
        inside = without_ring(self.strength, self.written)
        return None if inside is self.strength else Ink(inside, self.factor)


def find_ink(picture: Picture) -> Ink:
    """Return the ink of `picture`; all zero where there is only paper, shading or noise.

    picture: (H, W) grey or (H, W, 3) RGB, uint8 or float32, 0 to 255.
    Paper is a smooth surface (quadratic in x and y, for each colour), fitted to pixels found from the border's colour.
    Ink is what departs from it, measured along the colour in which the departures are strongest. So light on dark, dark
    on light, coloured pens, coloured paper and uneven light are all one case. Where more departs than a pen writes, the
    sheet is sought first, and ink is what stands on it; and a level of the paper that follows the edges of shadows.
    Raises ValueError where `picture` has another shape, no pixels, or values that are not finite.
    """
    pixels, factor = _reduced(checked(picture))
    smooth = fit_surface(_every(pixels, _PAPER_SAMPLES))
    departing = _departing(_every(pixels, _DIRECTION_SAMPLES), smooth)
    colour = _ink_colour(departing)
    if colour is None:
        return Ink(np.zeros(pixels.shape[:2], np.float32), factor)
    if departing.shape == (*pixels.shape[:2], 1):  # of every pixel, and along the only colour
        deviations = departing[:, :, 0] * colour
    else:
        deviations = _along(pixels, colour) - surface(smooth @ colour, *pixels.shape[:2])
    if has_margin(_sampled(deviations)):
        samples = _every(pixels, _SHEET_SAMPLES)
        sheet = find_sheet(samples)
        area = beside_lid(samples) if sheet is None else sheet.area
        if area is not None:
            return Ink(_on_sheet(pixels, _area(area, *pixels.shape[:2])), factor)
    return Ink(_in_any_light(pixels, deviations, colour), factor)


def _on_sheet(pixels: _Floats, area: Mask) -> InkMap:
    """Return the ink on the sheet `area` (H, W) in `pixels` (H, W, C); 0 beside it."""
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    cut = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    within, mine = pixels[cut], area[cut]
    smooth = fit_surface(_every(within, _PAPER_SAMPLES), _every(mine, _PAPER_SAMPLES))
    # As if the paper went on beside the sheet.
    paper = surface(smooth, *within.shape[:2])
    within = np.asarray(np.where(mine[:, :, None], within, paper), np.float32)
    ink = np.zeros(area.shape, np.float32)
    colour = _ink_colour(_departing(_every(within, _DIRECTION_SAMPLES), smooth))
    if colour is not None:
        departing = np.asarray((within - paper) @ colour, np.float32)
        ink[cut] = np.where(mine, _in_any_light(within, departing, colour), np.float32(0))
    return ink


def _in_any_light(pixels: _Floats, deviations: _Floats, colour: _Floats) -> InkMap:
    """Return the ink (H, W) of `pixels` (H, W, C), by `deviations` (H, W) from smooth paper, or from paper with steps.

    colour: (C,), in which the deviations are measured.
    """
    ink = _strength(deviations)
    if not has_steps(_sampled(deviations), pixels.shape):
        return ink
    written = writing(pixels, _every(pixels, _SHEET_SAMPLES))
    if written is None:
        return ink
    in_shadows = _strength(written.deviations)
    # Where strokes are wider than usual, as in a tight crop, they would be taken for a shadow.
    strong = ink > _SURELY
    lost = strong & (in_shadows < _HARDLY)
    same_polarity = float(written.pen @ colour) > 0
    return ink if same_polarity and lost.sum() > _MOST_LOST * strong.sum() else in_shadows


def _along(pixels: _Floats, colour: _Floats) -> _Floats:
    """Return how far each of `pixels` (H, W, C) goes along `colour` (C,): (H, W)."""
    if len(colour) == 1:  # a matrix product with so short an axis takes ten times as long
        return pixels[:, :, 0] * colour
    return pixels @ colour


def _sampled(deviations: _Floats) -> _Floats:
    """Return every n-th row and column of `deviations` (H, W), as many as the paper is fitted to."""
    return np.ascontiguousarray(_every(deviations, _PAPER_SAMPLES))


def _area(coarse: Mask, height: int, width: int) -> Mask:
    """Return a sheet's area (height, width), without its rim, of which `coarse` is every n-th row and column."""
    step = step_for(height * width, _SHEET_SAMPLES)
    inside = ~dilated(~coarse, 3)
    rows, columns = ((np.arange(n) // step).clip(0, m - 1) for n, m in zip((height, width), coarse.shape, strict=True))
    return np.asarray(inside[rows][:, columns])


def _strength(deviations: _Floats) -> InkMap:
    """Return the ink (H, W) of `deviations` from the paper, 0 to 1; all zero where they are noise."""
    height, width = deviations.shape
    noise = _noise(_sampled(deviations))
    least = max(LEAST_CONTRAST, _LEAST_SIGNAL * noise)
    # What touches the edge may be a rule, or the table under the paper, and may be darker than the pen.
    edge = margin(height, width)
    inner = deviations[edge : height - edge, edge : width - edge]
    full = _strongest(inner)
    if full < least:
        full = _strongest(deviations)
    full = max(full if full >= least else 0, _of_small_strokes(inner, max(_SMALL_CONTRAST, 2 * least, 2 * full)))
    if not full:
        return np.zeros_like(deviations)
    floor = max(_FAINTEST * full, _NOISE * noise)
    strength: InkMap = deviations - floor
    strength /= 0.9 * full - floor
    return np.clip(strength, 0, 1, out=strength)


def _of_small_strokes(deviations: _Floats, least: float) -> float:
    """Return the strength of strokes beyond `least` that are too small to count among all pixels; 0 where none is.

    A stroke hangs together, unlike dust and dead pixels.
    """
    beyond = deviations > least
    if not 0 < np.count_nonzero(beyond) <= _few(deviations.size):
        return 0.0
    strokes = connected_components(beyond)
    long = np.maximum(strokes.bottoms - strokes.tops, strokes.rights - strokes.lefts) >= _SMALLEST_STROKE
    return median(deviations[strokes.mask(long)]) if long.any() else 0.0


def margin(height: int, width: int) -> int:
    """Return how many pixels along a picture's edges may show a rule, a shadow or the table under the paper."""
    return min(height, width) // 12


def checked(picture: Picture) -> Picture:
    """Return `picture`; raise ValueError with a sentence on its shape or values where it is not a picture."""
    match picture.shape:
        case (height, width) | (height, width, 3) if height and width:
            pass
        case _:
            raise ValueError(f"picture must be (H, W) or (H, W, 3) with at least one pixel; got shape {picture.shape}")
    if picture.dtype != np.uint8:
        if not np.issubdtype(picture.dtype, np.floating):
            raise ValueError(f"picture must be uint8 or floating point, 0 to 255; got {picture.dtype}")
        low, high = float(picture.min()), float(picture.max())
        if not (low >= 0 and high <= WHITE):  # so that NaN is refused too
            raise ValueError(f"picture must have values from 0 to 255; got {low} to {high}")
    return picture


def _reduced(picture: Picture) -> tuple[_Floats, int]:
    """Return `picture` as (H', W', 1 or 3) float32, averaged in factor x factor blocks, and that factor."""
    colours = np.atleast_3d(picture)
    if all(np.array_equal(colours[:, :, 0], colours[:, :, channel]) for channel in range(1, colours.shape[2])):
        colours = colours[:, :, :1]  # grey, so that one channel is enough
    height, width, _ = colours.shape
    factor = min(step_for(height * width, MOST_PIXELS), height, width)
    return block_means(colours, factor), factor


def _every(pixels: Array, at_most: int) -> Array:
    """Return every n-th row and column of `pixels`, where n leaves about `at_most` pixels."""
    height, width = pixels.shape[:2]
    step = step_for(height * width, at_most)
    return pixels[min(step // 2, height - 1) :: step, min(step // 2, width - 1) :: step]


def _departing(samples: _Floats, paper: _Floats) -> _Floats:
    """Return how far each of `samples` (h, w, C) departs from the surface of `paper` (6, C)."""
    return samples - surface(paper, *samples.shape[:2])


def _ink_colour(departing: _Floats) -> _Floats | None:
    """Return the direction (C,) of unit length, from paper to ink; None where every pixel is exactly paper.

    departing: (h, w, C), how far pixels depart from the paper.
    """
    channels = departing.shape[2]
    strong, _ = strong_departures(departing.reshape(-1, channels))
    if not strong.any():
        return None
    colour = np.ones(1, np.float32) if channels == 1 else np.linalg.eigh(strong.T @ strong)[1][:, -1]
    along = strong @ colour
    return np.asarray(colour if (along * along * along).sum() > 0 else -colour, dtype=np.float32)


def _noise(deviations: _Floats) -> float:
    """Return the standard deviation of the paper, from the departures in the direction opposite to ink."""
    opposite = -deviations[deviations < 0]
    return 1.4826 * median(opposite) if len(opposite) else 0.0


def _strongest(deviations: _Floats) -> float:
    """Return the deviation that only a few pixels surpass: the full strength of the pen."""
    flat = deviations.flatten()
    few = _few(flat.size)
    flat.partition(-few)
    return float(flat[-few])


def _few(size: int) -> int:
    """Return how many of `size` pixels may be dust; one small code on a page of a million pixels has more."""
    return min(4 + size // 5_000, size)
