from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from reelgate import bootstrap


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
