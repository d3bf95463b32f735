"""Score an artifact on MNIST's test images: accuracy, calibration, what thresholds accept, time per digit.

Example: python scripts/evaluate.py model/weights/two-layer.npz --data data/mnist --plots data/plots
"""

import argparse
import csv
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import plots
from model import artifact, evaluation, mnist
from model.reader import Reader
from train import data_folder

LOOKS = Path("docs/test-looks.csv")
ERROR_RATES = (0.005, 0.001)
TIMED_BATCHES = (1, 100)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("artifact", type=Path, help="the file that train.py wrote")
    made.add_argument("--data", type=Path, help="folder of MNIST's files (else $DIGITS_DATA, else data/mnist)")
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    made.add_argument("--plots", type=Path, metavar="DIR", help="draw the errors and the confusion matrix there")
    made.add_argument("--record", action="store_true", help=f"write the scores into the artifact and a line in {LOOKS}")
    return made


def main() -> int:
    options = parser().parse_args()
    try:
        loaded = artifact.load(options.artifact)
        artifact.require_digits(loaded, options.artifact)
        digits = mnist.load(data_folder(options.data), "t10k")
    except (OSError, ValueError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    reader = Reader(loaded.classifier)
    blocks = np.array_split(digits.images, 20)
    probabilities = np.concatenate(
        [reader.digits_probabilities(block) for block in tqdm(blocks, desc="reading", disable=options.json)]
    )
    scores = measured(probabilities, digits.labels)
    confusion = evaluation.confusion_matrix(probabilities, digits.labels)
    report = {"model": loaded.name, **scores, "microseconds_per_digit": timed(loaded, digits)}
    if options.json:
        print(json.dumps(report))
    else:
        show(report, confusion)
    if options.plots:
        plots.evaluation(loaded.name, digits.images, digits.labels, probabilities, confusion, options.plots)
    if options.record:
        record(options.artifact, loaded, scores)
    return 0


def measured(probabilities: Any, labels: Any) -> dict[str, Any]:
    """Return the scores that depend on nothing but the artifact and the images."""
    wrong = evaluation.errors(probabilities, labels)
    return {
        "n": len(labels),
        "accuracy": 1 - wrong / len(labels),
        "interval": evaluation.wilson_interval(len(labels) - wrong, len(labels)),
        "errors": wrong,
        "calibration_error": evaluation.calibration_error(probabilities, labels),
        "negative_log_likelihood": evaluation.negative_log_likelihood(probabilities, labels),
        "accepted_at": {str(rate): evaluation.accepted_share(probabilities, labels, rate) for rate in ERROR_RATES},
    }


def timed(loaded: artifact.Artifact, digits: mnist.Digits) -> dict[str, float]:
    """Return the median microseconds a digit of the classifier alone, by batch size."""
    images = mnist.as_ink(digits.images[:1000])
    result = {}
    for batch in TIMED_BATCHES:
        seconds = []
        for start in range(0, 1000, batch):
            before = time.perf_counter()
            loaded.classifier.probabilities(images[start : start + batch])
            seconds.append(time.perf_counter() - before)
        result[str(batch)] = round(float(np.median(seconds)) / batch * 1e6, 2)
    return result


def show(report: dict[str, Any], confusion: Any) -> None:
    """Print the report for a person."""
    low, high = report["interval"]
    print(f"{report['model']}: {report['accuracy']:.2%} of {report['n']} right (95 % interval {low:.2%} to {high:.2%})")
    print(f"errors {report['errors']}, calibration error {report['calibration_error']:.3%}, "
          f"negative log-likelihood {report['negative_log_likelihood']:.4f}")  # fmt: skip
    for rate, share in report["accepted_at"].items():
        print(f"accepted at {float(rate):.1%} error: {share:.1%}")
    for batch, microseconds in report["microseconds_per_digit"].items():
        print(f"batch {batch}: {microseconds} microseconds a digit")
    print("digit    right   precision")
    for digit in range(10):
        right = confusion[digit, digit]
        recall, precision = right / confusion[digit].sum(), right / max(confusion[:, digit].sum(), 1)
        print(f"{digit:5} {recall:8.2%} {precision:11.2%}")
    print("confusion matrix (row: real, column: read)")
    print("\n".join(" ".join(f"{count:5}" for count in row) for row in confusion))


def record(path: Path, loaded: artifact.Artifact, scores: dict[str, Any]) -> None:
    """Write the scores into the artifact's header, and the look into the log with the written file's SHA-256."""
    header = {**loaded.header, "scores": {**loaded.header["scores"], "test": scores}}
    artifact.save(path, loaded.classifier, header)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607  # git is found as any command
    line = [time.strftime("%Y-%m-%d", time.gmtime()), commit.stdout.strip() or "unknown", path.name,
            hashlib.sha256(path.read_bytes()).hexdigest(), scores["errors"]]  # fmt: skip
    new = not LOOKS.exists()
    with LOOKS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["date", "commit", "artifact", "sha256", "errors"])
        writer.writerow(line)


if __name__ == "__main__":
    sys.exit(main())
