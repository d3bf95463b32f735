"""Score an artifact on MNIST's test images: accuracy, calibration, what thresholds accept, time per digit.

The thresholds are chosen on MNIST's validation images; training writes them into the artifact's header. The lesson's
own recipe is trained on these images too, so it gets no figures on what is accepted.

Example: python scripts/evaluate.py model/weights/cnn.npz --data data/mnist --plots data/plots
"""

import argparse
import csv
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from model import artifact, evaluation
from model.artifact import Artifact
from model.reader import Reader
from model.training import mnist
from shared import checkout, data_folder

LOOKS = Path("docs/test-looks.csv")
TIMED_BATCHES = (1, 100)
# Single digits are timed on every tenth image, which gives enough calls for a median.
TIMED_EVERY = 10


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("artifact", type=Path, help="the file that train.py wrote")
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    made.add_argument("--plots", type=Path, metavar="DIR", help="folder for plots of errors and confusions")
    made.add_argument("--record", action="store_true", help=f"write the scores into the artifact and a line in {LOOKS}")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        loaded = artifact.load_digits(options.artifact)
        data = data_folder(options.data)
        digits = mnist.load(data, "t10k")
        thresholds = fixed_on_validation(loaded, data)
    except (OSError, ValueError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    probabilities = read_all(loaded, digits, progress=not options.json)
    scores = measured(thresholds, probabilities, digits.labels)
    confusion = evaluation.confusion_matrix(probabilities, digits.labels)
    times = timed({loaded.name: loaded}, digits)
    report = {"model": loaded.name, **scores, "microseconds_per_digit": times[loaded.name]}
    if options.json:
        print(json.dumps(report))
    else:
        show(report, confusion)
    if options.plots:
        import plots

        plots.evaluation(loaded.name, digits.images, digits.labels, probabilities, confusion, options.plots)
    if options.record:
        test = {**scores, **in_detail(confusion, probabilities, digits.labels)}
        header = {**loaded.header, "scores": {**loaded.header["scores"], "test": test}}
        artifact.save(options.artifact, loaded.classifier, header)
        log_look(options.artifact, scores["errors"])
    return 0


def read_all(loaded: Artifact, digits: mnist.Digits, *, progress: bool) -> Any:
    """Return the probabilities (N, 10) of all `digits`, read as the service reads them."""
    reader = Reader(loaded.classifier)
    blocks = tqdm(np.array_split(digits.images, 20), desc=f"{loaded.name} reads", disable=not progress, leave=False)
    return np.concatenate([reader.digits_probabilities(block) for block in blocks])


def fixed_on_validation(loaded: Artifact, data: Path) -> dict[str, float]:
    """Return the confidence from which to accept, by error rate, as MNIST's validation images have it.

    Training wrote it into the header; where an older artifact lacks it, the images are read here. Empty where the
    artifact was trained on them too.
    """
    written: dict[str, float] = loaded.header["scores"].get("validation", {}).get("thresholds", {})
    sets = loaded.header["training"].get("data", [])
    if written or not sets or any(each["images"][1] > mnist.VALIDATION.start for each in sets):
        return written
    validation = mnist.load(data)[mnist.VALIDATION]
    probabilities = read_all(loaded, validation, progress=False)
    return {str(rate): evaluation.threshold(probabilities, rate) for rate in evaluation.ERROR_RATES}


def measured(thresholds: dict[str, float], probabilities: Any, labels: Any) -> dict[str, Any]:
    """Return the scores that depend on nothing but the artifact and the images."""
    wrong = evaluation.errors(probabilities, labels)
    accepted = {rate: accepted_by(probabilities, labels, least) for rate, least in thresholds.items()}
    return {
        "n": len(labels),
        "accuracy": 1 - wrong / len(labels),
        "interval": evaluation.wilson_interval(len(labels) - wrong, len(labels)),
        "errors": wrong,
        "calibration_error": evaluation.calibration_error(probabilities, labels),
        "negative_log_likelihood": evaluation.negative_log_likelihood(probabilities, labels),
        "accepted_at": {
            rate: accepted[rate]["share"] if rate in accepted else None for rate in map(str, evaluation.ERROR_RATES)
        },
        "thresholds_fixed_on": "validation" if accepted else None,
        "accepted": accepted,
    }


def in_detail(confusion: Any, probabilities: Any, labels: Any) -> dict[str, Any]:
    """Return what GET /model shows beside the scores: the confusion matrix (row: real, column: read), and the bins."""
    bins = evaluation.reliability(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)
    return {
        "confusion_matrix": confusion.tolist(),
        "reliability": [vars(each) for each in bins],
    }


def accepted_by(probabilities: Any, labels: Any, least: float) -> dict[str, Any]:
    """Return the share of digits that a threshold accepts and the share of wrong ones among them, with intervals."""
    accepted, wrong = evaluation.accepted_above(probabilities, labels, least)
    return {
        "threshold": least,
        "share": accepted / len(labels),
        "interval": evaluation.wilson_interval(accepted, len(labels)),
        "errors": wrong,
        "error_rate": wrong / accepted if accepted else None,
        "error_interval": evaluation.wilson_interval(wrong, accepted) if accepted else None,
    }


def timed(artifacts: dict[str, Artifact], digits: mnist.Digits) -> dict[str, dict[str, float]]:
    """Return each classifier's median time per digit, in microseconds, by batch size; the classifiers take turns."""
    images = mnist.as_ink(digits.images[:1000])
    times: dict[str, dict[str, float]] = {name: {} for name in artifacts}
    for batch in TIMED_BATCHES:
        seconds: dict[str, list[float]] = {name: [] for name in artifacts}
        for start in range(0, len(images), max(batch, TIMED_EVERY)):
            for name, loaded in artifacts.items():
                before = time.perf_counter()
                loaded.classifier.probabilities(images[start : start + batch])
                seconds[name].append(time.perf_counter() - before)
        for name, taken in seconds.items():
            times[name][str(batch)] = round(float(np.median(taken)) / batch * 1e6, 2)
    return times


def show(report: dict[str, Any], confusion: Any) -> None:
    """Print the report for a person."""
    low, high = report["interval"]
    print(f"{report['model']}: {report['accuracy']:.2%} of {report['n']} right (95 % interval {low:.2%} to {high:.2%})")
    print(f"errors {report['errors']}, calibration error {report['calibration_error']:.3%}, "
          f"negative log-likelihood {report['negative_log_likelihood']:.4f}")  # fmt: skip
    print(f"accepted, with {'the thresholds' if report['accepted'] else 'no threshold'} chosen on validation:")
    for rate, row in report["accepted"].items():
        low, high = row["interval"]
        wrong = f"{row['errors']} wrong among them"
        if row["error_interval"]:
            wrong += " ({:.3%}; {:.3%} to {:.3%})".format(row["error_rate"], *row["error_interval"])
        print(f"for {float(rate):.1%} error: {row['share']:.2%} ({low:.2%} to {high:.2%}), {wrong}")
    for batch, microseconds in report["microseconds_per_digit"].items():
        print(f"batch {batch}: {microseconds} microseconds a digit")
    print("digit    right   precision")
    for digit in range(10):
        right = confusion[digit, digit]
        recall, precision = right / confusion[digit].sum(), right / max(confusion[:, digit].sum(), 1)
        print(f"{digit:5} {recall:8.2%} {precision:11.2%}")
    print("confusion matrix (row: real, column: read)")
    print("\n".join(" ".join(f"{count:5}" for count in row) for row in confusion))


def log_look(path: Path, errors: int) -> None:
    """Write one line into the log of looks at the test images, with the file's SHA-256."""
    commit = (checkout()["commit"] or "unknown")[:7]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    line = [time.strftime("%Y-%m-%d", time.gmtime()), commit, path.name, sha256, errors]
    new = not LOOKS.exists()
    LOOKS.parent.mkdir(exist_ok=True)
    with LOOKS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["date", "commit", "artifact", "sha256", "errors"])
        writer.writerow(line)


if __name__ == "__main__":
    sys.exit(main())
