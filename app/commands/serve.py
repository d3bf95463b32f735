"""`serve`: the service on the host and port of the settings."""

import argparse
import os
import sys
from contextlib import AbstractContextManager

import uvicorn
from fastapi import FastAPI

from app import cpus, logs, worker_folder
from app.audit import opened_audit
from app.commands.starting import loaded_service, refuse
from app.keys import KeysError, keys_of
from app.protocol import Http
from app.service import Service
from app.settings import Settings

KEEP_ALIVE_SECONDS = 65  # longer than the minute for which load balancers keep connections
IN_FLIGHT_SECONDS = 30  # that requests under way may still take when the server stops
# That a worker may take to answer its supervisor, or to replace another. On a busy machine it imports for longer than
# uvicorn's 5 seconds, and would be killed and started again and again.
HEALTH_SECONDS = 30


def run(_: argparse.Namespace) -> int:
    """Check settings and files first, so that a mistake gets one sentence, then serve."""
    service = loaded_service()
    try:
        keys_of(service.settings)
    except KeysError as error:
        refuse(str(error))
    settings = _within_the_cpus(service.settings)
    service.settings = settings
    _check_audit(service)
    with folder_of(settings.workers):
        uvicorn.run(
            # Several workers are processes of their own, and each loads its own model.
            _app(service) if settings.workers == 1 else "app.main:app",
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            http=Http,
            root_path=settings.root_path,
            log_config=logs.config(settings),
            access_log=settings.access_log,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=IN_FLIGHT_SECONDS,
            timeout_worker_healthcheck=HEALTH_SECONDS,
        )
    return 0


def _app(service: Service) -> FastAPI:
    # Imported only now: on import, `app.main` makes an app from the settings, and prometheus-client looks for a folder.
    from app.main import create_app  # noqa: PLC0415

    return create_app(service.settings, service)


def _check_audit(service: Service) -> None:
    """Open the audit's file, and close it again: each worker opens it itself."""
    try:
        audit = opened_audit(service)
    except OSError as error:
        refuse(f"DIGITS_AUDIT: {service.settings.audit} cannot be written: {error.strerror}")
    if audit is not None:
        audit.close()


def folder_of(workers: int) -> AbstractContextManager[object]:
    """Return the folder for the workers' metrics. Where there is no place for it, exit with code 2."""
    try:
        return worker_folder.made_for(workers)
    except OSError as error:
        refuse(f"several workers need a folder for temporary files; set TMPDIR, or DIGITS_WORKERS=1: {error.strerror}")


def _within_the_cpus(settings: Settings) -> Settings:
    """Return `settings` with no more workers than CPUs, and no more BLAS threads in all workers together."""
    count = cpus.available()
    workers = min(settings.workers, count)
    blas_threads = min(settings.blas_threads, max(1, count // workers))
    if (workers, blas_threads) != (settings.workers, settings.blas_threads):
        print(
            f"postal-digits: the settings ask for {settings.workers} workers with {settings.blas_threads} BLAS threads "
            f"each; {workers} with {blas_threads} are started, since this machine or container has {count} CPUs",
            file=sys.stderr,
        )
        os.environ["DIGITS_BLAS_THREADS"] = str(blas_threads)  # workers read the settings themselves
    return settings.model_copy(update={"workers": workers, "blas_threads": blas_threads})
