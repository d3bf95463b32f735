"""What tests of the service and the client share: services on real ports, and one way to call either client."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from app.client import AsyncDigitsClient, DigitsClient, DigitsError, Reading
from app.main import create_app
from app.settings import Settings
from tests.app import services
from tests.app.services import RealService, ScriptedService, running

Outcome = Reading | DigitsError
Many = Callable[..., list[Outcome]]


def sync_many(
    url: str, images: Iterable[Any], concurrency: int = 16, *, client: Any = None, **options: Any
) -> list[Outcome]:
    with DigitsClient(url, **(client or {})) as opened:
        return list(opened.read_many(images, concurrency, **options))


def async_many(
    url: str, images: Iterable[Any], concurrency: int = 16, *, client: Any = None, **options: Any
) -> list[Outcome]:
    async def read_all() -> list[Outcome]:
        async with AsyncDigitsClient(url, **(client or {})) as opened:
            return [result async for result in opened.read_many(images, concurrency, **options)]

    return asyncio.run(read_all())


@pytest.fixture(params=[sync_many, async_many], ids=["sync", "async"])
def many(request: pytest.FixtureRequest) -> Many:
    chosen: Many = request.param
    return chosen


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The address of the service with its default settings."""
    with running(create_app(Settings())) as address:
        yield address


@pytest.fixture(scope="session")
def real() -> Iterator[RealService]:
    with services.real_service() as service:
        yield service


@pytest.fixture
def scripted() -> Iterator[ScriptedService]:
    with services.scripted_service() as service:
        yield service


def text_of(outcome: Outcome) -> str:
    """Return the text that was read; raise the error where there is none."""
    if isinstance(outcome, DigitsError):
        raise outcome
    return outcome.text
