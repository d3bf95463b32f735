"""The plots that scripts draw with --plots; Matplotlib is in the `train` extra."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from model.classifiers.neighbours import NearestNeighbours
from model.classifiers.projection import PCA
from model.engine.network import Network
from model.evaluation import error_among_surest, wilson_interval
from model.evaluation import reliability as bins_of
from model.training.loop import History
from model.training.recipes.recipe import Trained
from model.types import SIDE, Array

mpl.use("Agg")
# Okabe and Ito 2008: colours that colour-blind readers tell apart.
BLUE, ORANGE = "#0072B2", "#D55E00"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
STYLES = [(colour, style) for style in ("-", "--") for colour in COLOURS]
Images = NDArray[np.uint8]
Labels = NDArray[Any]
# A logarithmic axis needs some rate even where no error was made yet.
LEAST_RATE = 1e-4


def training(trained: Trained, name: str, folder: Path) -> None:
    """Draw what there is to see of a training: cost, accuracy, components, templates; each in its own file."""
    history, classifier = trained.history, trained.classifier
    if history.costs:
        cost(history, name, folder)
    if history.validation:
        accuracy(history, name, folder)
    if isinstance(classifier, NearestNeighbours) and classifier.projection:
        explained_variance(classifier.projection, name, folder)
    first = classifier.parameters().get("0.weights") if isinstance(classifier, Network) else None
    if first is not None and len(first) == SIDE * SIDE:
        first_layer(first, name, folder)


def cost(history: History, name: str, folder: Path) -> None:
    """Draw the cost by iteration, as in the lesson."""
    steps, costs = np.array(history.costs).T
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(steps, costs, color=BLUE)
    axes.set(
        title=f"{name}: cost by iteration", xlabel="iteration (mini-batches)", ylabel="cost (nats a digit)", ylim=0
    )
    _save(figure, folder / f"{name}-cost.png")


def accuracy(history: History, name: str, folder: Path) -> None:
    """Draw the accuracy on validation, and on training images where it was measured, by epoch or by setting tried."""
    rows = history.validation
    along = next(key for key in ("epoch", "dimensions", "k") if key in rows[0])
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for key, label, colour in (("training_accuracy", "training", BLUE), ("accuracy", "validation", ORANGE)):
        if key in rows[0]:
            best: dict[float, float] = {}
            for row in rows:
                best[row[along]] = max(best.get(row[along], 0), 100 * row[key])
            marker = "" if along == "epoch" else "o"
            axes.plot(list(best), list(best.values()), color=colour, label=label, marker=marker)
    labels = {
        "epoch": "epoch",
        "k": "k, the neighbours that vote",
        "dimensions": "dimensions kept (the best k of each)",
    }
    axes.set(title=f"{name}: accuracy", xlabel=labels[along], ylabel="digits read right (%)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, folder / f"{name}-accuracy.png")


def explained_variance(projection: PCA, name: str, folder: Path) -> None:
    """Draw the variance that the leading components explain together, and how many of them are kept."""
    kept = projection.components.shape[1]
    together = 100 * np.cumsum(projection.explained_variance)
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(np.arange(1, len(together) + 1), together, color=BLUE)
    axes.plot([kept], [together[kept - 1]], "o", color=ORANGE)
    axes.annotate(
        f"{kept} kept: {together[kept - 1]:.0f} %", (kept, together[kept - 1]), (kept + 25, together[kept - 1] - 8),
        color=ORANGE,
    )  # fmt: skip
    axes.set(
        title=f"{name}: explained variance", xlabel="principal components", ylabel="variance explained (%)",
        xlim=(0, 300), ylim=(0, 102),
    )  # fmt: skip
    axes.grid(alpha=0.3)
    _save(figure, folder / f"{name}-variance.png")


def first_layer(weights: NDArray[Any], name: str, folder: Path) -> None:
    """Draw what each neuron of the first layer looks for: its weights (784, n) as a picture, the fifty largest."""
    largest = np.sort(np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")[:50])
    across = 10 if len(largest) > 10 else 5
    rows, side = -(-len(largest) // across), 10 / across
    figure, grid = plt.subplots(
        rows, across, figsize=(side * across, side * rows + 0.7), layout="constrained", squeeze=False
    )
    figure.suptitle(f"{name}: weights of the first layer (blue pulls down, red pushes up)")
    for axes in grid.flat:
        axes.axis("off")
    for axes, index in zip(grid.flat, largest, strict=False):
        picture = weights[:, index].reshape(SIDE, SIDE)
        # The lesson's weights for pixels that never vary are noise, a hundred times the rest: percentiles skip it.
        most = np.percentile(np.abs(picture), 99)
        axes.imshow(picture, cmap="RdBu_r", vmin=-most, vmax=most)
        if len(largest) == 10:
            axes.set_title(str(index))
    _save(figure, folder / f"{name}-weights.png")


def evaluation(
    name: str,
    images: Images,
    labels: Labels,
    probabilities: NDArray[np.float32],
    confusion: Labels,
    folder: Path,
) -> None:
    """Draw the 5 × 5 gallery of the first errors, the confusion matrix, and the accepted share."""
    gallery(name, images, labels, probabilities.argmax(axis=1), folder)
    confusion_matrix(name, confusion, folder)
    accepted({name: error_among_surest(probabilities, labels)}, f"{name}: what is accepted at which error",
             folder / f"{name}-accepted.png")  # fmt: skip


def gallery(name: str, images: Images, labels: Labels, read: Labels, folder: Path) -> None:
    """Draw the first 25 errors with their captions."""
    figure, grid = plt.subplots(5, 5, figsize=(9, 10), layout="constrained")
    figure.suptitle(f"{name}: the first errors on MNIST's test images")
    for axes in grid.flat:
        axes.axis("off")
    for axes, index in zip(grid.flat, np.flatnonzero(read != labels), strict=False):
        axes.imshow(images[index], cmap="gray_r")
        axes.set_title(f"model: {read[index]}, real: {labels[index]}", fontsize=10)
    _save(figure, folder / f"{name}-errors.png")


def confusion_matrix(name: str, confusion: Labels, folder: Path) -> None:
    """Draw how often each digit is read as which, with the errors in colour."""
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


def accepted(curves: dict[str, NDArray[np.float64]], title: str, path: Path) -> None:
    """Draw the share of digits that a threshold accepts by the error among them; `curves` as `error_among_surest`."""
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for (name, errors), (colour, style) in zip(curves.items(), STYLES, strict=False):
        shares = 100 * np.arange(1, len(errors) + 1) / len(errors)
        axes.plot(100 * np.maximum(errors, LEAST_RATE), shares, color=colour, linestyle=style, label=name)
    for rate in (0.1, 0.5):
        axes.axvline(rate, color="grey", linewidth=0.8, linestyle=":")
    axes.set(
        title=title, xscale="log", xlim=(100 * LEAST_RATE, None), ylim=(0, 101),
        xlabel="errors among the accepted (%, logarithmic)", ylabel="digits accepted (%)",
    )  # fmt: skip
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


def reliability(curves: dict[str, tuple[Array, Array]], path: Path) -> None:
    """Draw the share that is right by confidence: by name, the confidences (N,) and what is right (N,), in bins.

    Both axes count what is wrong, so that the surest readings can be told apart. Bars are 95 % intervals.
    """
    figure, axes = plt.subplots(figsize=(6, 5), layout="constrained")
    for (name, (confidences, right)), colour in zip(curves.items(), COLOURS, strict=False):
        bins = bins_of(confidences, right)
        expected = [100 * (1 - each.confidence) for each in bins]
        wrong = [100 * (1 - each.right) for each in bins]
        ends = [wilson_interval(round((1 - each.right) * each.n), each.n) for each in bins]
        below = [max(0.0, share - 100 * low) for share, (low, _) in zip(wrong, ends, strict=True)]
        above = [max(0.0, 100 * high - share) for share, (_, high) in zip(wrong, ends, strict=True)]
        shown = np.maximum(wrong, 100 * LEAST_RATE)
        axes.errorbar(expected, shown, (below, above), color=colour, marker="o", markersize=3, linewidth=1, label=name)
    ends_of = (100 * LEAST_RATE, 100)
    axes.plot(ends_of, ends_of, color="grey", linestyle=":", linewidth=0.8)
    axes.set(
        title="How honest confidences are", xscale="log", yscale="log", xlim=ends_of, ylim=ends_of,
        xlabel="expected to be wrong: 1 - confidence (%)", ylabel="wrong (%)",
    )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


def speed(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw errors against time per digit, one point per method; `rows` as compare.py makes them."""
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for row, (colour, style) in zip(rows, STYLES, strict=False):
        place = row["microseconds_per_digit"]["1"], 100 * row["errors"] / row["n"]
        marker = "o" if style == "-" else "s"
        axes.plot(*place, marker, color=colour, label=row["model"], markersize=9)
    axes.set(
        title="Errors and time, one digit at a time", xscale="log", yscale="log",
        xlabel="microseconds a digit (logarithmic)", ylabel="errors on MNIST's test images (%, logarithmic)",
    )  # fmt: skip
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_yticks([0.2, 0.5, 1, 2, 5, 10], minor=False)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
