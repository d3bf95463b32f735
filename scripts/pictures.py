"""Pictures from files, decoded as the service decodes the pictures that it is sent."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return the upright picture in the file, (H, W) or (H, W, 3) uint8.

    Raises ValueError where the service would refuse it, OSError where the file cannot be read.
    """
    # The service's settings take half a second to import, and a script's --help must not wait for them.
    from app import images
    from app.errors import ServiceError
    from app.settings import Settings

    settings = Settings()
    try:
        limits = images.Limits(settings.max_pixels, settings.max_jpeg_pixels)
        return images.decode(path.read_bytes(), limits).picture
    except ServiceError as error:
        raise ValueError(f"{path}: {error}") from error
