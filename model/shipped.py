"""The paths of the weights that the project ships."""

from pathlib import Path

_WEIGHTS = Path(__file__).parent / "weights"
CNN = _WEIGHTS / "cnn.npz"
"""Reads single digits; the service's default."""
STRIPS = tuple(_WEIGHTS / f"strips-{number}.npz" for number in (1, 2, 3))
"""Slide over strips: the first reads every strip; the others are asked too where it is in doubt."""
UPRIGHT = _WEIGHTS / "upright.npz"
"""Tells digits from digits upside down."""
CALIBRATION = _WEIGHTS / "confidence.json"
"""How sure readings by the weights above are, and from where on they are accepted."""
CHOICE = _WEIGHTS / "choice.json"
"""What tells the addressee's code from the other numbers on a mail piece."""
