"""`python -m app`: the service on the host and port of the settings."""

import sys

import uvicorn
from pydantic import ValidationError

from app.service import Service
from app.settings import Settings
from model.arrays import ArtifactError


def main() -> int:
    """Check settings and model in the foreground, so that a mistake is one sentence, then serve."""
    try:
        settings = Settings()
        service = Service(settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        name = name if name.startswith(("DIGITS_", "PORT")) else f"DIGITS_{name}"
        print(f"postal-digits: {name}: {first['msg']}; got {first['input']!r}", file=sys.stderr)
        return 2
    except ArtifactError as error:
        print(f"postal-digits: {error}", file=sys.stderr)
        return 2
    from app.main import create_app  # noqa: PLC0415 (makes `app` of the settings, which are checked above)

    uvicorn.run(
        create_app(settings, service) if settings.workers == 1 else "app.main:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        timeout_graceful_shutdown=10,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
