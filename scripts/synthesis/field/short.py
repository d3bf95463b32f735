"""Short numbers with long bars, and digits cut out at their ink: a bar is all there is from side to side."""

from synthesis.field.sample import FieldKind, Random, Sample, any_height, around, one_digit, with_room, written
from synthesis.hand import Hand

_BARRED = (2, 4, 5, 7)


def barred(random: Random) -> Sample:
    length = int(random.choice([2, 2, 2, 3, 3, 4, 5]))
    if random.random() < 0.5:
        code = str(random.choice(_BARRED)) * length
    else:
        code = "".join(map(str, random.choice(_BARRED, length)))
    ink = Hand.any(random).number(code, any_height(random, 16, 120), random, gap=float(random.uniform(0.06, 0.5)))
    return Sample(
        written(around(ink, random, 0.03, 0.6), random), code, "strip", length if random.random() < 0.6 else None
    )


def one_as_strip(random: Random) -> Sample:
    ink, label = one_digit(random, any_height(random, 16, 120))
    return Sample(written(around(ink, random, 0.05, 0.6), random), label, "strip", 1 if random.random() < 0.5 else None)


def cut_out(random: Random) -> Sample:
    ink, label = one_digit(random, any_height(random, 18, 60 if random.random() < 0.8 else 160))
    paper = int(random.integers(3))
    page = written(with_room(ink, 8, 8, 8, 8), random)
    part = slice(8 - paper, paper - 8)
    return Sample(page[part, part], label, "digit" if random.random() < 0.5 else "auto")


KINDS = (
    FieldKind("a short number with bars", barred, 0.97),
    FieldKind("one digit sent as a strip", one_as_strip, 0.97),
    FieldKind("a digit cut out at its ink", cut_out, 0.97),
)
