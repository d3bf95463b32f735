"""`serve`: the service on the host and port of the settings."""

import argparse

import uvicorn

from app.commands.starting import loaded_service


def run(_: argparse.Namespace) -> int:
    """Check settings and model in the foreground, so that a mistake is one sentence, then serve."""
    service = loaded_service()
    settings = service.settings
    # Only now, for `app.main` makes an app of the settings when it is imported.
    from app.main import create_app  # noqa: PLC0415

    uvicorn.run(
        # Several workers are processes of their own, and each loads its own model.
        create_app(settings, service) if settings.workers == 1 else "app.main:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        timeout_graceful_shutdown=10,
    )
    return 0
