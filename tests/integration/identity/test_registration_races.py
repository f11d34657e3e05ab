"""Registrations that race, from two instances, over Firebase's and Firestore's own emulators."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

import pytest

from localcloud.supervisor.services.environment import PROJECT
from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.firestore_store import FirestoreClient, FirestoreDocumentStore
from reelgate.adapters.records.rate_limiter import DocumentRateLimiter
from reelgate.adapters.records.usernames import DocumentUsernames
from reelgate.adapters.tokens.jwt_identity import EmulatorTokenVerifier, Issuer, JwtIdentity
from reelgate.adapters.users.firebase_directory import FirebaseDirectory, connect
from reelgate.domain.accounts.issuers import firebase_emulator_issuer
from reelgate.domain.errors import EmailTaken, ReelgateError, Unavailable, UsernameTaken
from reelgate.ports.books import ReadSet
from reelgate.use_cases.accounts.log_in import log_in
from reelgate.use_cases.accounts.register import Registered
from tests.fixtures.bookkeeping import ENCODE_ACTION
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.newcomers import sign_up

pytestmark = pytest.mark.emulator


@pytest.fixture
async def instances(
    auth_host: str, firestore_clients: Callable[[], FirestoreClient], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[MemoryServices]]:
    """Two instances of the function: books, names, counters and directory are the emulators'."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_host)
    directories: list[FirebaseDirectory] = []

    def instance() -> MemoryServices:
        services = MemoryServices()
        services.new_id = lambda: secrets.token_hex(16)  # type: ignore[method-assign]
        documents = FirestoreDocumentStore(firestore_clients())
        directories.append(connect(PROJECT, api_key="any", emulator=auth_host))
        issuer = firebase_emulator_issuer(PROJECT)
        services.directory = directories[-1]  # type: ignore[assignment]
        services.identity = JwtIdentity([Issuer(issuer, EmulatorTokenVerifier(issuer, in_cloud=False))])  # type: ignore[assignment]
        services.usernames = DocumentUsernames(documents)
        services.rate_limiter = DocumentRateLimiter(documents, key=b"k")
        services.books = DocumentBooks(documents, clock=services.clock, encode_action=ENCODE_ACTION)
        return services

    yield [instance(), instance()]
    for directory in directories:
        directory.close()


async def assert_one_account(services: MemoryServices, name: str, email: str, uid: str) -> None:
    claim = await services.usernames.find(name)
    assert claim is not None
    assert (claim.uid, claim.confirmed) == (uid, True)
    account = (await services.books.read(uid, ReadSet())).account
    assert account is not None
    assert (account.username, account.email) == (name, email)
    assert (await log_in(services, name, "correct horse", address="::1")).caller.uid == uid


async def test_one_name_for_many(instances: list[MemoryServices]) -> None:
    name = f"Name {secrets.token_hex(4)}"
    emails = [f"{secrets.token_hex(6)}@example.org" for _ in range(8)]
    results = await asyncio.gather(
        *(sign_up(instances[n % 2], email=email, username=name, address=f"192.0.2.{n}") for n, email in enumerate(emails)),
        return_exceptions=True,
    )
    won = [(email, result) for email, result in zip(emails, results, strict=True) if isinstance(result, Registered)]
    assert len(won) == 1
    assert all(isinstance(result, Registered | UsernameTaken | Unavailable) for result in results), results
    [(email, registered)] = won
    known = [address for address in emails if await instances[0].directory.find(address)]
    assert known == [email]
    await assert_one_account(instances[1], name, email, registered.account.uid)


async def test_one_person_at_both_instances(instances: list[MemoryServices]) -> None:
    name, email = f"Name {secrets.token_hex(4)}", f"{secrets.token_hex(6)}@example.org"
    results = await asyncio.gather(
        *(sign_up(instances[n % 2], email=email, username=name) for n in range(4)), return_exceptions=True
    )
    assert all(isinstance(result, Registered | ReelgateError) for result in results), results
    again = await sign_up(instances[0], email=email, username=name)
    uids = {result.account.uid for result in results if isinstance(result, Registered)}
    assert uids <= {again.account.uid}
    await assert_one_account(instances[1], name, email, again.account.uid)


async def test_one_address_with_many_names(instances: list[MemoryServices]) -> None:
    email = f"{secrets.token_hex(6)}@example.org"
    names = [f"Name {secrets.token_hex(4)}" for _ in range(6)]
    results = await asyncio.gather(
        *(sign_up(instances[n % 2], email=email, username=name, address=f"192.0.2.{n}") for n, name in enumerate(names)),
        return_exceptions=True,
    )
    won = [name for name, result in zip(names, results, strict=True) if isinstance(result, Registered)]
    assert len(won) == 1
    assert all(isinstance(result, Registered | EmailTaken) for result in results), results
    assert [name for name in names if await instances[0].usernames.find(name)] == won
