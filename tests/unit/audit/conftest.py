from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

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
