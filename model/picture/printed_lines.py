"""Ink -> the same without what is printed: rules, underlines, squared paper, frames, the boxes and combs of a form."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.picture.components import Components, connected_components
from model.picture.line_search import Bar, Mask, along, erase, find_bars, stretches
from model.types import InkMap

_LEAST_SIDE = 12  # pixels: in a smaller picture a stroke is no thicker than a line
_MOST_PIXELS = 160_000  # lines are sought at a scale of at most so many, so that time is bounded
_THICKEST, _THICKEST_PIXELS = 0.09, 10  # of the picture's shorter side, at most in pixels of that scale
_CLEAR = 0.12  # of the pen's full strength: writing, not a faint edge

# Shares of the ink's extent that a line must have ink on to be looked at.
_LEVEL_SHARE, _UPRIGHT_SHARE, _ONLY_UPRIGHT_SHARE, _LEAST_PIXELS = 0.2, 0.3, 0.7, 8

# All of these are in heights of a digit. No stroke of a pen reaches them: the bar of a 7 or a 2 is at most 0.75 long,
# hardly 0.6 of it with nothing of the digit below or above, and at one end it hangs together with the rest.
_NAKED = 0.8
_ENDS = 0.25
_ALONE_LEVEL, _ALONE_UPRIGHT, _TALL = 0.8, 1.35, 1.6
_STROKE = 1.15
_STROKE_PIECES = 5.0
_TOUCHED = 0.4
_LEAST_TEETH = 3
_CHAIN, _GROWN = 3, 1.5
_REPEATED = 2
_ON = 3
_LEAST_HEIGHT = 0.3
_STRONGER, _FAINTEST = 1.3, 0.1  # times a line's strength, and of the pen's: stronger ink is the pen's
_SIDE_TO_SIDE = 0.1
_ROW = 2.0  # a line through several digits fills the gaps between them
_CORNER = 0.3
_SPECK = 0.2
_LEFT = 0.05  # of the ink: a line that is nearly all there is is a 1


def without_printed_lines(strength: InkMap) -> InkMap:
    """Return `strength` (H, W) without straight lines that no pen wrote; where a stroke crosses one, the stroke stays.

    A bar is a line, and not a stroke, where it shows that no digit has such a stroke: it goes on where no digit is, in
    the gaps between digits or beyond their ends; it stands alone below or above them; or it closes a box with others.
    In doubt it stays. The picture may be askew by up to 5.7 degrees.
    """
    if min(strength.shape) < _LEAST_SIDE:
        return strength
    factor = int(np.ceil(np.sqrt(strength.size / _MOST_PIXELS)))
    seen = block_maxima(strength, factor)
    cleaned = _without(seen)
    if cleaned is None:
        return strength
    erased = np.repeat(np.repeat(cleaned != seen, factor, axis=0), factor, axis=1)
    return np.where(erased[: strength.shape[0], : strength.shape[1]], np.float32(0), strength)


def block_maxima(strength: InkMap, factor: int) -> InkMap:
    """Return the greatest of each `factor` x `factor` block, (ceil(H / factor), ceil(W / factor))."""
    if factor == 1:
        return strength
    height, width = (-(-n // factor) * factor for n in strength.shape)
    padded = np.zeros((height, width), np.float32)
    padded[: strength.shape[0], : strength.shape[1]] = strength
    maxima: InkMap = padded.reshape(height // factor, factor, width // factor, factor).max(axis=(1, 3))
    return maxima


@dataclass(frozen=True)
class _Sheet:
    """A picture's bars and what is left without them.

    writing: (H, W) bool, the ink beside the bars. beside_level, beside_upright: (H, W) bool, the ink that hangs together
    with writing, once the upright or the level bars are gone. height: of a digit. level, upright: the bars; upright ones
    in the transposed picture.
    """

    writing: Mask
    beside_level: Mask
    beside_upright: Mask
    height: float
    level: list[Bar]
    upright: list[Bar]


def _without(seen: InkMap) -> InkMap | None:
    """Return `seen` (H, W) without its printed lines; None where it has none."""
    sheet = _sheet(seen)
    if sheet is None:
        return None
    lines, sides = printed(sheet)
    if not lines and not sides:
        return None
    cleaned = seen.copy()
    for bar in lines:
        erase(cleaned, bar)
    for bar in sides:
        erase(cleaned.T, bar)
    _erase_corners(cleaned, lines, sides, _CORNER * sheet.height)
    return cleaned if cleaned.sum() >= _LEFT * seen.sum() else None


def printed(sheet: _Sheet) -> tuple[list[Bar], list[Bar]]:
    """Return the level and the upright bars that are printed."""
    strokes: set[int] = set()
    while True:
        level, upright = _proven_bars(sheet, strokes)
        lines = [bar for bar, proven in zip(sheet.level, level, strict=True) if proven]
        sides = [bar for bar, proven in zip(sheet.upright, upright, strict=True) if proven]
        sides += _teeth(sheet, lines)
        others = [bar for bar in sheet.upright if bar not in sides]
        # A short bar that hangs together with an upright stroke is the bar of a 7.
        found = {
            number
            for number, bar in enumerate(sheet.level)
            if level[number] and bar.length < _TALL * sheet.height and any(_touch(bar, other) for other in others)
        }
        if not found:
            return lines, sides
        strokes |= found


def _proven_bars(sheet: _Sheet, strokes: set[int]) -> tuple[list[bool], list[bool]]:
    """Return which level and which upright bars are printed, where the level ones of numbers `strokes` are not."""
    level = [
        number not in strokes and _proven(bar, sheet.writing, sheet.beside_level, sheet.height)
        for number, bar in enumerate(sheet.level)
    ]
    upright = [_upright_proven(bar, sheet) for bar in sheet.upright]
    _prove_rows(sheet, level)
    apart = [
        bar for bar, proven in zip(sheet.level, level, strict=True) if proven and not _attached(bar, sheet.beside_level)
    ]
    if len(apart) >= _REPEATED:  # other lines look like these, and strokes of the pen do not
        for number, bar in enumerate(sheet.level):
            level[number] &= _whole(bar, sheet.writing.shape[1]) or any(_printed_like(bar, other) for other in apart)
    for prove in (_prove_boxes, _prove_repeated, _prove_boxes):
        prove(sheet, level, upright)
        for number in strokes:
            level[number] = False
    return level, upright


def _touch(bar: Bar, other: Bar) -> bool:
    """Return whether `bar` and `other`, at right angles to it, touch or cross."""
    reach = (bar.thickness + other.thickness) / 2 + 1
    column = other.row(bar.row((bar.first + bar.end) / 2))
    row = bar.row(column)
    return bool(bar.first - reach <= column <= bar.end + reach and other.first - reach <= row <= other.end + reach)


def _sheet(seen: InkMap) -> _Sheet | None:
    """Return the bars in `seen` (H, W) and the writing beside them; None where it has no bars."""
    inked = seen > _CLEAR
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if len(rows) == 0:
        return None
    height, width = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    thickest = max(3, min(_THICKEST_PIXELS, round(_THICKEST * min(seen.shape))))
    level = find_bars(seen, thickest, max(_LEAST_PIXELS, round(_LEVEL_SHARE * width)))
    rest = seen.copy()
    for bar in level:
        erase(rest, bar)
    slope = -max(level, key=lambda bar: bar.length).slope if level else None
    share = _UPRIGHT_SHARE if level else _ONLY_UPRIGHT_SHARE
    upright = find_bars(rest.T, thickest, max(_LEAST_PIXELS, round(share * height)), slope)
    if not level and not upright:
        return None
    high = _height(seen, _erased(rest, upright), level, upright, _LEAST_HEIGHT * min(height, width))
    # Short bars are a digit's strokes, unless they stand alone; upright, they may be the teeth of a comb.
    short = [bar for bar in level if bar.length < _ALONE_LEVEL * high and not bar.period and not _repeated(bar, level)]
    level = [bar for bar in level if bar not in short]
    if not level and all(bar.length < _STROKE * high and not _whole(bar, len(seen)) for bar in upright):
        return None
    if short:
        rest = seen.copy()
        for bar in level:
            erase(rest, bar)
    bare = _erased(rest, upright)
    writing = _substantial(bare, _SPECK * high)
    strokes = _strokes(upright, writing.T, high)
    if strokes:
        writing = _substantial(_with(bare.T, strokes, seen.T).T, _SPECK * high)
    upright = [bar for bar in upright if bar not in strokes]
    beside = _connected(_erased(seen, upright), writing), _connected(rest, writing)
    return _Sheet(writing, *beside, high, level, upright)


def _height(seen: InkMap, bare: InkMap, level: list[Bar], upright: list[Bar], least: float) -> float:
    """Return the height of a digit, at least `least`, in `seen` (H, W), which is `bare` (H, W) without bars.

    Bars that hang together with other writing, and are not much longer than it is high, are counted with it.
    """
    high, writing = _measured(bare, least)
    if not writing.any():
        return float(max(bar.length for bar in [*upright, *level]))
    for _ in range(_CHAIN):
        strokes, bars = _strokes(upright, writing.T, high), _strokes(level, writing, high)
        if not strokes and not bars:
            return high
        found, writing = _measured(_with(_with(bare, bars, seen).T, strokes, seen.T).T, high)
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
        and not _whole(bar, side)
        and not _repeated(bar, bars)
        and _hangs(bar, writing)
    ]


def _hangs(bar: Bar, writing: Mask) -> bool:
    """Return whether there is `writing` (H, W) close to `bar`, or where it ends."""
    longer = replace(bar, first=max(0, bar.first - _ON), end=min(writing.shape[1], bar.end + _ON))
    return bool(_beside(longer, writing, bar.thickness // 2 + 2).sum() >= 2)


def _repeated(bar: Bar, bars: list[Bar]) -> bool:
    """Return whether there are two others like `bar` among `bars`, which include it."""
    return sum(_alike(bar, other) for other in bars) > _REPEATED


def _printed_like(bar: Bar, line: Bar) -> bool:
    """Return whether `bar` is no stronger and no thicker than `line`: stronger ink is the pen's."""
    return bar.level <= _STRONGER * line.level + _FAINTEST and bar.thickness <= line.thickness + 1


