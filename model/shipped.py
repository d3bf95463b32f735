"""The paths of the weights that the project ships."""

from pathlib import Path

_WEIGHTS = Path(__file__).parent / "weights"
CNN = _WEIGHTS / "cnn.npz"
"""Reads single digits; the service's default."""
STRIPS = (_WEIGHTS / "strips-1.npz", _WEIGHTS / "strips-2.npz")
"""Slide over strips: the first reads every strip; the others are asked too where it is in doubt."""
CALIBRATION = _WEIGHTS / "confidence.json"
"""How sure readings by the weights above are, and from where on they are accepted."""
