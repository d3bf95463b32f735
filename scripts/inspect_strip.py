"""Draw how a strip is read: its ink, its line, what each frame says, and the digits found with their chances.

Example: python scripts/inspect_strip.py strip.png --out stages.png --country fr --digits 5
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import artifact
from model.picture.ink import find_ink
from model.picture.printed_lines import without_printed_lines
from model.reader import Options, Reader
from model.reading import Reading
from model.shipped import CNN
from model.strips.reading import StripReading
from model.strips.sliding import STRIDE
from model.types import SIDE
from pictures import read_picture

# Okabe and Ito 2008: colours that colour-blind readers tell apart.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"


def draw(picture: NDArray[Any], reading: Reading, strip: StripReading, ink: NDArray[np.float32], out: Path) -> None:
    """Draw the stages of `strip`, which was read from `picture`, and write them to `out`."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.patches import Rectangle

    mpl.use("Agg")
    figure, axes = plt.subplots(6, 1, figsize=(9, 13), layout="constrained")
    axes[0].imshow(picture, cmap="gray")
    axes[0].set_title("the picture and the digits found")
    for digit in reading.digits:
        corner = (digit.box.x - 0.5, digit.box.y - 0.5)
        axes[0].add_patch(Rectangle(corner, digit.box.width, digit.box.height, fill=False, color=ORANGE))
        axes[0].annotate(f"{digit.digit} {digit.confidence:.2f}", corner, color=BLUE, va="bottom", fontsize=9)
    axes[1].imshow(ink, cmap="gray_r")
    axes[1].set_title("its ink")
    axes[2].imshow(without_printed_lines(ink), cmap="gray_r")
    axes[2].set_title("without rules, boxes and underlines")
    axes[3].imshow(strip.line.strength, cmap="gray_r")
    for column in np.unique(strip.bounds):
        axes[3].axvline(column - 0.5, color=ORANGE, linewidth=0.7)
    axes[3].set_title("level and upright, with the columns between which each digit's ink lies")
    axes[4].imshow(strip.look.band.image, cmap="gray_r", aspect="auto")
    axes[4].set_title("what the network slides over")
    frames(axes[5], strip)
    for each in axes[:5]:
        each.axis("off")
    chances = ", ".join(f"{text} {chance:.3f}" for text, chance in strip.readings[:3])
    figure.suptitle(f"{reading.text}: {reading.decision}{f' ({reading.reason})' if reading.reason else ''}; {chances}")
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=110)
    plt.close(figure)


def frames(axes: Any, strip: StripReading) -> None:
    """Draw each frame's chance of a digit at the middle of what the frame sees, labelled with the likeliest digit."""
    chances = np.exp(strip.look.log_chances[:, :-1])
    middles = np.arange(len(chances)) * STRIDE + (SIDE - 1) / 2
    axes.bar(middles, chances.sum(axis=1), width=STRIDE, color=BLUE)
    for middle, row in zip(middles, chances, strict=True):
        if row.max() > 0.1:
            axes.annotate(str(row.argmax()), (middle, row.sum()), ha="center", va="bottom", color=GREEN, fontsize=9)
    axes.set(
        title="the chance that each frame says a digit, and which",
        xlim=(-0.5, strip.look.band.image.shape[1] - 0.5),
        ylim=(0, 1.2),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", type=Path, help="a picture of a strip")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png", help="the drawing to write")
    parser.add_argument("--model", type=Path, default=CNN, help="the artifact that reads digits (the shipped cnn)")
    parser.add_argument("--country", help="country whose codes to expect")
    parser.add_argument("--digits", type=int, help="how many digits to expect")
    options = parser.parse_args()
    try:
        picture = read_picture(options.image)
        reader = Reader(artifact.load(options.model).classifier)
        country = options.country.lower() if options.country else None
        reading = reader.read(picture, kind="strip", digits=options.digits, country=country)
        ink = find_ink(picture)
        glance = reader.glance(ink)
        if glance is None:
            raise ValueError(f"{options.image} shows no ink")
        strip = reader.strip(glance, Options("strip", options.digits, country).lengths, country)
        draw(picture, reading, strip, ink.strength, options.out)
    except (OSError, ValueError) as error:
        print(f"inspect_strip.py: {error}", file=sys.stderr)
        return 1
    print(f"{reading.text or '(nothing)'}, {reading.decision}: see {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
