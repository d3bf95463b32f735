"""Score what the reader says of lines that hold no code: words, signatures, bar codes, scribbles, creases, blots …

Numbers beside a mark or a letter that looks like a digit are among them: without their count, they are to be refused.
Each line is read as if it had been posted with kind=strip. Whatever is accepted is wrong.
Example: python scripts/evaluate_no_code.py --data data/mnist --fonts data/other-fonts
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from model import artifact
from model.reader import Reader
from model.shipped import CNN
from model.strips import sliding
from model.training import mnist
from shared import data_folder
from synthesis import no_code, typeset
from synthesis.field.sample import any_code
from synthesis.field.signs import LETTERS, MARKS, number_beside
from synthesis.fitting_lines import AMOUNTS
from synthesis.no_code import Layer
from synthesis.strips import Writer
from synthesis.worlds import TEST, Dice

# Papers, pens and slants that the networks were not fitted on.
WORLD = replace(TEST, words=1.0, worn=AMOUNTS.worn)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("artifact", type=Path, nargs="*", help="the files that fit_strips.py wrote (the shipped ones)")
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument("--fonts", type=Path, nargs="+", default=[], metavar="DIR", help="folders of fonts (no print)")
    made.add_argument("--count", type=int, default=200, help="how many lines of each kind (%(default)s)")
    made.add_argument("--digits", type=int, help="how many digits to expect (any number)")
    made.add_argument("--max-error", type=float, default=0.005, help="highest share of errors to accept (%(default)s)")
    made.add_argument("--seed", type=int, default=1, help="the same seed makes the same lines (%(default)s)")
    return made


def makers(writer: Writer, fonts: typeset.Fonts | None, dice: Dice) -> dict[str, Callable[[], tuple[Layer, float]]]:
    """Return, by name of the kind, the function that draws a line: its ink (H, W) and its height in pixels."""

    def sized(draw: Callable[[float, Dice], Layer]) -> Callable[[], tuple[Layer, float]]:
        def line() -> tuple[Layer, float]:
            height = dice.uniform(AMOUNTS.heights)
            return draw(height, dice), height

        return line

    def beside(names: Sequence[str]) -> Callable[[float, Dice], Layer]:
        return lambda height, dice: number_beside(names, any_code(dice.random), round(height), dice.random)

    drawn = no_code.KINDS | no_code.UNSEEN
    kinds = {"words by hand": writer.words} | {name: sized(draw) for name, draw in drawn.items()}
    kinds |= {"beside a mark": sized(beside(MARKS)), "beside a letter": sized(beside(LETTERS))}
    if fonts is not None:
        kinds["words in print"] = sized(lambda height, dice: no_code.printed_words(fonts, height, dice))
    return kinds


def main() -> int:
    options = parser().parse_args()
    if options.count < 1 or options.seed < 0:
        parser().error(f"--count must be at least 1 and --seed at least 0; got {options.count} and {options.seed}")
    try:
        reader = Reader(artifact.load_digits(CNN).classifier, [sliding.load(path) for path in options.artifact])
        digits = mnist.load(data_folder(options.data))[mnist.VALIDATION]
        fonts = typeset.find(options.fonts) if options.fonts else None
        dice = Dice(np.random.default_rng(options.seed))
        writer = Writer(digits, WORLD, dice.random)
        print(f"{'':16} {'n':>5} {'refused':>9} {'of these, as no digits':>23} {'surest reading':>15}")
        for name, make in makers(writer, fonts, dice).items():
            readings = []
            for _ in tqdm(range(options.count), desc=name, leave=False):
                line, height = make()
                picture = writer.show(line, height, in_print=name == "words in print")
                readings.append(reader.read(picture, kind="strip", digits=options.digits, max_error=options.max_error))
            refused = [each for each in readings if each.decision != "accept"]
            as_none = sum(each.reason in {"no_code", "not_a_digit", "no_ink"} for each in refused) / max(
                1, len(refused)
            )
            surest = max(each.confidence for each in readings)
            print(f"{name:16} {len(readings):5} {len(refused) / len(readings):9.1%} {as_none:23.1%} {surest:15.4f}")
    except (OSError, ValueError) as error:
        print(f"evaluate_no_code.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
