"""The service, put together from its parts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from threadpoolctl import threadpool_limits

from app import keys, problems
from app.answering import Answering
from app.audit import opened_audit
from app.capacity import Budget
from app.memory import give_back_large_blocks
from app.metrics import Metrics
from app.middleware import LimitedBodies, RequestId
from app.routes import about, docs, inference, metrics, page, predict
from app.routes.documented import PROBLEMS, describe_keys
from app.service import Service
from app.settings import Settings
from app.signals import drained_on_terminate
from app.version import VERSION

BODIES_UNDER_WAY = 3
"""How many bodies of the largest size fit in memory at once; beyond that, requests are refused as busy."""

BODIES_IN_THREADS = 2
"""So many are unpacked or parsed at once: what they become takes many times the memory that they take."""

SWITCH_SECONDS = 0.0001
"""How long the event loop waits at most, at each call to the system, for a compute thread that runs Python."""


def create_app(settings: Settings | None = None, service: Service | None = None) -> FastAPI:
    """Return the app with `settings`, by default those of the environment.

    service: what reads the pictures; without it, the model that the settings name is loaded when the app starts.
    Raises KeysError where the API keys that the settings name cannot be used.
    """
    chosen = settings or Settings()
    allowed = keys.keys_of(chosen)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        give_back_large_blocks()
        sys.setswitchinterval(SWITCH_SECONDS)
        with threadpool_limits(chosen.blas_threads, "blas"):
            shared = app.state.service = service or Service(chosen)
            measured = app.state.metrics = Metrics(shared.build)
            settling = asyncio.create_task(measured.settle_for_ever())
            audit = opened_audit(shared, measured.audit_lost)
            answering = app.state.answering = Answering(shared, measured, audit)
            await answering.ready()
            shared.ready = True
            to_thread.current_default_thread_limiter().total_tokens = BODIES_IN_THREADS
            watched = nullcontext() if allowed is None else allowed.watched()
            with drained_on_terminate(chosen.drain_seconds, shared.drain, audit.reopen if audit else None), watched:
                # While it drains, every answer also says that the connection closes: see RequestId.
                yield {
                    "receive_seconds": chosen.receive_seconds,
                    "refusing": lambda: shared.ready and answering.full,
                    "count": measured.before_the_app,
                }
            shared.drain()
            await run_in_threadpool(answering.close)
            settling.cancel()
            measured.settle()
            if audit is not None:
                audit.close()

    # Serves Swagger UI's files itself: a sorting centre's machines may reach no other host.
    app = FastAPIOffline(
        title="postal-digits",
        version=VERSION,
        description="Reads handwritten digits and postal codes.",
        static_url=docs.FILES,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={status: PROBLEMS[status] for status in (408, 422, 431)},  # before any route is asked
    )
    problems.install(app)
    most = chosen.max_body_bytes
    app.state.lists = Budget(BODIES_UNDER_WAY * most)  # of what lists hold that are taken line by line
    app.add_middleware(LimitedBodies, most=most, most_together=BODIES_UNDER_WAY * most)
    app.add_middleware(RequestId, routes=app.routes)
    if chosen.cors_origins:
        origins = [origin.strip() for origin in chosen.cors_origins.split(",")]
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["X-Request-ID"],
        )
    # The routes themselves, and before the pages: FastAPI looks for a route of an included router twice.
    app.router.routes[:0] = [*predict.router.routes, *inference.router.routes]
    app.include_router(about.router)
    app.include_router(metrics.router)
    docs.install(app)
    page.install(app)
    if allowed is not None:
        also = [name for name in chosen.api_keys_also_for.split(",") if name]
        # Within what makes answers of errors, so that a refusal has the shape of its route's other errors.
        app.router.middleware_stack = keys.Guard(app.router.middleware_stack, allowed, also)
        describe_keys(app, also)
    return app


app = create_app()
