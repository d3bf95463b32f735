"""Score the reader on pictures as people send them: sheets on tables, shadows, squared paper, frames, rings, faxes …

The pictures are drawn with the project's own pens; the same seed gives the same pictures. Each is read as it says it
is sent, at the default `max_error`. A kind meets its target where enough are right, and at most 1 % of the accepted
are wrong.

Example: python scripts/evaluate_field.py --count 100 --kinds ring
"""

import argparse
import json
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model import artifact, shipped
from model.reader import Reader
from model.reading import Reading
from synthesis.field.kinds import KINDS
from synthesis.field.sample import FieldKind, Sample

MOST_WRONG = 0.01  # of a kind's accepted readings
WHOLE = 0.97  # of all pictures must be right
LONGEST = 30  # digits of a number in a file's name, which may not be long


@dataclass(frozen=True)
class Score:
    """How one kind fared: counts of pictures. Where a kind says so, a refusal counts as right."""

    kind: str
    n: int
    right: int
    accepted: int
    wrong: int
    least_right: float

    @property
    def met(self) -> bool:
        """Whether enough are right and few enough of the accepted are wrong."""
        return self.right >= self.least_right * self.n and self.wrong <= MOST_WRONG * self.accepted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", type=Path, nargs="?", default=shipped.CNN, help="the classifier (the shipped one)")
    parser.add_argument("--count", type=int, default=300, help="pictures of each kind (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same pictures (%(default)s)")
    parser.add_argument("--kinds", nargs="+", default=[""], metavar="WORD", help="only kinds whose name holds a word")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep here what was misread or, if right, refused")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options = parser.parse_args()
    if options.count < 1 or options.seed < 0:
        parser.error(f"--count must be at least 1 and --seed at least 0; got {options.count} and {options.seed}")
    kinds = [kind for kind in KINDS if any(word in kind.name for word in options.kinds)]
    if not kinds:
        parser.error(f"--kinds must be words of {', '.join(kind.name for kind in KINDS)}; got {options.kinds}")
    try:
        reader = Reader(artifact.load_digits(options.artifact).classifier)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        scores = [score(reader, kind, options.count, options.seed, options.keep, quiet=options.json) for kind in kinds]
    except (OSError, ValueError) as error:
        print(f"evaluate_field.py: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"kinds": [{**vars(each), "met": each.met} for each in scores]}))
    else:
        show(scores)
    return 0


def score(reader: Reader, kind: FieldKind, count: int, seed: int, keep: Path | None, *, quiet: bool) -> Score:
    """Return how `reader` fares on `count` pictures of `kind`; what went wrong is kept in the folder `keep`."""
    right = accepted = wrong = 0
    for number in tqdm(range(count), desc=kind.name, disable=quiet):
        # By its name, so that a kind's pictures stay the same when others join.
        sample = kind.make(np.random.default_rng((seed, zlib.crc32(kind.name.encode()), number)))
        reading = reader.read(sample.picture, kind=sample.kind, digits=sample.digits)
        same, taken = reading.text == sample.code, reading.decision == "accept"
        right += same or (kind.refusal_is_right and not taken)
        accepted += taken
        wrong += taken and not same
        if keep is not None and not (same and taken):
            save(sample, reading, keep / f"{kind.name.replace(' ', '_')}-{number}")
    return Score(kind.name, count, right, accepted, wrong, kind.least_right)


def save(sample: Sample, reading: Reading, place: Path) -> None:
    """Write the picture beside `place`, with what it says, how it was sent and what was read in its name."""
    sent = f"{sample.kind}{sample.digits or ''}"
    code, text = (each if len(each) <= LONGEST else f"{each[:LONGEST]}…" for each in (sample.code, reading.text))
    read = f"{text}-{reading.confidence:.4f}-{reading.reason or 'accepted'}"
    Image.fromarray(sample.picture).save(f"{place}-{sent}-{code}-as-{read}.png")


def show(scores: list[Score]) -> None:
    """Print a row for each kind, and one for all of them."""
    print("| kind | n | right | target | accepted | wrong among accepted | met |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for each in scores:
        target, met = f"{each.least_right:.0%}", "yes" if each.met else "**no**"
        print(f"| {each.kind} | {each.n:,} | {each.right / each.n:.1%} | {target} | {_of_accepted(each)} | {met} |")
    n, right, accepted, wrong = (
        sum(getattr(each, name) for each in scores) for name in ("n", "right", "accepted", "wrong")
    )
    whole = Score("all", n, right, accepted, wrong, WHOLE)
    print(f"| all | {n:,} | {right / n:.1%} | {WHOLE:.0%} | {_of_accepted(whole)} | |")


def _of_accepted(each: Score) -> str:
    share = f" ({each.wrong / each.accepted:.2%})" if each.accepted else ""
    return f"{each.accepted / each.n:.1%} | {each.wrong}{share}"


if __name__ == "__main__":
    sys.exit(main())
