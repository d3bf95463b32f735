"""Connectionist temporal classification: a cost for strings when nobody has labelled where their digits are.

Source: Graves, Fernández, Gomez and Schmidhuber 2006, "Connectionist temporal classification: labelling unsegmented
sequence data with recurrent neural networks".
"""

import numpy as np
from numpy.typing import NDArray

from model.engine.functions import log_softmax
from model.types import Array

Floats = NDArray[np.float64]

NOTHING = -1
"""What fills up targets, (N, L), where a string is shorter than L."""


class TemporalClassification:
    """Each frame has one class, the last of K being blank; a sequence of frames spells its classes without the blanks.

    Logits are (N, 1, T, K), as a convolution gives them; targets (N, L) are classes, shorter strings ending with
    NOTHING. Consecutive frames of the same class spell it once, so that two of the same class need a blank in between.
    The chance of a string is the sum over all sequences of frames that spell it; the cost is minus its logarithm.
    """

    def value(self, logits: Array, targets: Array) -> float:
        """Return the mean cost per string; infinite where there are too few frames for one."""
        log_chances = log_softmax(logits[:, 0].astype(np.float64))
        return float(-log_likelihoods(log_chances, targets).mean())

    def gradient(self, logits: Array, targets: Array) -> Array:
        """Return the derivative of `value` by the logits: the chances minus those given the string."""
        log_chances = log_softmax(logits[:, 0].astype(np.float64))
        states = _States(targets, log_chances.shape[2])
        emitted = states.emitted(log_chances)
        forward = states.forward(emitted)
        # Backwards it is the same walk, from the string's end: over reversed frames and states.
        backward = states.backward(emitted)
        total = states.total(forward)
        occupied = np.exp(forward + backward - emitted - total[:, None])  # (T, N, S)
        expected = np.einsum("tns,nsk->ntk", occupied, states.one_hot)
        return np.asarray((np.exp(log_chances) - expected)[:, None] / len(logits), logits.dtype)

    def probabilities(self, logits: Array) -> Array:
        """Return the chance of each class in each frame, (…, T, K)."""
        return np.asarray(np.exp(log_softmax(logits.astype(np.float64))), logits.dtype)

    def digit_chances(self, logits: Array) -> Array:
        """Return ones, (N,): a strip without digits is the empty string."""
        return np.ones(len(logits), logits.dtype)


def log_likelihoods(log_chances: Floats, targets: Array) -> Floats:
    """Return the logarithm of each string's chance, (N,): log_chances (N, T, K) of frames, targets (N, L)."""
    states = _States(targets, log_chances.shape[2])
    return states.total(states.forward(states.emitted(log_chances)))


class _States:
    """The states that a string's frames pass through: blank, first class, blank, second class, … blank.

    labels: (N, S) with S = 2 L + 1. ends: (N,) the last state of each string. skips: (N, S), whether a state may follow
    the one two before it: a class may directly follow another class, but not itself.
    """

    def __init__(self, targets: Array, classes: int) -> None:
        count, length = targets.shape
        self.labels = np.full((count, 2 * length + 1), classes - 1)
        self.labels[:, 1::2] = np.where(targets == NOTHING, classes - 1, targets)
        self.ends = 2 * (targets != NOTHING).sum(axis=1)
        self.skips = np.zeros(self.labels.shape, np.bool_)
        self.skips[:, 3::2] = (targets[:, 1:] != targets[:, :-1]) & (targets[:, 1:] != NOTHING)
        self.one_hot = np.asarray(self.labels[:, :, None] == np.arange(classes), np.float64)

    def emitted(self, log_chances: Floats) -> Floats:
        """Return the log of the chance of each state's class in each frame, (T, N, S)."""
        return np.ascontiguousarray(np.take_along_axis(log_chances, self.labels[:, None], axis=2).transpose(1, 0, 2))

    def forward(self, emitted: Floats) -> Floats:
        """Return the log of the chance of all ways into each state at each frame, that frame included, (T, N, S)."""
        start = np.full(emitted.shape[1:], -np.inf)
        start[:, 0] = 0
        start[self.ends > 0, 1] = 0
        return _walked(emitted, start, self.skips)

    def total(self, forward: Floats) -> Floats:
        """Return the log of each string's chance, (N,): the frames end in its last class or in the blank after it."""
        mine = np.arange(len(self.ends))
        in_last = np.where(self.ends > 0, forward[-1, mine, self.ends - 1], -np.inf)
        return np.asarray(np.logaddexp(forward[-1, mine, self.ends], in_last))

    def backward(self, emitted: Floats) -> Floats:
        """Return the same for all ways from each state to the string's end."""
        start = np.full(emitted.shape[1:], -np.inf)
        mine = np.arange(len(start))
        start[mine, self.ends] = 0
        start[mine, np.maximum(self.ends - 1, 0)] = 0
        skips = np.zeros_like(self.skips)
        skips[:, :-2] = self.skips[:, 2:]
        return _walked(emitted[::-1, :, ::-1], start[:, ::-1], skips[:, ::-1])[::-1, :, ::-1]


def _walked(emitted: Floats, start: Floats, skips: NDArray[np.bool_]) -> Floats:
    ways = np.empty(emitted.shape)
    ways[0] = start + emitted[0]
    for before, here, own in zip(ways[:-1], ways[1:], emitted[1:], strict=True):
        here[...] = before
        np.logaddexp(here[:, 1:], before[:, :-1], out=here[:, 1:])
        np.logaddexp(here[:, 2:], np.where(skips[:, 2:], before[:, :-2], -np.inf), out=here[:, 2:])
        here += own
    return ways
