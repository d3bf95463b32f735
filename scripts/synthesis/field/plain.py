"""Nothing but the writing: what must stay right whatever is done for other kinds."""

from synthesis.field.sample import FieldKind, Random, Sample, any_code, any_height, around, one_digit, written
from synthesis.hand import Hand


def digit(random: Random) -> Sample:
    ink, label = one_digit(random, any_height(random))
    return Sample(written(around(ink, random), random), label, "digit" if random.random() < 0.5 else "auto")


def number(random: Random) -> Sample:
    code = any_code(random)
    ink = Hand.any(random).number(code, any_height(random, high=80), random, gap=float(random.uniform(0.15, 0.5)))
    return Sample(written(around(ink, random), random), code, "strip", len(code) if random.random() < 0.5 else None)


KINDS = (FieldKind("a digit on paper", digit, 0.97), FieldKind("a number on paper", number, 0.95))
