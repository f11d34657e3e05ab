"""Asked whether a token counts at this moment: everybody who may have revoked it is asked."""

from __future__ import annotations

import pytest

from reelgate.domain import errors
from reelgate.use_cases.accounts.change_user import UserChanges, change_user
from reelgate.use_cases.accounts.inspect_token import inspect_token
from tests.doubles.memory_identity import FOREIGN_ISSUER
from tests.fixtures.memory_services import ADA, ROOT, MemoryServices
from tests.fixtures.newcomers import EMAIL, NAME, enter, sign_up


@pytest.fixture
async def token(services: MemoryServices) -> str:
    """A registered user's."""
    await sign_up(services)
    return (await enter(services)).tokens.id_token


async def test_a_token_that_counts(services: MemoryServices, token: str) -> None:
    counting = await inspect_token(services, token)
    assert (counting.caller.email, counting.caller.role, counting.token.issuer) == (EMAIL, "user", services.directory.issuer)
    assert counting.account is not None
    assert counting.account.username == NAME


async def test_the_role_is_the_present_one(services: MemoryServices, token: str) -> None:
    await services.directory.set_role("id-1", "admin")
    assert (await inspect_token(services, token)).caller.role == "admin"


async def test_removed_disabled_and_signed_out_users(services: MemoryServices, token: str) -> None:
    services.clock.advance(seconds=5)
    await services.directory.set_disabled("id-1", True)
    with pytest.raises(errors.Unauthorized):
        await inspect_token(services, token)
    await services.directory.set_disabled("id-1", False)
    with pytest.raises(errors.Unauthorized):  # tokens from before do not come back
        await inspect_token(services, token)
    newer = (await enter(services)).tokens.id_token
    assert (await inspect_token(services, newer)).caller.uid == "id-1"
    await services.directory.remove("id-1")
    with pytest.raises(errors.Unauthorized):
        await inspect_token(services, newer)


async def test_foreign_tokens_are_not_looked_up_but_the_books_are_asked(services: MemoryServices) -> None:
    services.directory.before = lambda method: pytest.fail(f"{method} was called")
    counting = await inspect_token(services, "ada")
    assert (counting.caller, counting.token.issuer, counting.account) == (ADA, FOREIGN_ISSUER, None)
    await services.add_video(caller=ADA)
    services.directory.before = lambda _: None
    await change_user(services, ROOT, "ada", UserChanges(role=None, terms={"disabled": True}))
    with pytest.raises(errors.Unauthorized):
        await inspect_token(services, "ada")


async def test_who_cannot_be_asked_is_no_yes(services: MemoryServices, token: str) -> None:
    services.directory.unavailable = True
    with pytest.raises(errors.Unavailable):
        await inspect_token(services, token)
    with pytest.raises(errors.Unauthorized):
        await inspect_token(services, "forged")
