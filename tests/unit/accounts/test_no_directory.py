"""A deployment without users of its own: its admins still manage limits, and nobody signs in."""

from __future__ import annotations

from typing import cast

import pytest

from reelgate.adapters.users.no_directory import NoDirectory
from reelgate.domain import errors
from reelgate.ports.identity import Caller
from reelgate.use_cases.accounts.change_user import UserChanges, change_user
from reelgate.use_cases.accounts.log_in import refresh
from reelgate.use_cases.accounts.manage_users import find_user, get_user, list_users
from reelgate.use_cases.accounts.require_acting_admin import require_acting_admin
from tests.doubles.memory_directory import MemoryDirectory
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.newcomers import EMAIL, PASSWORD, enter, sign_up


@pytest.fixture
def foreign(services: MemoryServices) -> MemoryServices:
    services.directory = cast("MemoryDirectory", NoDirectory())
    return services


async def test_nobody_registers_or_signs_in(foreign: MemoryServices) -> None:
    with pytest.raises(errors.RegistrationClosed):
        await sign_up(foreign)
    with pytest.raises(errors.InvalidCredentials):
        await enter(foreign, EMAIL, PASSWORD)
    with pytest.raises(errors.InvalidCredentials):
        await refresh(foreign, "token")


async def test_admins_of_another_issuer_manage_the_books_of_its_users(foreign: MemoryServices) -> None:
    admin = Caller(uid="main-root", email=None, role="admin", issuer="https://main.example")
    await require_acting_admin(foreign, admin)
    await foreign.add_video("a.mp4", 100)
    assert [one.account.uid for one in (await list_users(foreign, limit=10, cursor=None)).items] == ["ada"]
    await change_user(foreign, admin, "ada", UserChanges(role=None, terms={"storage_limit": 150}))
    with pytest.raises(errors.StorageLimitExceeded):
        await foreign.grant("b.mp4", 51)
    with pytest.raises(errors.ForeignUser):
        await change_user(foreign, admin, "ada", UserChanges(role="admin", terms={}))
    with pytest.raises(errors.UserNotFound):
        await get_user(foreign, "nobody")
    assert await find_user(foreign, "ada@example.org") is None