def _alike(bar: Bar, other: Bar) -> bool:
    """Return whether two bars are as long and as thick, and of the same strength, as those of one printed form are."""
    return abs(bar.length - other.length) <= 2 and _printed_like(bar, other) and _printed_like(other, bar)


def _whole(bar: Bar, side: int) -> bool:
    """Return whether `bar` runs from one side of the picture to the other, which are `side` pixels apart."""
    return bar.first <= 2 and bar.end >= side - 2


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


def _measured(ink: InkMap, least: float) -> tuple[float, Mask]:
    """Return the height of the tallest component of `ink` (H, W), at least `least`, and which ink is no speck."""
    components = connected_components(ink > _CLEAR)
    heights = components.bottoms - components.tops
    inside = (components.tops > 0) | (components.bottoms < len(ink))  # else it may be a line that was not found
    high = float(max(heights[inside].max(initial=0) or heights.max(initial=0), least))
    return high, components.mask(_sizes(components) >= _SPECK * high)


def _substantial(ink: InkMap, least: float) -> Mask:
    """Return the clear ink (H, W) bool in components that are at least `least` pixels high or wide."""
    components = connected_components(ink > _CLEAR)
    return components.mask(_sizes(components) >= least)


def _sizes(components: Components) -> NDArray[np.int64]:
    return np.asarray(np.maximum(components.bottoms - components.tops, components.rights - components.lefts))


