"""Digits as people write them: strokes as curves through a few points, in a box one wide and one high, y down."""

from dataclasses import dataclass

Point = tuple[float, float]
Stroke = list[Point]

BETWEEN = 2  # points of a curve between two that are given

# Each digit as three people write it: the strokes that follow one another, as `x y` pairs in hundredths.
FORMS = {
    0: [
        "50 0, 18 12, 2 50, 16 88, 50 100, 84 88, 98 50, 82 12, 48 1",
        "80 14, 55 0, 22 14, 8 50, 20 86, 52 100, 82 82, 92 46, 78 12, 60 4",
        "30 4, 12 40, 14 80, 42 100, 74 84, 86 46, 70 8, 38 0, 26 8",
    ],
    1: ["50 0, 50 50, 50 100", "22 26, 40 14, 56 0 / 56 0, 55 50, 54 100", "58 0, 52 40, 46 100"],
    2: [
        "10 24, 24 6, 52 0, 80 12, 84 34, 66 58, 36 80, 8 98 / 8 98, 50 97, 94 98",
        "8 20, 30 2, 64 2, 82 22, 72 46, 40 72, 10 94, 14 100, 30 92, 60 98, 92 94",
        "14 14, 40 0, 72 8, 80 30, 62 56, 30 84, 10 100, 40 96, 90 97",
    ],
    3: [
        "10 10, 40 0, 74 8, 78 28, 60 44, 38 48, 64 50, 86 68, 76 92, 42 100, 8 90",
        "14 6, 50 0, 82 12, 74 36, 42 46, 76 54, 90 74, 70 96, 30 100, 6 84",
        "8 18, 30 2, 66 4, 78 24, 62 42, 40 46, 70 54, 80 78, 58 98, 26 98, 4 84",
    ],
    4: [
        "62 0, 40 30, 6 66 / 6 66, 50 66, 98 64 / 68 34, 67 66, 66 100",
        "18 2, 14 30, 12 54 / 12 54, 50 56, 90 54 / 74 2, 74 50, 72 100",
        "70 0, 36 36, 4 70 / 4 70, 50 69, 94 70 / 70 0, 70 50, 70 100",
    ],
    5: [
        "20 2, 17 22, 14 42 / 14 42, 44 36, 76 46, 86 68, 70 92, 36 100, 6 88 / 20 2, 50 3, 84 1",
        "82 3, 52 2, 24 4 / 24 4, 20 22, 16 44 / 16 44, 50 36, 80 50, 84 76, 58 98, 22 97, 6 86",
        "24 0, 20 22, 18 40 / 18 40, 50 34, 80 48, 82 78, 56 98, 24 98, 8 88 / 24 2, 56 4, 88 0",
    ],
    6: [
        "70 0, 40 18, 18 50, 14 78, 34 99, 66 97, 82 76, 66 56, 38 56, 17 72",
        "58 0, 30 28, 12 62, 18 90, 46 100, 76 88, 80 64, 56 52, 28 60, 15 76",
        "76 6, 54 0, 26 26, 12 64, 26 94, 58 99, 82 80, 72 58, 44 54, 16 70",
    ],
    7: [
        "6 4, 50 3, 92 3 / 92 3, 66 46, 44 100",
        "8 6, 48 3, 88 4 / 88 4, 62 48, 40 100 / 30 52, 56 50, 84 51",
        "4 12, 8 3, 48 4, 90 2 / 90 2, 60 40, 48 70, 44 100",
    ],
    8: [
        "76 14, 48 0, 20 14, 28 36, 52 48, 82 68, 76 92, 48 100, 18 90, 20 68, 48 48, 76 32, 76 12",
        "50 0, 22 12, 24 36, 52 46, 76 34, 76 10, 48 0 / 50 46, 20 58, 12 80, 34 99, 68 98, 88 78, 76 56, 48 46",
        "66 6, 36 2, 20 20, 36 42, 66 58, 82 80, 60 99, 30 96, 18 76, 40 54, 70 36, 78 16, 60 3",
    ],
    9: [
        "80 22, 58 2, 26 6, 12 30, 32 52, 64 46, 80 20 / 80 20, 78 60, 72 100",
        "82 24, 62 0, 28 4, 14 28, 34 50, 66 46, 82 22, 82 56, 68 86, 34 100",
        "76 12, 44 0, 16 16, 20 42, 50 50, 76 34, 78 10 / 78 10, 74 56, 60 100",
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Hand:
    """How someone writes: how large and where on the pad (of its height and width), how slanted, with which pen."""

    height: float
    width: float  # of the height
    slant: float  # how far the top leans to the right, of the height
    place: Point  # of the middle
    pen: int  # the width in pixels


# Two hands for each form, so that no digit is written twice in the same way.
HANDS = [
    Hand(0.70, 0.62, 0.00, (0.50, 0.50), 13),
    Hand(0.45, 0.55, 0.14, (0.30, 0.40), 9),
    Hand(0.60, 0.70, -0.06, (0.62, 0.55), 16),
    Hand(0.35, 0.60, 0.06, (0.75, 0.62), 7),
    Hand(0.80, 0.50, 0.10, (0.42, 0.50), 20),
    Hand(0.52, 0.66, 0.20, (0.55, 0.45), 11),
]


def written(digit: int, form: int, hand: Hand, pad: Point) -> list[Stroke]:
    """Return the strokes of `digit` on a pad so wide and high, in its pixels."""
    width, height = pad
    tall = hand.height * height
    wide = tall * hand.width
    strokes = []
    for text in FORMS[digit][form].split(" / "):
        given = [tuple(float(part) / 100 for part in pair.split()) for pair in text.split(", ")]
        strokes.append(
            [
                (
                    hand.place[0] * width + (x - 0.5) * wide + (0.5 - y) * hand.slant * tall,
                    hand.place[1] * height + (y - 0.5) * tall,
                )
                for x, y in curve(given)
            ]
        )
    return strokes


def curve(given: list[tuple[float, ...]]) -> Stroke:
    """Return points on the curve of Catmull and Rom through those given."""
    ends = [given[0], *given, given[-1]]
    points = [(given[0][0], given[0][1])]
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(1, BETWEEN + 1):
            t = step / BETWEEN
            x, y = (
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
                for a, b, c, d in zip(before, start, end, after, strict=True)
            )
            points.append((x, y))
    return points
