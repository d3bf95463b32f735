"""Drawings of the stages by which a picture is read; Matplotlib is in the `train` extra."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from model.found import Found
from model.picture.components import Mask, Piece
from model.picture.ink import Ink
from model.picture.one_digit import find_digit
from model.picture.resampling import step_for
from model.picture.sheet import find_sheet
from model.reading import Reading
from model.seen import Seen
from model.strips.reading import StripReading
from model.strips.sliding import STRIDE
from model.types import SIDE, InkMap, Picture

mpl.use("Agg")
# Okabe and Ito 2008: colours that colour-blind readers tell apart.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
_SHEET_SAMPLES = 16_384  # pixels of a picture in which a sheet is sought, as in `model/picture/ink.py`
_LEAST_CHANCE = 0.1  # of a digit: a frame that is less sure of one gets no label

Panel = Callable[[Any], None]
"""Draws one stage on Matplotlib's axes."""


def of(picture: Picture, reading: Reading) -> list[Panel]:
    """Return the stages of `reading`, which explains how `picture` was read; without ink, there is only the picture."""
    seen = reading.seen
    if seen is None:
        return [_picture(picture, reading)]
    if isinstance(seen.source, Found):
        return [*_inks(picture, reading, seen), *_asked_about(seen.source), _chances(reading)]
    sliding = "what the network slides over"
    return [
        *_inks(picture, reading, seen),
        partial(_line, strip=seen.source),
        partial(_show, image=seen.source.look.band.image, title=sliding, aspect="auto"),
        partial(_frames, strip=seen.source),
    ]


