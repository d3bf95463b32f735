"""Draw how a strip is read: its ink, its cuts, the ways through them, and the digits found with their chances.

Example: python scripts/inspect_strip.py strip.png --out stages.png --country fr --digits 5
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from app import images
from app.errors import ServiceError
from app.settings import SHIPPED, Settings
from model import artifact
from model.ink import find_ink
from model.reader import Reader, Reading
from model.strips.postal import listed_codes
from model.strips.reading import StripReading, read_strip
from model.strips.rules import without_rules

mpl.use("Agg")
# Okabe and Ito 2008: colours that colour-blind readers tell apart.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"


def draw(picture: NDArray[Any], reading: Reading, strip: StripReading, ink: NDArray[np.float32], out: Path) -> None:
    """Write the four stages of `strip`, which was read in `picture`, to `out`."""
    figure, axes = plt.subplots(5, 1, figsize=(9, 12), layout="constrained")
    axes[0].imshow(picture, cmap="gray")
    axes[0].set_title("the picture and the digits found")
    for digit in reading.digits:
        corner = (digit.box.x - 0.5, digit.box.y - 0.5)
        axes[0].add_patch(Rectangle(corner, digit.box.width, digit.box.height, fill=False, color=ORANGE))
        axes[0].annotate(f"{digit.digit} {digit.confidence:.2f}", corner, color=BLUE, va="bottom", fontsize=9)
    axes[1].imshow(ink, cmap="gray_r")
    axes[1].set_title("its ink")
    axes[2].imshow(without_rules(ink), cmap="gray_r")
    axes[2].set_title("without rules, boxes and underlines")
    owners = strip.pieces.owners
    axes[3].imshow(strip.line.strength, cmap="gray_r")
    axes[3].contour(owners, levels=np.arange(owners.max()) + 0.5, colors=ORANGE, linewidths=0.7)
    axes[3].set_title(f"level, upright, and cut into {len(strip.pieces)} pieces")
    lattice(axes[4], strip)
    for each in axes[:4]:
        each.axis("off")
    chances = ", ".join(f"{text} {chance:.3f}" for text, chance in strip.readings[:3])
    figure.suptitle(f"{reading.text}: {reading.decision}{f' ({reading.reason})' if reading.reason else ''}; {chances}")
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=110)
    plt.close(figure)


def lattice(axes: Any, strip: StripReading) -> None:
    """Draw every unit as an arc over its pieces, the better the more likely a digit, those of the best way marked."""
    best = set(next(way.units for way in strip.ways if len(way.units) == len(strip.digits)))
    for unit, evidence in enumerate(strip.evidence.digits):
        first, end = int(strip.units.firsts[unit]), int(strip.units.ends[unit])
        chosen = unit in best
        if evidence < -4 and not chosen:
            continue
        t = np.linspace(0, np.pi, 30)
        x = (first + end) / 2 - np.cos(t) * (end - first) / 2
        colour, width = (GREEN, 2.5) if chosen else (BLUE, 0.8)
        axes.plot(x, np.sin(t) * (end - first), color=colour, linewidth=width)
        if chosen:
            axes.annotate(f"{evidence:+.1f}", ((first + end) / 2, end - first), ha="center", va="bottom", fontsize=8)
    axes.set(
        title="the lattice: arcs are units that might be digits, the chosen ones with their evidence in nats",
        xlabel="cut",
        xticks=range(len(strip.pieces) + 1),
        yticks=[],
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", type=Path, help="a picture of a strip")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png", help="what to write")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="the artifact that reads digits (%(default)s)")
    parser.add_argument("--country", help="whose codes to expect")
    parser.add_argument("--digits", type=int, help="how many to expect")
    options = parser.parse_args()
    try:
        settings = Settings()
        limits = images.Limits(settings.max_pixels, settings.max_jpeg_pixels)
        picture = images.decode(options.image.read_bytes(), limits).picture
        reader = Reader(artifact.load(options.model).classifier)
        reading = reader.read(picture, kind="strip", digits=options.digits, country=options.country)
        ink = find_ink(picture)
        strip = read_strip(
            ink.strength,
            reader.classifier,
            reader.strip_scorer,
            lengths=None if options.digits is None else {options.digits},
            codes=listed_codes(options.country.lower()) if options.country else None,
            top=3,
        )
        if strip is None:
            raise ValueError(f"{options.image} shows no ink")
        draw(picture, reading, strip, ink.strength, options.out)
    except (OSError, ValueError, ServiceError) as error:
        print(f"inspect_strip.py: {error}", file=sys.stderr)
        return 1
    print(f"{reading.text or '(nothing)'}, {reading.decision}: see {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
