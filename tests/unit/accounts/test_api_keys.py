"""Users make, list and revoke API keys: a bounded number, also where requests race."""

from __future__ import annotations

import asyncio

import pytest

from reelgate.adapters.documents.document_store import Address, Write
from reelgate.domain import errors
from reelgate.domain.accounts.api_keys import MAX_KEYS, NewKey, presented_key
from reelgate.ports.identity import Caller
from reelgate.use_cases.accounts.change_user import UserChanges, change_user
from reelgate.use_cases.accounts.manage_api_keys import create_api_key, list_api_keys, revoke_api_key
from tests.fixtures.memory_services import ADA, BOB, ROOT, MemoryServices


async def make(services: MemoryServices, caller: Caller = ADA, label: str = "ci") -> NewKey:
    return await create_api_key(services, caller, label=label, scopes=["read"], expires_at=None)


async def test_a_key_is_listed_and_used_until_it_is_revoked(services: MemoryServices) -> None:
    first, second = await make(services), await make(services, label="backup")
    assert {key.label for key in await list_api_keys(services, ADA)} == {"ci", "backup"}
    assert await list_api_keys(services, BOB) == []
    assert (await services.key_identity.verify(first.text, address=None)).uid == "ada"
    assert [await revoke_api_key(services, ADA, first.record.key_id) for _ in range(3)] == [True, False, False]
    assert [key.label for key in await list_api_keys(services, ADA)] == ["backup"]
    services.clock.advance(minutes=1)
    with pytest.raises(errors.ApiKeyRevoked):
        await services.key_identity.verify(first.text, address=None)
    assert (await services.key_identity.verify(second.text, address=None)).uid == "ada"


@pytest.mark.parametrize("key_id", ["0123456789abcdef", "", "..", "a/b", "é" * 16, "x" * 5000])
async def test_a_key_that_does_not_exist(services: MemoryServices, key_id: str) -> None:
    with pytest.raises(errors.ApiKeyNotFound):
        await revoke_api_key(services, ADA, key_id)


async def test_another_user_s_key_does_not_exist(services: MemoryServices) -> None:
    made = await make(services)
    for _ in range(2):
        with pytest.raises(errors.ApiKeyNotFound):
            await revoke_api_key(services, BOB, made.record.key_id)
        await revoke_api_key(services, ADA, made.record.key_id)


async def test_the_number_of_keys_is_bounded_also_in_a_race(services: MemoryServices) -> None:
    results = await asyncio.gather(*(make(services) for _ in range(3 * MAX_KEYS)), return_exceptions=True)
    made = [result for result in results if isinstance(result, NewKey)]
    refused = [result for result in results if not isinstance(result, NewKey)]
    assert {type(error) for error in refused} == {errors.TooManyApiKeys}
    kept = {key.key_id for key in await list_api_keys(services, ADA)}
    assert kept == {one.record.key_id for one in made}
    for _ in range(MAX_KEYS - len(kept)):
        await make(services)
    with pytest.raises(errors.TooManyApiKeys):
        await make(services)
    await revoke_api_key(services, ADA, (await list_api_keys(services, ADA))[0].key_id)
    await make(services)
    await make(services, BOB)


async def test_a_disabled_account_makes_no_keys(services: MemoryServices) -> None:
    await services.add_video()
    await change_user(services, ROOT, "ada", UserChanges(role=None, terms={"disabled": True}))
    with pytest.raises(errors.AccountDisabled):
        await make(services)


async def test_a_key_that_is_made_while_the_account_is_disabled_does_not_survive(services: MemoryServices) -> None:
    await services.add_video()
    disabling: list[asyncio.Task[object]] = []

    def disable_meanwhile(_: object) -> None:
        services.documents.before_commit = lambda _: None
        changes = UserChanges(role=None, terms={"disabled": True})
        disabling.append(asyncio.create_task(change_user(services, ROOT, "ada", changes)))

    services.documents.before_commit = disable_meanwhile
    results = await asyncio.gather(make(services), return_exceptions=True)
    await asyncio.gather(*disabling)
    [result] = results
    keys = await services.api_keys.of_user("ada")
    assert isinstance(result, errors.AccountDisabled) or all(key.suspended for key in keys)
    assert not [key for key in keys if not key.suspended]


async def test_a_key_that_is_made_while_the_account_is_deleted_does_not_survive(services: MemoryServices) -> None:
    await services.add_video()
    database, account = services.documents.database, Address(("users",), "ada")

    def delete_meanwhile(_: object) -> None:
        services.documents.before_commit = lambda _: None
        database.apply([Write(account, {**database.documents[account].fields, "erasing": True})])

    services.documents.before_commit = delete_meanwhile
    with pytest.raises(errors.AccountDeleted):
        await make(services)
    assert await list_api_keys(services, ADA) == []


async def test_what_is_stored_does_not_hold_the_key(services: MemoryServices) -> None:
    made = await make(services)
    await services.key_identity.verify(made.text, address=None)
    stored = str([document.fields for document in services.documents.database.documents.values()])
    assert made.text not in stored
    assert made.text.split("_")[2][:12] not in stored
    assert presented_key(made.text).digest in stored


async def test_a_revoked_key_no_longer_names_its_user(services: MemoryServices) -> None:
    made = await make(services, label="of Ada")
    await revoke_api_key(services, ADA, made.record.key_id)
    [stored] = [doc for doc in services.documents.database.documents.values() if doc.address.collection == ("api_keys",)]
    assert "ada" not in str(stored.fields).lower().replace(stored.fields["owner"], "")
