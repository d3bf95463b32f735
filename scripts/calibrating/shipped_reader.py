"""The reader as it is shipped, and which files it is made of."""

import hashlib

from model import artifact, shipped
from model.confidence.calibration import Calibration
from model.reader import Reader
from model.strips import sliding


def shipped_reader(calibration: Calibration | None = None) -> tuple[Reader, dict[str, str]]:
    """Return the reader of the shipped weights, with this calibration or the shipped one, and its files' SHA-256.

    Raises ArtifactError where a file is missing or broken.
    """
    loaded = artifact.load_digits(shipped.CNN)
    networks = [sliding.load(path) for path in shipped.STRIPS]
    files = {shipped.CNN.name: loaded.sha256} | {
        path.name: network.artifact.sha256 for path, network in zip(shipped.STRIPS, networks, strict=True)
    }
    files[shipped.CHOICE.name] = hashlib.sha256(shipped.CHOICE.read_bytes()).hexdigest()
    return Reader(loaded.classifier, networks, calibration), files
