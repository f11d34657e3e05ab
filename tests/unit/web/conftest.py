from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from reelgate import bootstrap
from tests.fixtures.api_client import ApiClient
from tests.fixtures.memory_services import MemoryServices


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
async def api(services: MemoryServices) -> AsyncIterator[ApiClient]:
    """The API as ada sees it."""
    async with ApiClient(services) as client:
        yield client


@pytest.fixture
async def admin(services: MemoryServices) -> AsyncIterator[ApiClient]:
    """The API as an admin sees it."""
    async with ApiClient(services, "root") as client:
        yield client


@pytest.fixture
def freshly_started() -> Iterator[None]:
    """A process in which no function has been loaded, for those who load one as Cloud Run does; its logging is undone."""
    logger = logging.getLogger("reelgate")
    before = (list(logger.handlers), logger.level, logger.propagate)
    bootstrap.settings.cache_clear()
    bootstrap.services.cache_clear()
    yield
    bootstrap.settings.cache_clear()
    bootstrap.services.cache_clear()
    logger.handlers, logger.level, logger.propagate = before
