"""Draw how a picture is read: its ink, what is taken away, what the network sees, and what it says.

A digit and a strip have stages of their own after the lines are taken away.
Example: python scripts/inspect_picture.py strip.png --out stages.png --country fr --digits 5
"""

import argparse
import sys
from pathlib import Path

from model import artifact
from model.picture.ink import Ink, find_ink
from model.picture.inks import pen_ink
from model.reader import Options, Reader
from model.reading import Reading
from model.shipped import CNN
from model.strips.reading import StripReading
from model.types import Picture
from pictures import read_picture


def inks(picture: Picture) -> list[Ink]:
    """Return the ways in which the ink of `picture` is seen: as it is, and without what a form prints in a colour."""
    pen = pen_ink(picture)
    return [find_ink(picture), *([] if pen is None else [pen])]


def strip_of(reader: Reader, ink: Ink, picture: Picture, asked: Options) -> StripReading | None:
    """Return the strip in the `ink` of `picture` with the stages that led to it; None where there is no ink."""
    strip = reader.strip(ink, picture.shape, asked)
    return strip.read(strip.glance()).strip


def draw(reader: Reader, picture: Picture, asked: Options, out: Path) -> Reading:
    """Draw the stages by which `picture` is read, write them to `out`, and return the reading."""
    import stages

    reading = reader.read(picture, kind=asked.kind, digits=asked.digits, country=asked.country)
    found = inks(picture)
    if reading.kind == "digit":
        stages.save(stages.of_digit(picture, found[0], reading), reading, 4, out)
        return reading
    ways = [(ink, strip_of(reader, ink, picture, asked)) for ink in found]
    # The way that was taken is the one that gave this text.
    taken = (way for way in ways if way[1] is not None and way[1].readings[0][0] == reading.text)
    ink, strip = next(taken, ways[0])
    stages.save(stages.of_strip(picture, ink, reading, strip), reading, 1, out)
    return reading


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", type=Path, help="a picture of a digit or a strip")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png", help="the drawing to write")
    parser.add_argument("--model", type=Path, default=CNN, help="the artifact that reads digits (the shipped cnn)")
    parser.add_argument(
        "--kind", choices=("auto", "digit", "strip"), default="auto", help="what to read it as (%(default)s)"
    )
    parser.add_argument("--country", help="country whose codes to expect")
    parser.add_argument("--digits", type=int, help="how many digits to expect")
    options = parser.parse_args()
    try:
        asked = Options(options.kind, options.digits, options.country)
        reader = Reader(artifact.load(options.model).classifier)
        reading = draw(reader, read_picture(options.image), asked, options.out)
    except (OSError, ValueError) as error:
        print(f"inspect_picture.py: {error}", file=sys.stderr)
        return 1
    print(f"{reading.kind} {reading.text or '(nothing)'}, {reading.decision}: see {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
