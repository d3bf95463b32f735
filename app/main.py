"""The service: its parts, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from threadpoolctl import threadpool_limits

from app import errors
from app.middleware import BodyLimit, RequestId
from app.routes import about, predict
from app.service import Service
from app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service with `settings`, by default the environment's; its model is loaded when it starts."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with threadpool_limits(chosen.blas_threads, "blas"):
            app.state.service = Service(chosen)
            app.state.service.warm_up()
            yield
            app.state.service.ready = False

    app = FastAPI(
        title="postal-digits",
        version="1.0.0",
        description="Reads handwritten digits and postal codes.",
        lifespan=lifespan,
    )
    errors.install(app)
    app.add_middleware(BodyLimit, most=chosen.max_body_bytes)
    app.add_middleware(RequestId)
    app.include_router(predict.router)
    app.include_router(about.router)

    @app.get("/", include_in_schema=False)
    async def home() -> RedirectResponse:
        return RedirectResponse("/docs")

    return app


app = create_app()
