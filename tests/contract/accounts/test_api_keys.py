"""What the records of API keys promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reelgate.adapters.documents.document_store import Address, DocumentStore
from reelgate.adapters.documents.single_documents import get_document
from reelgate.adapters.records.api_keys import DocumentApiKeys
from reelgate.domain.accounts.api_keys import NewKey, new_api_key, presented_key
from reelgate.domain.accounts.checked_tokens import CheckedToken
from reelgate.domain.errors import ApiKeyNotFound, ApiKeyRevoked
from tests.fixtures.bookkeeping import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
def keys(documents: DocumentStore) -> DocumentApiKeys:
    return DocumentApiKeys(documents)


async def added(keys: DocumentApiKeys, uid: str = "ada", *, after: timedelta = timedelta(), **more: object) -> NewKey:
    properties = {"label": "ci", "scopes": ["read", "write"], "created_at": NOON + after, "expires_at": None}
    made = new_api_key(uid, **{**properties, **more})  # type: ignore[arg-type]
    await keys.add(made.record)
    return made


async def test_a_key_is_as_added_and_listed_newest_first(keys: DocumentApiKeys) -> None:
    first = await added(keys)
    second = await added(keys, after=HOUR, expires_at=NOON + 2 * HOUR, label="é 😀", scopes=["read"])
    await added(keys, "bob")
    assert await keys.of_user("ada") == [second.record, first.record]
    assert await keys.of_user("nobody") == []


async def test_only_the_key_itself_finds_its_record(keys: DocumentApiKeys) -> None:
    made = await added(keys)
    found = await keys.use(presented_key(made.text), now=NOON)
    assert found == made.record
    assert await keys.use(CheckedToken(made.record.key_id, "0" * 64), now=NOON) is None
    assert await keys.use(CheckedToken("0" * 16, presented_key(made.text).digest), now=NOON) is None


async def test_a_use_is_recorded_once_an_hour(keys: DocumentApiKeys) -> None:
    made = await added(keys)
    recorded = []
    for minutes in (0, 59, 60, 119, 120):
        at = NOON + timedelta(minutes=minutes)
        await keys.use(presented_key(made.text), now=at)
        [key] = await keys.of_user("ada")
        recorded.append(key.last_used_at)
    assert recorded == [NOON, NOON, NOON + HOUR, NOON + HOUR, NOON + 2 * HOUR]


async def test_an_expired_key_is_not_used(keys: DocumentApiKeys) -> None:
    made = await added(keys, expires_at=NOON + HOUR)
    assert await keys.use(presented_key(made.text), now=NOON + HOUR) == made.record
    assert (await keys.of_user("ada"))[0].last_used_at is None


async def test_revoking(keys: DocumentApiKeys, documents: DocumentStore) -> None:
    made = await added(keys)
    key_id = made.record.key_id
    assert [await keys.revoke("ada", key_id, at=NOON) for _ in range(2)] == [True, False]
    for uid, unknown in (("bob", key_id), ("", key_id), ("ada", "0" * 16)):
        with pytest.raises(ApiKeyNotFound):
            await keys.revoke(uid, unknown, at=NOON)
    found = await keys.use(presented_key(made.text), now=NOON)
    assert found is not None
    assert (found.uid, found.label) == ("", "")
    with pytest.raises(ApiKeyRevoked):
        found.require_valid(NOON)
    assert await keys.of_user("ada") == []
    stored = await get_document(documents, Address(("api_keys",), key_id))
    assert stored is not None
    assert stored.fields["purge_at"] == NOON + timedelta(days=30)


async def test_suspending_and_back(keys: DocumentApiKeys) -> None:
    of_bob = await added(keys, "bob")
    revoked, kept = await added(keys), await added(keys)
    await keys.revoke("ada", revoked.record.key_id, at=NOON)
    for suspended in (True, True, False):
        await keys.suspend("ada", suspended)
        assert [key.suspended for key in await keys.of_user("ada")] == [suspended]
    assert await keys.of_user("ada") == [kept.record]
    assert await keys.of_user("bob") == [of_bob.record]


async def test_removing(keys: DocumentApiKeys) -> None:
    first = await added(keys)
    kept = await added(keys)
    for _ in range(2):
        await keys.remove(first.record.key_id)
    assert await keys.use(presented_key(first.text), now=NOON) is None
    assert await keys.of_user("ada") == [kept.record]
