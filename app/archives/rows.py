"""A row of the output: the reading of a picture, or why there is none."""

from typing import Any

TOLD = (
    "kind", "text", "formatted", "confidence", "decision", "reason", "corners", "turned", "threshold", "calibration"
)  # fmt: skip
"""What a row repeats of the service's answer."""
COLUMNS = ("name", "page", "sha256", *TOLD, "model", "error")
"""Of a row. page: from 1. sha256: of the picture's bytes; of a page of several, of that page as a TIFF of its own.
model: the SHA-256 of the model that read. error: the sentence that says why there is no reading."""

Row = dict[str, Any]
