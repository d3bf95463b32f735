"""Ink -> the bars in it, the writing beside them, and how high a digit is: what shows whether a bar is printed."""

from dataclasses import dataclass, replace

import numpy as np

from model.picture.bars import WRITTEN, Bar, Mask, along, beside, erase, repeated, whole
from model.picture.components import CLEAR, Components, connected_components, cut_by_edge
from model.picture.line_search import find_bars
from model.types import InkMap

_THICKEST, _THICKEST_PIXELS = 0.09, 10  # of the picture's shorter side, at most in pixels
_LEVEL_SHARE, _LEAST_PIXELS = 0.2, 8  # of the ink's width: a line has ink on so much, or it is not looked at
_UPRIGHT_SHARE, _ONLY_UPRIGHT_SHARE = 0.3, 0.7  # of the ink's height; the other where nothing is level
_LEAST_HEIGHT = 0.3  # of the ink's shorter side: a digit is not lower, or lines are all there is
_SPECK = 0.2  # of a digit's height: smaller pieces are left where lines cross
_ON = 3  # pixels beyond a bar's end: a stroke may go on there
_CHAIN, _GROWN = 3, 1.5  # strokes hang together with strokes; so much higher is what they show if they were missing

# In heights of a digit.
LEAST_LINE = 0.8
"""No bar of a pen that stands alone is as long: the longest are those of a 5 or a 7."""
LONGER_THAN_STROKES = 1.15
"""No straight stroke is longer, but those of an uneven hand."""
_STROKE_PIECES = 5.0  # what is left of a digit without its straight strokes is not much lower than this


@dataclass(frozen=True)
class Sheet:
    """A picture's bars and what is left without them.

    writing: (H, W) bool, the ink beside the bars. beside_level, beside_upright: (H, W) bool, what hangs together with
    it, once the upright or the level bars are gone. height: of a digit. level, upright: the bars; the upright ones lie
    in the transposed picture.
    """

    writing: Mask
    beside_level: Mask
    beside_upright: Mask
    height: float
    level: list[Bar]
    upright: list[Bar]


def sheet_of(seen: InkMap, written: Components) -> Sheet | None:
    """Return the bars in `seen` (H, W), whose clear ink is `written`, some at least; None where it has no bars."""
    top, bottom, left, right = written.box
    height, width = bottom - top, right - left
    one_figure = _is_one_figure(written, seen.shape)
    # Lines are sought in what may be one, however faint; in a figure that is hardly wider than high, none is too long.
    if one_figure and max(_extent(seen > WRITTEN)) < LONGER_THAN_STROKES * height:
        return None
    thickest = max(3, min(_THICKEST_PIXELS, round(_THICKEST * min(seen.shape))))
    level = find_bars(seen, thickest, max(_LEAST_PIXELS, round(_LEVEL_SHARE * width)))
    rest = seen.copy()
    for bar in level:
        erase(rest, bar)
    slope = -max(level, key=lambda bar: bar.length).slope if level else None
    share = _UPRIGHT_SHARE if level else _ONLY_UPRIGHT_SHARE
    upright = find_bars(rest.T, thickest, max(_LEAST_PIXELS, round(share * height)), slope)
    least = max(_LEAST_HEIGHT * min(height, width), _untouched(written, level, upright, len(seen)))
    if not _any_long(level, upright, least, len(seen)):
        return None
    if one_figure:
        least = float(height)
        if all(bar.length < LONGER_THAN_STROKES * least for bar in [*level, *upright]):
            return None
    bare = _erased(rest, upright)
    pieces = connected_components(bare > CLEAR)
    high = _tallest(pieces, least, len(seen))
    writing = _substantial(pieces, high)
    if not writing.any():
        high = float(max(bar.length for bar in [*upright, *level]))
    elif not _any_long(level, upright, high, len(seen)):  # nor will any be, since what follows only adds to the height
        return None
    else:
        high = _height(seen, bare, level, upright, high, writing)
    if not _any_long(level, upright, high, len(seen)):
        return None
    # Short bars are a digit's strokes, unless they stand alone; upright, they may be the teeth of a comb.
    short = [bar for bar in level if not _may_be_line(bar, level, high)]
    level = [bar for bar in level if bar not in short]
    if short:
        rest = seen.copy()
        for bar in level:
            erase(rest, bar)
        bare = _erased(rest, upright)
        pieces = connected_components(bare > CLEAR)
    writing = _substantial(pieces, high)
    strokes = _strokes(upright, writing.T, high)
    if strokes:
        writing = _substantial(connected_components(_with(bare.T, strokes, seen.T).T > CLEAR), high)
    upright = [bar for bar in upright if bar not in strokes]
    return Sheet(writing, *_beside(seen, rest, writing, upright, written), high, level, upright)


def _beside(
    seen: InkMap, rest: InkMap, writing: Mask, upright: list[Bar], written: Components
) -> tuple[Mask, Mask]:  # fmt: skip
    """Return what hangs together with `writing` in `seen` without `upright` bars, and in `rest`, without level ones.

    All (H, W). written: the clear ink in `seen`.
    """
    if not upright:  # then nothing is gone, and the other is not asked for
        return _connected(written, writing), writing
    beside_level, beside_upright = (
        _connected(connected_components((ink > CLEAR) | writing), writing) for ink in (_erased(seen, upright), rest)
    )
    return beside_level, beside_upright


