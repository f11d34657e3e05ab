"""Unit tests need nothing that runs, and see nothing of it: `./emulator.sh test` runs them beside a local cloud."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from reelgate.config.settings import EMULATOR_VARIABLES
from reelgate.web.console import files as console_files
from reelgate.web.watch import assets as watch_assets
from tests.fixtures.api_client import ApiClient
from tests.fixtures.console_files import stand_in
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.watch_files import without_npm


@pytest.fixture(autouse=True)
def _no_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the local cloud's addresses and settings out of the environment."""
    for name in [name for name in os.environ if name in EMULATOR_VARIABLES or name.startswith("REELGATE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _watch_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The watch page has its files, with something in the place of what is fetched from npm."""
    found = watch_assets.assets(without_npm(tmp_path_factory.mktemp("watch") / "assets"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch_assets, "assets", lambda: found)
        yield


@pytest.fixture(autouse=True, scope="session")
def _console_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The web console was built, and is a small one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console_files, "FOLDER", stand_in(tmp_path_factory.mktemp("console")))
        yield


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
async def api(services: MemoryServices) -> AsyncIterator[ApiClient]:
    """The API as ada sees it."""
    async with ApiClient(services) as client:
        yield client


@pytest.fixture
async def bob(services: MemoryServices) -> AsyncIterator[ApiClient]:
    """The API as another user."""
    async with ApiClient(services, "bob") as client:
        yield client


@pytest.fixture
async def admin(services: MemoryServices) -> AsyncIterator[ApiClient]:
    """The API as an admin sees it."""
    async with ApiClient(services, "root") as client:
        yield client
