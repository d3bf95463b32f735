"""The command `postal-digits`, also `python -m app`: its subcommands and their options.

Each subcommand is a module of `app/commands`, loaded only when it is asked for, so that help appears at once.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from app.version import VERSION

READ_EXAMPLE = "Example: postal-digits read scans/*.png --digits 5 --country fr --format csv --out codes.csv"

CALIBRATE_EXAMPLE = "Example: postal-digits calibrate labelled --digits 5 --out our-mail.json"


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    given = _parser().parse_args(arguments)
    try:
        code: int = import_module(f"app.commands.{given.word or 'serve'}").run(given)
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="postal-digits", description="Reads handwritten digits and postal codes. Without a command, it serves."
    )
    parser.add_argument("--version", action="version", version=VERSION)
    words = parser.add_subparsers(dest="word", metavar="COMMAND")
    words.add_parser(
        "serve",
        help="answer requests over HTTP",
        description="Serve over HTTP. Settings come from the environment: DIGITS_PORT, DIGITS_MODEL and others.",
    )
    _add_read(words.add_parser("read", help="read pictures here, without a server", epilog=READ_EXAMPLE))
    calibrate = words.add_parser("calibrate", help="fit confidence to your own mail", epilog=CALIBRATE_EXAMPLE)
    calibrate.description = (
        "Make a calibration of your own from labelled pictures of your own mail, and show what it is worth. LABELS is "
        "a folder, or a zip file of one, with pictures and labels.csv (file,code; an empty code where there is nothing "
        "to read)."
    )
    add_calibrate(calibrate)
    return parser


def _add_read(read: argparse.ArgumentParser) -> None:
    read.description = (
        "Read pictures in this process, one line per file, in order. The exit code is 0 only if all were read."
    )
    read.add_argument("files", metavar="FILE", nargs="+", help="pictures to read")
    add_reading(read)
    read.add_argument("--top", type=count, default=3, metavar="N", help="how many candidates to give (%(default)s)")
    read.add_argument("--format", choices=["jsonl", "csv"], default="jsonl", help="output format (%(default)s)")
    read.add_argument("--out", metavar="FILE", help="file to write (standard output)")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Give `parser` what may be asked of every picture that is read."""
    _add_asked(parser)
    parser.add_argument(
        "--turned",
        choices=["0", "90", "180", "270", "auto"],
        help="degrees clockwise by which the writing lies, or auto: whichever way it is read best (0; of an envelope, "
        "auto)",
    )
    parser.add_argument(
        "--max-error",
        type=_share,
        metavar="P",
        help="highest share of errors to accept, 0 to 1 (DIGITS_MAX_ERROR)",
    )


def add_calibrate(parser: argparse.ArgumentParser) -> None:
    """Give `parser` the arguments of `calibrate`."""
    parser.add_argument("labels", metavar="LABELS", type=Path, help="folder or .zip: 200 to 2,000 pictures, labels.csv")
    parser.add_argument("--out", metavar="FILE.json", type=Path, required=True, help="file for DIGITS_CALIBRATION")
    _add_asked(parser)
    parser.add_argument(
        "--max-error",
        type=_share,
        metavar="P",
        help="greatest error that is wished: says how many pictures show it (DIGITS_MAX_ERROR)",
    )
    parser.add_argument("--plots", metavar="DIR", type=Path, help="folder for two plots; needs Matplotlib")


def _add_asked(parser: argparse.ArgumentParser) -> None:
    """Give `parser` what may be known of every picture."""
    parser.add_argument("--digits", type=count, metavar="N", help="how many digits to expect")
    parser.add_argument("--country", help="country of the postal codes: fr, us, de …")
    parser.add_argument(
        "--kind",
        choices=["auto", "digit", "strip", "envelope"],
        default="auto",
        help="one digit, a strip of digits, or a whole mail piece (%(default)s)",
    )


def count(text: str) -> int:
    """Return the number, at least 1, that `text` says: a type for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {number}")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1; got {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
