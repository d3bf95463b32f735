"""Make labelled pictures of mail pieces: addresses by pen and in print, senders, stamps, scans and photographs.

`fit` writes with MNIST's images 0 to 49,999 and the project's own strokes; `test` with 55,000 to 59,999, and has hands,
fonts, papers, places and layouts of its own. The same seed and index give the same piece, however a run is divided.
labels.csv has a row a picture: file, code, country, quad (the code's corners, clockwise from the upper left of its
first digit), angle (degrees clockwise), writing, view, sender_code, note.
Example: python scripts/make_envelopes.py --out data/envelopes --n 100 --world test --fonts /usr/share/fonts
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.training import mnist
from shared import data_folder
from synthesis import typeset
from synthesis.envelopes.piece import Piece
from synthesis.envelopes.places import COUNTRIES
from synthesis.envelopes.world import WORLDS
from synthesis.envelopes.writer import EnvelopeWriter

COLUMNS = ("file", "code", "country", "quad", "angle", "writing", "view", "sender_code", "note")
DIGITS = {"fit": mnist.FIT, "test": mnist.STRIPS}
_WITHOUT = 1_000_000  # pieces without a code are drawn from indices of their own


def label(piece: Piece, name: str) -> list[str]:
    """Return the row of labels.csv for `piece`."""
    quad = "" if piece.quad is None else ";".join(f"{x:.0f},{y:.0f}" for x, y in piece.quad)
    angle = "" if piece.angle is None else f"{piece.angle:.1f}"
    return [name, piece.code, piece.country, quad, angle, piece.writing, piece.view, piece.sender_code, piece.note]


def make(writer: EnvelopeWriter, index: int, *, code: bool, seed: int, upright: bool) -> Piece:
    """Return the piece with that index; countries take turns, and so do pen and print."""
    random = np.random.default_rng([seed, index + (0 if code else _WITHOUT)])
    country = COUNTRIES[index // 2 % len(COUNTRIES)]
    write = writer.write if code else writer.write_without_code
    return write(country, "print" if index % 2 else "pen", upright=upright, random=random)


def save(piece: Piece, path: Path) -> None:
    """Write the picture as a JPEG, whole or not at all."""
    part = path.with_suffix(".part")
    Image.fromarray(piece.picture).save(part, "JPEG", quality=piece.quality)
    part.replace(path)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument("--out", type=Path, required=True, help="folder for the pictures and labels.csv")
    made.add_argument("--n", type=int, default=100, help="how many pieces with a code (100)")
    made.add_argument("--without-code", type=int, default=0, metavar="N", help="how many more without a code (0)")
    made.add_argument("--first", type=int, default=0, help="index of the first piece, to divide a run (0)")
    made.add_argument("--world", choices=list(WORLDS), default="fit", help="what pieces are made of (fit)")
    made.add_argument("--upright", action="store_true", help="pieces lie upright but for a few degrees (any way)")
    made.add_argument("--fonts", type=Path, nargs="+", required=True, help="folders of fonts, and below")
    made.add_argument("--seed", type=int, default=1, help="the same seed makes the same pieces (1)")
    return made


def main() -> int:
    made = parser()
    options = made.parse_args()
    if min(options.n, options.without_code, options.first, options.seed) < 0 or options.n + options.without_code < 1:
        made.error("--n, --without-code, --first and --seed must be at least 0, and some pieces must be asked for; "
                   f"got {options.n}, {options.without_code}, {options.first} and {options.seed}")  # fmt: skip
    try:
        digits = mnist.load(data_folder(options.data))[DIGITS[options.world]]
        world = WORLDS[options.world]
        writer = EnvelopeWriter(world, digits, typeset.find(options.fonts), np.random.default_rng(options.seed))
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "labels.csv").unlink(missing_ok=True)  # an earlier run's labels would be wrong from here on
        rows = []
        wanted = [(True, options.first + i) for i in range(options.n)]
        wanted += [(False, options.first + i) for i in range(options.without_code)]
        for code, index in tqdm(wanted, desc="drawing"):
            piece = make(writer, index, code=code, seed=options.seed, upright=options.upright)
            name = f"{'piece' if code else 'without'}-{index:05}.jpg"
            save(piece, options.out / name)
            rows.append(label(piece, name))
        part = options.out / "labels.csv.part"
        with part.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            table.writerows(rows)
        part.replace(options.out / "labels.csv")
    except (OSError, ValueError) as error:
        print(f"make_envelopes.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
