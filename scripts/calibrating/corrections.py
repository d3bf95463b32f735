"""What pictures show whose labels are plainly wrong."""

from dataclasses import replace

from model.training import mnist

SHOWN = {
    "cheque_amounts/0040.jpg": "39300",
    "cheque_amounts/0082.jpg": "97060",
    "cheque_amounts/0172.jpg": "7393",
    "cheque_amounts/0244.jpg": "15371",
    "cheque_amounts/0276.jpg": "28304",
    "danish_years/130.png": "1401",
    "danish_years/303.png": "1956",
}
"""What is in pictures whose label is plainly wrong, by eye: found among the surest readings that differ."""
MISLABELLED = {50340: 7, 51248: 4, 53063: 6, 53396: 4, 54264: 1, 56014: 8, 56596: 9, 57744: 4, 59915: 7}
"""The digits that these of MNIST's training images plainly show, by eye, whatever their labels say.

They were looked for among the 48 images, of those that pictures are drawn with, whose label `cnn` finds least likely.
"""


def as_shown(digits: mnist.Digits) -> mnist.Digits:
    """Return MNIST's training `digits` with the labels of `MISLABELLED`."""
    labels = digits.labels.copy()
    labels[list(MISLABELLED)] = list(MISLABELLED.values())
    return replace(digits, labels=labels)
