"""Score the reading of mail pieces: codes found and read, senders taken for addressees, what is accepted, time.

DIR holds pictures and labels.csv with the columns file, code, country, quad (the code's corners "x,y;x,y;x,y;x,y",
clockwise from the upper left of its first digit), writing, view, sender_code; an empty code means that there is none.
Example: python scripts/evaluate_envelopes.py --data data/envelopes --country fr
"""

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from envelope_scores import CAUSES, WITHOUT, EnvelopeReader, Quad, Read, groups, quad_of, scores
from evaluate_strips import PARTS
from model import artifact
from model.reader import Reader
from model.shipped import CNN
from model.types import Picture
from pictures import read_picture

_LEFT_OUT = "leave out of scores"
"""What the note of a piece says whose code nobody can read for certain."""
_NEEDED = {"file", "code", "country", "quad", "sender_code"}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, required=True, help="folder of pictures and labels.csv")
    made.add_argument("--country", help="country of all codes: fr, us, de … (each label's own)")
    made.add_argument("--digits", type=int, help="how many digits to expect (as the country has)")
    made.add_argument("--max-error", type=float, default=0.005, help="highest share of errors to accept (%(default)s)")
    made.add_argument("--half", choices=PARTS, default="all", help="only pieces with even or odd index (all)")
    made.add_argument("--turned", action="store_true", help="turn each picture by an angle of its own before reading")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    made.add_argument("--errors", type=Path, metavar="FILE.csv", help="file for a list of the wrong readings")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        reader = Reader(artifact.load_digits(CNN).classifier)
        labels = labels_in(options.data, options.half)
        read = [
            read_one(reader, options, label, index)
            for index, label in enumerate(tqdm(labels, desc="reading", disable=options.json))
        ]
        if options.errors:
            list_errors(options.errors, read)
    except (OSError, ValueError) as error:
        print(f"evaluate_envelopes.py: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report(read)))
    else:
        show(read)
    return 0


def labels_in(folder: Path, half: str) -> list[dict[str, str]]:
    """Return the rows of the folder's labels.csv that are in that half, but for those that a note leaves out.

    Raises ValueError where there are no rows, or not with these columns.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not rows[0].keys() >= _NEEDED:
        raise ValueError(
            f"{folder / 'labels.csv'} must have the columns {', '.join(sorted(_NEEDED))}, and at least one row"
        )
    kept = {"all": rows, "even": rows[::2], "odd": rows[1::2]}[half]
    return [row for row in kept if _LEFT_OUT not in (row.get("note") or "")]


def read_one(reader: EnvelopeReader, options: argparse.Namespace, label: dict[str, str], index: int) -> Read:
    """Return a piece's label and reading. Raises ValueError where its quad or its picture cannot be read."""
    picture: Picture = read_picture(options.data / label["file"])
    try:
        quad = quad_of(label["quad"])
    except ValueError as error:
        raise ValueError(f"{label['file']}: {error}") from error
    if options.turned:
        picture, quad = turned(picture, quad, float(np.random.default_rng(index).uniform(0, 360)))
    before = time.perf_counter()
    reading = reader.read(
        picture,
        kind="envelope",
        country=options.country or label["country"] or None,
        digits=options.digits,
        max_error=options.max_error,
    )
    return Read(label, quad, reading, (time.perf_counter() - before) * 1000)


def turned(picture: Picture, quad: Quad | None, degrees: float) -> tuple[Picture, Quad | None]:
    """Return `picture` turned clockwise, with nothing cut off and its edge's colour around it, and `quad` with it."""
    image = Image.fromarray(np.asarray(picture, np.uint8)).convert("RGB")
    pixels = np.asarray(image)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    fill = tuple(int(level) for level in np.median(edge, axis=0))
    larger = image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)
    if quad is None:
        return np.asarray(larger), None
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(larger), (quad - np.array(image.size) / 2) @ turn.T + np.array(larger.size) / 2


def report(read: list[Read]) -> dict[str, Any]:
    """Return what `--json` prints: the scores of all pieces with a code, of each group, and of those without."""
    by_name = {name: scores(group) for name, group in groups(read)}
    without = by_name.pop(WITHOUT, {"n": 0, "accepted": 0.0})
    return {
        **by_name.pop("all", {"n": 0}),
        "groups": by_name,
        "without_code": {name: without[name] for name in ("n", "accepted")},
    }


def show(read: list[Read]) -> None:
    """Print the scores for a person, then why readings are wrong, and what is accepted of pieces without a code."""
    print(f"{'':18} {'n':>5} {'found':>7} {'exact':>7} {'digits wrong':>13} {'accepted':>9} {'wrong among':>12} "
          f"{'sender':>7} {'ms':>6} {'95 %':>6}")  # fmt: skip
    for name, group in groups(read):
        if name == WITHOUT:
            continue
        of = scores(group)
        print(f"{name:18} {of['n']:5} {of['found']:7.1%} {of['exact']:7.1%} {of['digit_error_rate']:13.2%} "
              f"{of['accepted']:9.1%} {of['error_among_accepted']:12.2%} {of['sender_answered']:7.1%} "
              f"{of['milliseconds']:6.0f} {of['milliseconds_95']:6.0f}")  # fmt: skip
    with_code = [each for each in read if each.label["code"]]
    wrong = [each for each in with_code if each.cause]
    counts = [f"{sum(each.cause == cause for each in wrong)} {text}" for cause, text in CAUSES.items()]
    print(f"{len(wrong)} wrong: {', '.join(counts)}")
    without = [each for each in read if not each.label["code"]]
    if without:
        accepted = sum(each.accepted for each in without)
        print(f"{len(without)} without a code: {accepted} accepted")


def list_errors(path: Path, read: list[Read]) -> None:
    """Write a row for each wrong reading, and for each piece without a code that is accepted."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "code", "read", "confidence", "decision", "reason", "cause", "note"])
        for each in read:
            if each.cause or (not each.label["code"] and each.accepted):
                rows.writerow([each.label["file"], each.label["code"], each.reading.text,
                               f"{each.reading.confidence:.4f}", each.reading.decision, each.reading.reason or "",
                               each.cause or "no code", each.label.get("note", "")])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