def _extent(mask: Mask) -> tuple[int, int]:
    """Return the height and width of the box around what is set in `mask` (H, W); 0 where nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1) if len(rows) else (0, 0)


def _is_one_figure(written: Components, shape: tuple[int, ...]) -> bool:
    """Return whether what is `written` hangs together, specks left out, with paper on all sides: one digit.

    Without its bars, such a digit would seem too low for them to be its own. shape: (H, W), of the picture.
    """
    return not cut_by_edge(written, shape).any() and written.hang_together


def _may_be_line(bar: Bar, level: list[Bar], height: float) -> bool:
    """Return whether a bar among `level` ones is longer than the strokes of digits of `height`, dashed, or repeated."""
    return bar.length >= LEAST_LINE * height or bool(bar.period) or repeated(bar, level)


def _any_long(level: list[Bar], upright: list[Bar], height: float, side: int) -> bool:
    """Return whether any bar may be a line beside digits of `height`; upright lines alone are long or as `side`."""
    return any(_may_be_line(bar, level, height) for bar in level) or any(
        bar.length >= LONGER_THAN_STROKES * height or whole(bar, side) for bar in upright
    )


def _height(
    seen: InkMap, bare: InkMap, level: list[Bar], upright: list[Bar], high: float, writing: Mask
) -> float:  # fmt: skip
    """Return the height of a digit in `seen` (H, W), which is `bare` (H, W) without bars and `high` in that.

    Bars that hang together with other `writing` (H, W), and are not much longer than it is high, are counted with it.
    """
    for _ in range(_CHAIN):
        strokes, bars = _strokes(upright, writing.T, high), _strokes(level, writing, high)
        if not strokes and not bars:
            return high
        pieces = connected_components(_with(_with(bare, bars, seen).T, strokes, seen.T).T > CLEAR)
        found = _tallest(pieces, high, len(seen))
        writing = _substantial(pieces, found)
        if found <= _GROWN * high:
            return found
        high = found
    return high


def _erased(ink: InkMap, upright: list[Bar]) -> InkMap:
    """Return `ink` (H, W) without `upright` bars."""
    rest = ink.copy()
    for bar in upright:
        erase(rest.T, bar)
    return rest


def _strokes(bars: list[Bar], writing: Mask, height: float) -> list[Bar]:
    """Return those of `bars` that hang together with `writing` (H, W) and are not much longer than its `height`."""
    side = writing.shape[1]
    return [
        bar
        for bar in bars
        if bar.length <= _STROKE_PIECES * height
        and not whole(bar, side)
        and not repeated(bar, bars)
        and _hangs(bar, writing)
    ]


def _hangs(bar: Bar, writing: Mask) -> bool:
    """Return whether there is `writing` (H, W) close to `bar`, or where it ends."""
    longer = replace(bar, first=max(0, bar.first - _ON), end=min(writing.shape[1], bar.end + _ON))
    return bool(beside(longer, writing, bar.thickness // 2 + 2).sum() >= 2)


def _with(ink: InkMap, bars: list[Bar], seen: InkMap) -> InkMap:
    """Return `ink` (H, W) with `bars` as they are in `seen`."""
    if not bars:
        return ink
    filled = ink.copy()
    for bar in bars:
        strip = along(seen, bar, bar.thickness + 1)
        inside = (strip.rows >= 0) & (strip.rows < len(seen))
        columns = np.broadcast_to(bar.columns(), strip.rows.shape)
        filled[strip.rows[inside], columns[inside]] = strip.ink[inside]
    return filled


def _tallest(pieces: Components, least: float, side: int) -> float:
    """Return the height of the tallest of `pieces` in a picture of `side` rows, or `least` where that is more."""
    heights = pieces.bottoms - pieces.tops
    inside = (pieces.tops > 0) | (pieces.bottoms < side)  # else it may be a line that was not found
    return float(max(heights[inside].max(initial=0) or heights.max(initial=0), least))


def _untouched(written: Components, level: list[Bar], upright: list[Bar], side: int) -> float:
    """Return the height of the tallest piece of what is `written` that no bar touches; 0 where there is none.

    It stays as it is when the bars are erased, so a digit is no lower. side: rows of the picture.
    """
    rows, columns = (written.tops, written.bottoms), (written.lefts, written.rights)
    touched = (written.tops == 0) & (written.bottoms == side)  # as in `_tallest`
    for bars, (tops, bottoms), (lefts, rights) in ((level, rows, columns), (upright, columns, rows)):
        for bar in bars:
            highest, lowest = sorted((bar.row(bar.first), bar.row(bar.end)))
            reach = bar.reach + 1  # places are rounded
            across = (tops <= lowest + reach) & (bottoms >= highest - reach)
            touched |= across & (lefts < bar.end) & (rights > bar.first)
    return float((written.bottoms - written.tops)[~touched].max(initial=0))


def _substantial(pieces: Components, height: float) -> Mask:
    """Return the ink (H, W) bool of those `pieces` that are no specks beside digits of `height`."""
    return pieces.mask(pieces.sizes >= _SPECK * height)


def _connected(pieces: Components, writing: Mask) -> Mask:
    """Return those of `pieces` (H, W) that hang together with `writing` (H, W)."""
    chosen = np.zeros(len(pieces) + 1, np.bool_)
    chosen[pieces.labels[writing]] = True
    return pieces.mask(chosen[1:])
