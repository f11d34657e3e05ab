from __future__ import annotations

import pytest

from tests.fixtures.memory_services import MemoryServices


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()
