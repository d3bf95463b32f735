"""The service: its parts, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from threadpoolctl import threadpool_limits

from app import errors
from app.middleware import RequestId, TooLargeProblem
from app.routes import about, predict
from app.service import Service
from app.settings import Settings
from app.version import VERSION


def create_app(settings: Settings | None = None, service: Service | None = None) -> FastAPI:
    """Return the service with `settings`, by default the environment's.

    service: what reads; without it, the settings' model is loaded when the app starts.
    """
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with threadpool_limits(chosen.blas_threads, "blas"):
            shared = app.state.service = service or Service(chosen)
            # Where requests are read, too: each thread has working memory of its own.
            await run_in_threadpool(shared.warm_up)
            yield
            shared.ready = False

    # Serves Swagger UI's files itself: a sorting centre's machines reach no other host.
    app = FastAPIOffline(
        title="postal-digits",
        version=VERSION,
        description="Reads handwritten digits and postal codes.",
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": None},  # else a badge is asked of another host
        lifespan=lifespan,
    )
    errors.install(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=chosen.max_body_bytes)
    app.add_middleware(TooLargeProblem, most=chosen.max_body_bytes)
    app.add_middleware(RequestId)
    app.include_router(predict.router)
    app.include_router(about.router)

    @app.get("/", include_in_schema=False)
    async def home() -> RedirectResponse:
        return RedirectResponse("/docs")

    return app


app = create_app()
