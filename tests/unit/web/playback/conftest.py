"""The function of viewers, and somebody without an account who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.fixtures.api_client import ApiClient
from tests.fixtures.memory_services import POLICY, MemoryServices

LEASE_SECONDS = 20


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices(
        function="stream_url",
        api_url="http://api.example",
        policy=replace(POLICY, playback_lease_seconds=LEASE_SECONDS),
    )


@pytest.fixture
async def viewer(services: MemoryServices) -> AsyncIterator[ApiClient]:
    """Somebody without an account."""
    async with ApiClient(services, None) as client:
        yield client
