"""Picture -> ink map: what is written, whatever the colours, the light and the polarity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.types import InkMap, Picture

_Floats = NDArray[np.float32]

WHITE = 255
"""The greatest value of a pixel."""
MOST_PIXELS = 1_000_000
"""A larger picture is averaged in blocks down to this: a page's digits keep 20 pixels, and time is bounded."""
_PAPER_SAMPLES = 2_048  # six coefficients are fitted: more pixels cost time without adding precision
_DIRECTION_SAMPLES = 65_536  # strokes are a small part of a picture, so it takes more pixels to hit some
_LEAST_PAPER = 0.2  # of a picture: a thick 0 in a tight crop leaves more, and a frame around the picture is less
_BORDER = 6  # of the shorter side: a border this deep is mostly paper, even where a rule runs along it
_NEAR = 0.3  # of the strongest departure: shading is below this, the inside of a stroke above
_FAINTEST = 0.03  # of the pen's full strength: below this is shading
_NOISE = 2.0  # times the paper's noise: below this is noise; high enough for few specks, low enough for thin strokes
_LEAST_CONTRAST = 8.0  # of 255: below this is compression, not ink
_LEAST_SIGNAL = 5.5  # times the noise: fewer pixels of Gaussian noise lie beyond it than `_strongest` asks for


@dataclass(frozen=True)
class Ink:
    """The ink of a picture, at a scale of one pixel for each `factor` x `factor` block of the picture."""

    strength: InkMap
    factor: int


def find_ink(picture: Picture) -> Ink:
    """Return the ink of `picture`; all zero where there is only paper, shading or noise.

    picture: (H, W) grey or (H, W, 3) RGB, uint8 or float32, 0 to 255.
    Paper is a smooth surface (quadratic in x and y, for each colour), fitted to pixels found from the border's colour.
    Ink is what departs from it, measured along the colour in which the departures are strongest. So light on dark, dark
    on light, coloured pens, coloured paper and uneven light are all one case.
    Raises ValueError where `picture` has another shape, no pixels, or values that are not finite.
    """
    pixels, factor = _reduced(checked(picture))
    height, width, _ = pixels.shape
    nothing = Ink(np.zeros((height, width), dtype=np.float32), factor)

    paper = _fit_paper(_every(pixels, _PAPER_SAMPLES))
    colour = _ink_colour(_every(pixels, _DIRECTION_SAMPLES), paper)
    if colour is None:
        return nothing
    deviations = pixels @ colour - _surface(paper @ colour, height, width)
    noise = _noise(_every(deviations[:, :, None], _PAPER_SAMPLES))
    least = max(_LEAST_CONTRAST, _LEAST_SIGNAL * noise)
    # What touches the edge may be a rule, or the table under the paper, and may be darker than the pen.
    edge = margin(height, width)
    full = _strongest(deviations[edge : height - edge, edge : width - edge])
    if full < least:
        full = _strongest(deviations)
    if full < least:
        return nothing
    floor = max(_FAINTEST * full, _NOISE * noise)
    return Ink(np.clip((deviations - floor) / (0.9 * full - floor), 0, 1), factor)


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
    height, width, channels = colours.shape
    factor = max(1, int(np.ceil(np.sqrt(height * width / MOST_PIXELS))))
    factor = min(factor, height, width)
    if factor == 1:
        return colours.astype(np.float32), 1
    rows, columns = height // factor, width // factor
    total = np.zeros((rows, columns, channels), dtype=np.float32)
    for y in range(factor):
        for x in range(factor):
            total += colours[y : rows * factor : factor, x : columns * factor : factor]
    return total / (factor * factor), factor


