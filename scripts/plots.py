"""The pictures that scripts draw with --plots; Matplotlib is in the `train` extra."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model.training import History

mpl.use("Agg")
# Okabe and Ito 2008: colours that colour-blind readers tell apart.
BLUE, ORANGE = "#0072B2", "#D55E00"


def training(history: History, name: str, folder: Path) -> None:
    """Draw `cost.png`, the cost by iteration as in the lesson, and, where there was one, `validation.png`."""
    steps, costs = np.array(history.costs).T
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(steps, costs, color=BLUE)
    axes.set(
        title=f"{name}: cost by iteration", xlabel="iteration (mini-batches)", ylabel="cost (nats a digit)", ylim=0
    )
    _save(figure, folder / f"{name}-cost.png")
    if history.validation:
        epochs = [row["epoch"] for row in history.validation]
        figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
        axes.plot(epochs, [row["errors"] for row in history.validation], color=ORANGE)
        axes.set(title=f"{name}: errors on validation", xlabel="epoch", ylabel="errors", ylim=0)
        _save(figure, folder / f"{name}-validation.png")


def evaluation(
    name: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    confusion: NDArray[np.int64],
    folder: Path,
) -> None:
    """Draw the 5 × 5 gallery of the first errors and the confusion matrix."""
    read = probabilities.argmax(axis=1)
    figure, grid = plt.subplots(5, 5, figsize=(9, 10), layout="constrained")
    figure.suptitle(f"{name}: the first errors on MNIST's test images")
    for axes in grid.flat:
        axes.axis("off")
    for axes, index in zip(grid.flat, np.flatnonzero(read != labels), strict=False):
        axes.imshow(images[index], cmap="gray_r")
        axes.set_title(f"model: {read[index]}, real: {labels[index]}", fontsize=10)
    _save(figure, folder / f"{name}-errors.png")
    figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
    wrong = np.where(np.eye(10, dtype=bool), 0, confusion)
    shown = axes.imshow(wrong, cmap="cividis")
    for real in range(10):
        for answer in range(10):
            if confusion[real, answer]:
                colour = "black" if wrong[real, answer] > wrong.max() / 2 else "white"
                axes.text(answer, real, confusion[real, answer], ha="center", va="center", fontsize=8, color=colour)
    figure.colorbar(shown, label="errors (the diagonal is not coloured)")
    axes.set(
        title=f"{name}: confusion matrix", xlabel="read as", ylabel="real digit", xticks=range(10), yticks=range(10)
    )
    _save(figure, folder / f"{name}-confusion.png")


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