def _connected(ink: InkMap, writing: Mask) -> Mask:
    """Return the clear ink (H, W) that hangs together with `writing` (H, W)."""
    components = connected_components((ink > _CLEAR) | writing)
    chosen = np.zeros(len(components) + 1, np.bool_)
    chosen[components.labels[writing]] = True
    return components.mask(chosen[1:])


def _beside(bar: Bar, writing: Mask, reach: int) -> Mask:
    """Return, for each of the bar's columns, whether there is `writing` (H, W) within `reach` rows of its middle."""
    rows = np.round(bar.start + bar.slope * bar.columns()).astype(np.int64)
    low = max(0, int(rows.min()) - reach)
    part = writing[low : int(rows.max()) + reach + 1, bar.first : bar.end]
    sums = np.zeros((len(part) + 1, bar.length), np.int32)
    np.cumsum(part, axis=0, out=sums[1:])
    at = np.arange(bar.length)
    above, below = (np.clip(rows + edge - low, 0, len(part)) for edge in (-reach, reach + 1))
    return np.asarray(sums[below, at] > sums[above, at])


def _attached(bar: Bar, beside: Mask) -> bool:
    """Return whether `bar` hangs together with the ink `beside` (H, W): of a dashed line, many of the dashes."""
    touched = _beside(bar, beside, bar.thickness // 2)
    if not bar.period:
        return bool(touched.sum() >= 2)
    dashes = len(np.unique((np.flatnonzero(touched) / bar.period).astype(np.int64)))
    return bool(dashes > _TOUCHED * bar.length / bar.period)


def _proven(bar: Bar, writing: Mask, beside: Mask, height: float) -> bool:
    """Return whether a level `bar` alone shows that it is printed, next to `writing` (H, W) with digits of `height`."""
    if not _attached(bar, beside) and bar.length >= _ALONE_LEVEL * height:
        return True
    if bar.period or bar.length < _STROKE * height:
        return _side_to_side(bar, writing, height)
    naked = stretches(~_beside(bar, writing, round(height)), 0)
    return any(end - first >= _NAKED * height for first, end in naked) or _least_end(naked, bar) >= _ENDS * height


def _side_to_side(bar: Bar, writing: Mask, height: float) -> bool:
    """Return whether `bar` crosses the whole picture, and does so beyond the `writing` (H, W) at both ends."""
    if not _whole(bar, writing.shape[1]):
        return False
    naked = stretches(~_beside(bar, writing, round(height)), 0)
    return _least_end(naked, bar) >= max(_SIDE_TO_SIDE * height, bar.thickness + 1)


def _least_end(naked: list[tuple[int, int]], bar: Bar) -> int:
    """Return how many columns at either end of `bar`, at least, are in one of the `naked` stretches."""
    if not naked:
        return 0
    (first, end), (last, final) = naked[0], naked[-1]
    return min(end if first == 0 else 0, bar.length - last if final == bar.length else 0)


def _upright_proven(bar: Bar, sheet: _Sheet) -> bool:
    """Return whether an upright `bar` alone shows that it is printed."""
    writing, height = sheet.writing.T, sheet.height
    if _side_to_side(bar, writing, height):
        return True
    if _attached(bar, sheet.beside_upright.T):
        return not bar.period and bar.length >= _TALL * height
    if bar.period:
        return bar.length >= _ALONE_LEVEL * height
    # A 1 beside small marks is higher than they are.
    return bar.length >= _ALONE_UPRIGHT * height and sheet.writing.sum() >= bar.length * bar.thickness


def _prove_rows(sheet: _Sheet, level: list[bool]) -> None:
    """Mark in `level` the bars that fill the gaps between three digits or more."""
    for number, bar in enumerate(sheet.level):
        if not level[number] and bar.length >= _ROW * sheet.height and not bar.period:
            level[number] = len(stretches(_beside(bar, sheet.writing, round(sheet.height)), 1)) >= 3


def _prove_boxes(sheet: _Sheet, level: list[bool], upright: list[bool]) -> None:
    """Mark the bars that close a box with others."""
    near = _CORNER * sheet.height
    for _ in range(2):
        lines = [bar for bar, proven in zip(sheet.level, level, strict=True) if proven]
        for number, side in enumerate(sheet.upright):
            ends = (side.first, side.end - 1)
            upright[number] |= all(
                any(_corner(side, end, bar, near) or _abuts(side, end, bar) for bar in lines) for end in ends
            )
        sides = [bar for bar, proven in zip(sheet.upright, upright, strict=True) if proven]
        for number, bar in enumerate(sheet.level):
            ends = (bar.first, bar.end - 1)
            level[number] |= all(any(_corner(bar, end, side, near) for side in sides) for end in ends)


def _prove_repeated(sheet: _Sheet, level: list[bool], upright: list[bool]) -> None:
    """Mark the bars that repeat two proven ones in the same row, or start where these do."""
    for bars, proven in ((sheet.level, level), (sheet.upright, upright)):
        known = [bar for bar, each in zip(bars, proven, strict=True) if each]
        for number, bar in enumerate(bars):
            proven[number] |= sum(_repeats(bar, other) for other in known) >= _REPEATED


def _repeats(bar: Bar, other: Bar) -> bool:
    """Return whether `bar` is like `other`, and in the same row or starts where it does."""
    in_row = abs(bar.row(other.first) - other.row(other.first)) <= 2
    return _alike(bar, other) and (in_row or abs(bar.first - other.first) <= 2)


def _corner(bar: Bar, end: int, other: Bar, near: float) -> bool:
    """Return whether the `end` of `bar` and an end of `other` make a corner, round or not, of at most `near` pixels."""
    at = bar.row(end)
    along, across = abs(other.row(at) - end), min(abs(other.first - at), abs(other.end - 1 - at))
    return bool(
        _printed_like(bar, other)
        and max(along, across) <= near
        and abs(along - across) <= max(bar.thickness, other.thickness) / 2 + 2
    )


def _abuts(bar: Bar, end: int, other: Bar) -> bool:
    """Return whether the `end` of `bar` lies on `other`."""
    at = bar.row(end)
    reach = other.thickness / 2 + 2
    return bool(
        _printed_like(bar, other)
        and abs(other.row(at) - end) <= reach
        and other.first - reach <= at <= other.end + reach
    )


def _teeth(sheet: _Sheet, lines: list[Bar]) -> list[Bar]:
    """Return the short upright bars that stand on one of `lines`, of one length and evenly apart: a comb's teeth."""
    teeth = [
        bar
        for bar in sheet.upright
        if not _attached(bar, sheet.beside_upright.T)
        and any(_abuts(bar, end, line) for line in lines for end in (bar.first, bar.end - 1))
    ]
    if len(teeth) < _LEAST_TEETH:
        return []
    length = float(np.median([bar.length for bar in teeth]))
    teeth = [bar for bar in teeth if abs(bar.length - length) <= max(2, 0.1 * length)]
    gaps = np.diff(sorted(bar.row(bar.first) for bar in teeth))
    return (
        teeth
        if len(gaps) and (np.abs(gaps - np.median(gaps)) <= max(2, 0.1 * float(np.median(gaps)))).mean() > 0.7
        else []
    )


def _erase_corners(ink: InkMap, lines: list[Bar], sides: list[Bar], near: float) -> None:
    """Erase, in place, what is left of round corners in `ink` (H, W): pieces between the ends of a line and of a side."""
    corners = [
        (y, x, side.row(y), line.row(x))
        for line in lines
        for x in (line.first, line.end - 1)
        for side in sides
        for y in (side.first, side.end - 1)
        if abs(line.row(x) - y) <= near and abs(side.row(y) - x) <= near
    ]
    if not corners:
        return
    components = connected_components(ink > 0)
    gone = np.zeros(len(components), np.bool_)
    for y, x, column, row in corners:
        top, bottom = min(y, row) - 3, max(y, row) + 4
        left, right = min(x, column) - 3, max(x, column) + 4
        gone |= (
            (components.tops >= top)
            & (components.bottoms <= bottom)
            & (components.lefts >= left)
            & (components.rights <= right)
        )
    if gone.any():
        ink[components.mask(gone)] = 0