def save(panels: Sequence[Panel], reading: Reading, columns: int, out: Path) -> None:
    """Draw `panels` in so many columns under what `reading` says, and write them to `out`."""
    rows = -(-len(panels) // columns)
    width = 9 if columns == 1 else 3.4 * columns
    height = (2.2 if columns == 1 else 3.6) * rows
    figure, grid = plt.subplots(rows, columns, figsize=(width, height), layout="constrained", squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        panel(axes)
    for axes in grid.flat[len(panels) :]:
        axes.axis("off")
    reason = f" ({reading.reason})" if reading.reason else ""
    chances = [f"{each.text} {each.confidence:.3f}" for each in reading.candidates]
    says = f"{reading.kind} {reading.text or '(nothing)'}: {reading.decision}{reason}"
    figure.suptitle("; ".join([says, *chances]))
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=110)
    plt.close(figure)


def _inks(picture: Picture, reading: Reading, seen: Seen) -> list[Panel]:
    """Return the stages from the picture to ink without lines; one where the picture is an image for the network."""
    ink, inside, lined = seen.ink, seen.inside, seen.unlined
    if ink is None or inside is None or lined is None:
        return [_picture(picture, reading)]
    panels: list[Panel] = [
        _picture(picture, reading, _sheet(picture, ink)),
        partial(_show, image=ink.strength, title="its ink"),
        partial(_show, image=inside.strength, title=_taken_away("ring", ink.strength, inside.strength)),
        partial(_show, image=lined, title=_taken_away("printed lines", inside.strength, lined)),
    ]
    return [*panels, partial(_parts, inside=inside, unlined=lined)] if isinstance(seen.source, Found) else panels


def _sheet(picture: Picture, ink: Ink) -> Mask | None:
    """Return the sheet in `picture`, reduced, if there is one and no `ink` beside it: then it was sought there."""
    pixels = np.atleast_3d(picture).astype(np.float32)
    step = step_for(pixels.shape[0] * pixels.shape[1], _SHEET_SAMPLES)
    sheet = find_sheet(pixels[step // 2 :: step, step // 2 :: step])
    if sheet is None:
        return None
    rows, columns = (
        (np.arange(n) * ink.factor // step).clip(0, m - 1)
        for n, m in zip(ink.strength.shape, sheet.area.shape, strict=True)
    )
    return None if ink.strength[~sheet.area[rows][:, columns]].any() else sheet.area


def _titled(axes: Any, title: str) -> None:
    axes.set_title(title, fontsize=9, pad=12)


def _show(axes: Any, image: InkMap, title: str, **how: Any) -> None:
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, **how)
    axes.set(xticks=[], yticks=[])
    _titled(axes, title)


def _taken_away(what: str, before: InkMap, after: InkMap) -> str:
    return f"without {what}" if (before != after).any() else f"without {what}: none was found"


def _picture(picture: Picture, reading: Reading, sheet: Mask | None = None) -> Panel:
    """Return the panel of `picture` with the digits found, and with the outline of its `sheet`, if there is one."""

    def draw(axes: Any) -> None:
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255)
        axes.set(xticks=[], yticks=[])
        _titled(axes, f"the picture{'' if sheet is None else ', its sheet'} and the digits found")
        if sheet is not None:
            extent = (-0.5, picture.shape[1] - 0.5, -0.5, picture.shape[0] - 0.5)
            axes.contour(sheet, levels=[0.5], colors=GREEN, extent=extent, origin="upper")
        for digit in reading.digits:
            corner = (digit.box.x - 0.5, digit.box.y - 0.5)
            axes.add_patch(Rectangle(corner, digit.box.width, digit.box.height, fill=False, color=ORANGE))
            axes.annotate(f"{digit.digit} {digit.confidence:.2f}", corner, color=BLUE, va="bottom", fontsize=9)

    return draw


def _parts(axes: Any, inside: Ink, unlined: InkMap) -> None:
    """Draw the digit among what else is written in the ink `inside`, without printed lines `unlined`."""
    _show(axes, unlined, "the digit, and what may belong or rival (blue)")
    digit = find_digit(inside, unlined)
    if digit is None:
        return
    others = [*([] if digit.whole is None else [digit.whole]), *digit.rivals]
    for piece in others:
        _outline(axes, piece, BLUE)
    _outline(axes, digit.piece, ORANGE)


def _outline(axes: Any, piece: Piece, colour: str) -> None:
    height, width = piece.ink.shape
    corner = (piece.left - 0.5, piece.top - 0.5)
    axes.add_patch(Rectangle(corner, width, height, fill=False, color=colour, linewidth=1.5))


def _asked_about(found: Found) -> list[Panel]:
    """Return the panels of what the network sees of a digit, of the digit with its surroundings, and of its rivals."""
    titles = ["what the network sees"]
    titles += [] if found.whole is None else ["with what lies near it"]
    titles += ["what else may be a digit"] * len(found.rivals)
    return [partial(_show, image=image, title=title) for image, title in zip(found.images, titles, strict=True)]


def _chances(reading: Reading) -> Panel:
    """Return the panel of the ten digits' chances."""

    def draw(axes: Any) -> None:
        chances = reading.digits[0].probabilities
        axes.bar(range(10), chances, color=BLUE)
        axes.axhline(reading.confidence, color=ORANGE, linewidth=1)
        _titled(axes, "what it says, and the confidence (orange)")
        axes.set(xticks=range(10), ylim=(0, 1.02))

    return draw


def _line(axes: Any, strip: StripReading) -> None:
    _show(axes, strip.line.strength, "level and upright, with the columns between which each digit's ink lies")
    for column in np.unique(strip.bounds):
        axes.axvline(column - 0.5, color=ORANGE, linewidth=0.7)


def _frames(axes: Any, strip: StripReading) -> None:
    """Draw each frame's chance of a digit at the middle of what the frame sees, labelled with the likeliest digit."""
    chances: NDArray[Any] = np.exp(strip.look.log_chances[:, :-1])
    middles = np.arange(len(chances)) * STRIDE + (SIDE - 1) / 2
    axes.bar(middles, chances.sum(axis=1), width=STRIDE, color=BLUE)
    for middle, row in zip(middles, chances, strict=True):
        if row.max() > _LEAST_CHANCE:
            axes.annotate(str(row.argmax()), (middle, row.sum()), ha="center", va="bottom", color=GREEN, fontsize=9)
    _titled(axes, "the chance that each frame says a digit, and which")
    axes.set(xlim=(-0.5, strip.look.band.image.shape[1] - 0.5), ylim=(0, 1.2))
