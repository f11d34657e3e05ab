"""What the claims to user names promise."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.records.usernames import DocumentUsernames
from reelgate.ports.accounts import Claim
from tests.fixtures.bookkeeping import NOON

ADA = Claim(username="Ada", uid="u1", claimant="c1", claimed_at=NOON)
EVE = Claim(username="ADA", uid="u2", claimant="c2", claimed_at=NOON)


@pytest.fixture
def usernames(documents: DocumentStore) -> DocumentUsernames:
    return DocumentUsernames(documents)


async def test_a_name_is_claimed_once_however_it_is_written(usernames: DocumentUsernames) -> None:
    assert await usernames.find("Ada") is None
    assert await usernames.claim(ADA)
    assert not await usernames.claim(EVE)
    assert await usernames.find("aDA") == ADA


async def test_a_claim_is_taken_over_only_as_it_was_seen(usernames: DocumentUsernames) -> None:
    await usernames.claim(ADA)
    assert not await usernames.claim(EVE, instead_of=replace(ADA, uid="u9"))
    assert await usernames.claim(EVE, instead_of=ADA)
    assert not await usernames.claim(replace(ADA, uid="u3"), instead_of=ADA)
    assert await usernames.find("Ada") == EVE
    assert not await usernames.claim(ADA, instead_of=replace(ADA, username="Nobody"))


async def test_confirming(usernames: DocumentUsernames) -> None:
    assert not await usernames.confirm(ADA)
    await usernames.claim(ADA)
    assert not await usernames.confirm(EVE)
    for _ in range(2):
        assert await usernames.confirm(ADA)
    assert await usernames.find("Ada") == replace(ADA, confirmed=True)


async def test_releasing(usernames: DocumentUsernames) -> None:
    await usernames.release(ADA)
    await usernames.claim(ADA)
    await usernames.release(EVE)
    assert await usernames.find("Ada") == ADA
    await usernames.release(ADA)
    await usernames.release(ADA)
    assert await usernames.find("Ada") is None
    assert not await usernames.confirm(ADA)
    assert await usernames.claim(EVE)
    await usernames.confirm(EVE)
    await usernames.release(EVE)
    assert await usernames.find("Ada") == replace(EVE, confirmed=True)


async def test_many_at_once(usernames: DocumentUsernames) -> None:
    claims = [replace(ADA, uid=f"u{n}", claimant=f"c{n}") for n in range(12)]
    won = [claim for claim, got in zip(claims, await asyncio.gather(*map(usernames.claim, claims)), strict=True) if got]
    assert [await usernames.find("Ada")] == won
    await usernames.release(won[0])
    again = [claim for claim, got in zip(claims, await asyncio.gather(*map(usernames.claim, claims)), strict=True) if got]
    assert [await usernames.find("Ada")] == again


@pytest.mark.parametrize("name", ["a.b", "a b", "__ab__", "李小龙"])
async def test_names_that_are_no_plain_ids(usernames: DocumentUsernames, name: str) -> None:
    assert await usernames.claim(replace(ADA, username=name))
    found = await usernames.find(name)
    assert found is not None
    assert found.username == name


def test_a_claimant_is_no_address(usernames: DocumentUsernames) -> None:
    assert usernames.claimant("ada@example.org") == usernames.claimant("ada@example.org")
    assert usernames.claimant("eve@example.org") != usernames.claimant("ada@example.org")
    assert "ada" not in usernames.claimant("ada@example.org")
