"""Draw how a picture is read: its ink, what is taken away, what the network sees, and what it says.

A digit and a strip have stages of their own after the lines are taken away.
Example: python scripts/inspect_picture.py strip.png --out stages.png --country fr --digits 5
"""

import argparse
import sys
from pathlib import Path

from model import artifact
from model.reader import Options, Reader
from model.reading import Reading
from model.shipped import CNN
from model.types import Picture
from pictures import read_picture


def draw(reader: Reader, picture: Picture, asked: Options, out: Path) -> Reading:
    """Draw the stages by which `picture` is read, write them to `out`, and return the reading."""
    import stages

    reading = reader.read(picture, kind=asked.kind, digits=asked.digits, country=asked.country, explain=True)
    stages.save(stages.of(picture, reading), reading, 4 if reading.kind == "digit" else 1, out)
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
