"""The plots of a calibration: how often readings are right by their confidence, and what is accepted at which error."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from app.calibrating.report import Outcome, accepted, counts, share
from model.confidence.counting import exact_interval
from model.confidence.own import LISTED, Decided

_BINS = 8  # of equal count
_COLOURS = {"before": "#0072B2", "after": "#D55E00"}  # Okabe and Ito 2008: told apart by colour-blind readers


def draw(outcomes: Sequence[Outcome], folder: Path) -> list[Path]:
    """Write both plots into `folder`, and return where they are. OSError where the disk refuses."""
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    read = [each for each in outcomes if each.after is not None]
    return [_reliability(read, folder / "reliability.png"), _accepted(outcomes, folder / "accepted.png")]


def _reliability(read: Sequence[Outcome], path: Path) -> Path:
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
    for name, colour in _COLOURS.items():
        made: list[Decided] = [getattr(each, name) for each in read]
        made.sort(key=lambda each: each.confidence)
        bins = [rows for rows in np.array_split(np.arange(len(made)), _BINS) if len(rows)]
        sure = [float(np.mean([made[row].confidence for row in rows])) for rows in bins]
        right = [float(np.mean([made[row].known.right for row in rows])) for rows in bins]
        ends = np.array(
            [exact_interval(round(of * len(rows)), len(rows)) for of, rows in zip(right, bins, strict=True)]
        )
        errors = np.abs(ends.T - np.array(right))
        axes.errorbar(sure, right, errors, fmt="o", color=colour, capsize=2, label=name)
    axes.set(title="Reliability", xlabel="confidence", ylabel="share that is right (95 % interval)")
    axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path


def _accepted(outcomes: Sequence[Outcome], path: Path) -> Path:
    read = [each for each in outcomes if each.after is not None]
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for name, colour in _COLOURS.items():
        shares, highs, wrongs = [], [], []
        for error in LISTED:
            made = accepted(read, error, before=name == "before")
            if not made:
                continue
            wrong, n = counts(made)
            shares.append(100 * share(made, outcomes))
            wrongs.append(100 * wrong / n)
            highs.append(100 * exact_interval(wrong, n)[1])
        axes.plot(wrongs, shares, "o-", color=colour, label=f"{name}: counted")
        axes.plot(highs, shares, "_:", color=colour, label=f"{name}: upper end of the 95 % interval")
    axes.set(title="What is accepted at which error", xlabel="wrong among the accepted (%)", ylabel="accepted (%)")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path
