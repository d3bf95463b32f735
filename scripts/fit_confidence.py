"""Fit how sure readings are, and from where on they are accepted, on pictures of every kind of writing.

DIR holds MNIST's files and, where there are, the sets of others' pictures (data/README.md): of these only the even
items are read. Each kind counts alike, however many pictures it has. The table is cross-validated: no picture is judged
by what was fitted on it. What the pictures gave is kept in the cache, so that fitting again takes seconds.
Of mail pieces, DIR/envelopes-fit holds those that make_envelopes.py made.
Example: python scripts/fit_confidence.py --data data
"""

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import get_args

import numpy as np
from threadpoolctl import threadpool_limits

from calibrating.collecting import collected
from calibrating.fitting import Judged, accepted_shares, cross_validated, fitted, shares
from calibrating.pictures import TO_FIT, sources
from calibrating.pieces import mail_pieces
from calibrating.shipped_reader import shipped_reader
from model import evaluation, shipped
from model.confidence.calibration import SHIPPED, Calibration, load
from model.confidence.evidence import Way
from model.confidence.own import LISTED
from shared import checkout


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of mnist/ and the other sets")
    made.add_argument("--out", type=Path, default=shipped.CALIBRATION, help="the file to write (the shipped one)")
    made.add_argument(
        "--cache", type=Path, default=Path("data/confidence"), metavar="DIR", help="what pictures gave (%(default)s)"
    )
    made.add_argument("--share", type=float, default=1.0, help="of the drawn pictures, to be done sooner (%(default)s)")
    made.add_argument("--mail", action="store_true", help="fit codes on mail pieces alone, and keep the rest of --out")
    made.add_argument("--max-error", type=float, default=0.005, help="that of the table (%(default)s)")
    return made


def main() -> int:
    options = parser().parse_args()
    if not 0 < options.max_error <= 1:
        parser().error(f"--max-error must be above 0 and at most 1; got {options.max_error}")
    if not 0 < options.share <= 1:
        parser().error(f"--share must be above 0 and at most 1; got {options.share}")
    try:
        with threadpool_limits(1, user_api="blas"):
            reader, files = shipped_reader(Calibration.none())
            pieces = mail_pieces(options.data, TO_FIT)
            every = pieces if options.mail else {**sources(options.data, TO_FIT, options.share), **pieces}
            answered = collected(reader, every, files, options.cache / f"{options.share:g}")
            heads = fitted(answered, LISTED)
            judged = cross_validated(answered, LISTED, (*LISTED, options.max_error))
        made = {
            "command": shlex.join(["python", f"scripts/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
            **checkout(),
            "numpy": np.__version__,
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "files": files,
            "readings": shares(answered),
            "accepted": accepted_shares(judged, LISTED),
        }
        if options.mail:
            before = load(options.out)
            heads, made = {**before.heads, **heads}, {**before.made, "mail": made}
        Calibration(SHIPPED, heads, frozenset(reader.weights), made).save(options.out)
        load(options.out)
    except (OSError, ValueError) as error:
        print(f"fit_confidence.py: {error}", file=sys.stderr)
        return 1
    show(judged, options.max_error)
    return 0


def show(judged: list[Judged], max_error: float) -> None:
    """Print a row for each kind and way of reading, and one for all of a way."""
    print("| kind | way | n | right | before: accepted, wrong | after: accepted, wrong | error among them |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for way in get_args(Way):
        mine = [each for each in judged if each.answered.evidence.way == way]
        for kind in [*dict.fromkeys(each.answered.kind for each in mine), *(["all"] if mine else [])]:
            group = [each for each in mine if kind in {each.answered.kind, "all"}]
            right = sum(each.answered.right for each in group)
            before = [
                each for each in group if each.answered.possible and each.answered.evidence.chance >= 1 - max_error
            ]
            after = [each for each in group if each.accepted[max_error]]
            print(f"| {kind} | {way} | {len(group):,} | {right / len(group):.1%} | {_counted(before, group)} "
                  f"| {_counted(after, group)} | {interval(_wrong(after), len(after))} |")  # fmt: skip


def _wrong(accepted: list[Judged]) -> int:
    return sum(not each.answered.right for each in accepted)


def _counted(accepted: list[Judged], group: list[Judged]) -> str:
    return f"{len(accepted) / len(group):.1%}, {_wrong(accepted)}"


def interval(wrong: int, n: int) -> str:
    """Return the 95 % interval of the share of `n` that is `wrong`, as it is shown; nothing where `n` is none."""
    return "{:.2%} to {:.2%}".format(*evaluation.wilson_interval(wrong, n)) if n else ""


if __name__ == "__main__":
    sys.exit(main())