def _every(pixels: _Floats, at_most: int) -> _Floats:
    """Return every n-th row and column of `pixels`, where n leaves about `at_most` pixels."""
    height, width, _ = pixels.shape
    step = max(1, int(np.ceil(np.sqrt(height * width / at_most))))
    return pixels[min(step // 2, height - 1) :: step, min(step // 2, width - 1) :: step]


def _powers(n: int) -> _Floats:
    """Return 1, t and t squared (n, 3) at the centres of `n` pixels that span t from -1 to 1."""
    t = ((2 * np.arange(n) + 1) / n - 1).astype(np.float32)
    return np.stack([np.ones_like(t), t, t * t], axis=1)


def _surface(coefficients: _Floats, height: int, width: int) -> _Floats:
    """Return the quadratic surface (height, width, ...) with `coefficients` (6, ...) of 1, x, x2, y, xy, y2."""
    one, x, xx, y, xy, yy = coefficients
    zero = np.zeros_like(one)
    by_powers = np.array([[one, x, xx], [y, xy, zero], [yy, zero, zero]], dtype=np.float32)
    along_rows = np.tensordot(by_powers, _powers(width), axes=(1, 1))  # (3, ..., width)
    surface = np.tensordot(_powers(height), along_rows, axes=(1, 0))  # (height, ..., width)
    return np.moveaxis(surface, -1, 1)


def _fit_paper(samples: _Floats) -> _Floats:
    """Return the paper's surface, (6, C) coefficients, from a grid of `samples` (h, w, C), some of which are ink."""
    height, width, channels = samples.shape
    y, x = (axis[:, :, None] for axis in np.meshgrid(_powers(height)[:, 1], _powers(width)[:, 1], indexing="ij"))
    basis = np.concatenate([np.ones_like(x), x, x * x, y, x * y, y * y], axis=2).reshape(-1, 6).astype(np.float64)
    values = samples.reshape(-1, channels).astype(np.float64)
    # A thick digit that fills its crop touches each side in the middle: paper shows towards the corners.
    rows, columns = _towards_ends(height), _towards_ends(width)
    # Several rows deep, because a rule may run along the edge.
    deep = max(1, min(height, width) // _BORDER)
    horizontal, vertical = samples[:, columns], samples[rows]
    border = np.concatenate(
        [
            each.reshape(-1, channels)
            for each in (horizontal[:deep], horizontal[-deep:], vertical[:, :deep], vertical[:, -deep:])
        ]
    )

    # Light varies little over a small crop, whose few pixels could bend the surface into the ink: slopes are penalised.
    stiffness = np.diag([0.0, 1, 1, 1, 1, 1]) * 0.001 * len(values)
    paper: NDArray[np.floating] = np.zeros((6, channels))
    paper[0] = np.median(border, axis=0)
    if _near(values - basis @ paper).mean() < _LEAST_PAPER:
        paper[0] = np.median(values, axis=0)  # a frame runs round the picture
    before = None
    for _ in range(5):
        near = _near(values - basis @ paper)
        if before is not None and np.array_equal(near, before):
            break  # the same pixels give the same surface
        before = near
        chosen = basis * near[:, None]
        paper = np.linalg.solve(chosen.T @ basis + stiffness, chosen.T @ values)
    return np.asarray(paper, dtype=np.float32)


def _towards_ends(n: int) -> NDArray[np.int64]:
    """Return the first and the last quarter of the positions 0 to n - 1, each with at least one."""
    quarter = max(1, n // 4)
    return np.concatenate([np.arange(quarter), np.arange(n - quarter, n)])


def _near(deviations: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which pixels depart little from the paper, compared with those that depart most: (n,) bool from (n, C)."""
    distances = _distances(deviations)
    nearly_all = int(0.99 * (len(distances) - 1))
    strong = float(np.partition(distances, nearly_all)[nearly_all])
    return np.asarray(distances <= max(_NEAR * strong, _LEAST_CONTRAST, distances.min()))  # one pixel at least


def _distances(deviations: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return each pixel's greatest departure in any of its colours: (n,) from (n, C)."""
    # Channel by channel: NumPy's reduction along such a short axis takes ten times as long.
    distances: NDArray[np.floating] = np.maximum.reduce([np.abs(channel) for channel in deviations.T])
    return distances


def _ink_colour(samples: _Floats, paper: _Floats) -> _Floats | None:
    """Return the direction (C,) of unit length, from paper to ink; None where every pixel is exactly paper."""
    deviations = (samples - _surface(paper, *samples.shape[:2])).reshape(-1, samples.shape[2])
    distances = _distances(deviations)
    few = min(4, len(distances))  # so that no single pixel decides
    strong = deviations[distances >= np.partition(distances, -few)[-few] / 2]
    values, vectors = np.linalg.eigh(strong.T @ strong)
    if values[-1] <= 0:
        return None
    colour = vectors[:, -1]
    along = strong @ colour
    return np.asarray(colour if (along**3).sum() > 0 else -colour, dtype=np.float32)


def _noise(deviations: _Floats) -> float:
    """Return the standard deviation of the paper, from the departures in the direction opposite to ink."""
    opposite = -deviations[deviations < 0]
    return 1.4826 * float(np.median(opposite)) if len(opposite) else 0.0


def _strongest(deviations: _Floats) -> float:
    """Return the deviation that only a few pixels surpass: the full strength of the pen."""
    flat = deviations.ravel()
    few = min(4 + flat.size // 5_000, flat.size)  # one small code on a page of a million pixels has more than this many
    return float(np.partition(flat, -few)[-few])
