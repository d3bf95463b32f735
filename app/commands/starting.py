"""What every subcommand does first: load what the settings name, or say in one sentence why that fails."""

import sys
from typing import NoReturn

from pydantic import ValidationError

from app.service import Service
from app.settings import Settings
from model.arrays import ArtifactError


def loaded_service() -> Service:
    """Return the service with the environment's settings. Where they or a file are wrong, exit with code 2."""
    try:
        return Service(Settings())
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        name = name if name.startswith(("DIGITS_", "PORT")) else f"DIGITS_{name}"
        refuse(f"{name}: {first['msg']}; got {first['input']!r}")
    except ArtifactError as error:
        refuse(str(error))


def refuse(sentence: str) -> NoReturn:
    """Say `sentence` on standard error and exit with code 2."""
    print(f"postal-digits: {sentence}", file=sys.stderr)
    raise SystemExit(2)
