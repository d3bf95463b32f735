"""Draw how a mail piece is read: its outline, its lines, the runs of digits that may be a code, and the one chosen.

Blue is the outline, grey are the lines of writing. The numbered runs are listed beside the picture, with the log-odds
that each is the addressee's code: at first sight (purple), and for those looked at closely (orange) after that too. The
answer is green, with an arrow along the writing.
Example: python scripts/inspect_envelope.py letter.jpg --out stages.png --country fr
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from model import artifact
from model.envelopes.reading import Asked, Found, Placed, look_closely, runs_on
from model.envelopes.survey import Survey, survey
from model.options import Options
from model.reader import Reader
from model.reading import Reading
from model.shipped import CNN
from model.types import Array, Picture
from pictures import read_picture

Colour = tuple[int, int, int]

_OUTLINE, _LINES, _SEEN, _READ, _CHOSEN = (40, 90, 220), (140, 150, 160), (150, 80, 190), (225, 110, 10), (15, 140, 40)
_LONG = 1200  # pixels of the picture's longer side: of any size, its labels can be read
_BESIDE = 470  # pixels of the list beside it
_PEN, _TEXT = 2, 20  # pixels of a line's width and of a letter's height
_LISTED = 9  # runs
_ARROW = 60  # pixels


@dataclass(frozen=True)
class Candidate:
    """A run of digits as it looks at first sight, with its log-odds; and closely, where it was looked at so."""

    placed: Placed
    first: float
    found: Found | None
    odds: float

    @property
    def text(self) -> str:
        return self.found.text if self.found else self.placed.clues.run.text

    @property
    def corners(self) -> Array:
        """Its corners (4, 2) in pixels of the picture."""
        if self.found:
            return self.found.corners
        run = self.placed.clues.run
        frame, margin = run.looked.frame, run.looked.height / 2
        left, right = run.columns[0] - margin, run.columns[-1] + margin
        corners = np.array([(left, 0), (right, 0), (right, frame.rows), (left, frame.rows)])
        return self.placed.written.marks.to_picture(frame.to_marks(corners))


def candidates(reader: Reader, seen: Survey, asked: Options) -> list[Candidate]:
    """Return the runs on the piece that was `seen`: those looked at closely first, then others that share no ink."""
    code = Asked.of(asked.country, asked.lengths)
    runs = runs_on(seen, reader.sliding_networks[-1], code)
    runs.sort(key=lambda each: -reader.choice.first_odds(each.clues))
    close = {id(each.clues.run): each for each in look_closely(runs, reader.choice, reader.sliding_networks[-1], code)}
    listed: list[Candidate] = []
    for placed in runs:
        run = placed.clues.run
        found = close.get(id(run))
        if found or not any(run.overlaps(other.placed.clues.run) for other in listed):
            odds = reader.choice.odds(found.clues) if found else -np.inf
            listed.append(Candidate(placed, reader.choice.first_odds(placed.clues), found, odds))
    return sorted(listed, key=lambda each: (-each.odds, -each.first))[:_LISTED]


def draw(picture: Picture, seen: Survey, listed: list[Candidate], reading: Reading) -> Image.Image:
    """Return `picture` with what was `seen` of it, the runs `listed` beside it, and its `reading`."""
    image = Image.fromarray(np.asarray(picture, np.uint8)).convert("RGB")
    scale = _LONG / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", (image.width + _BESIDE, max(image.height, 2 * (_LISTED + 5) * _TEXT)), "white")
    sheet.paste(image)
    pen = ImageDraw.Draw(sheet)
    _frame(pen, scale * seen.piece.corners, _OUTLINE, 2 * _PEN)
    for written, segment in seen.lines:
        u0, u1, v0, v1 = segment.box
        angle = np.radians(written.degrees)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        corners = np.array([(u0, v0), (u1, v0), (u1, v1), (u0, v1)]) @ turn
        _frame(pen, scale * written.marks.to_picture(corners), _LINES, 1)
    for number, each in enumerate(listed, 1):
        _frame(pen, scale * each.corners, _colour(each), _PEN)
        pen.text(tuple(scale * each.corners[0] - (_TEXT, _TEXT)), str(number), fill=_colour(each), font_size=_TEXT)
    if reading.corners is not None:
        corners = scale * np.array(reading.corners)
        _frame(pen, corners, _CHOSEN, 2 * _PEN)
        _arrow(pen, corners[[1, 2]].mean(axis=0), reading.turned)
    _write(pen, image.width + _TEXT, listed, reading)
    return sheet


def _colour(candidate: Candidate) -> Colour:
    return _READ if candidate.found else _SEEN


def _frame(pen: ImageDraw.ImageDraw, corners: Array, colour: Colour, width: int) -> None:
    pen.polygon([tuple(corner) for corner in corners], outline=colour, width=width)


def _arrow(pen: ImageDraw.ImageDraw, start: Array, turned: int) -> None:
    """Draw an arrow from `start` in the direction in which the code is said to be written."""
    angle = np.radians(turned)
    tip = start + _ARROW * np.array([np.cos(angle), np.sin(angle)])
    pen.line([*start, *tip], fill=_CHOSEN, width=2 * _PEN)
    for side in np.radians([-150, 150]):  # from the shaft to each side of the head
        end = tip + _ARROW / 4 * np.array([np.cos(angle + side), np.sin(angle + side)])
        pen.line([*tip, *end], fill=_CHOSEN, width=2 * _PEN)


def _write(pen: ImageDraw.ImageDraw, left: int, listed: list[Candidate], reading: Reading) -> None:
    """Write what each run says and its odds, and then the answer."""
    rows: list[tuple[tuple[str, str, str], Colour]] = [(("run", "first sight", "close look"), (0, 0, 0))]
    for number, each in enumerate(listed, 1):
        close = f"{each.odds:+.1f}" if each.found else ""
        rows.append(((f"{number}   {each.text}", f"{each.first:+.1f}", close), _colour(each)))
    for row, (cells, colour) in enumerate(rows):
        for column, cell in zip((0, 180, 320), cells, strict=True):
            pen.text((left + column, (2 * row + 1) * _TEXT), cell, fill=colour, font_size=_TEXT)
    answer = f"{reading.text or 'nothing'}, {reading.confidence:.4f}: {reading.decision}"
    about = f"{reading.reason or ''}  turned {reading.turned}°".strip()
    for row, text in enumerate((answer, about), len(rows)):
        pen.text((left, (2 * row + 2) * _TEXT), text, fill=_CHOSEN, font_size=_TEXT)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", type=Path, help="a picture of a mail piece")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png", help="the drawing to write")
    parser.add_argument("--country", help="country whose codes to expect")
    parser.add_argument("--digits", type=int, help="how many digits to expect")
    options = parser.parse_args()
    try:
        asked = Options("envelope", options.digits, options.country)
        if asked.lengths is None:
            raise ValueError("--country or --digits must say what a code is")
        picture = read_picture(options.image)
        reader = Reader(artifact.load_digits(CNN).classifier)
        reading = reader.read(picture, kind="envelope", digits=options.digits, country=options.country)
        seen = survey(picture)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        draw(picture, seen, candidates(reader, seen, asked), reading).save(options.out)
    except (OSError, ValueError) as error:
        print(f"inspect_envelope.py: {error}", file=sys.stderr)
        return 1
    print(f"{reading.text or '(nothing)'}, {reading.decision}, turned {reading.turned}: see {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
