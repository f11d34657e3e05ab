"""Who presents an API key, what it costs to find out, and how many wrong ones an address may try."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from reelgate.adapters.tokens.api_key_identity import ApiKeyIdentity
from reelgate.domain import errors
from reelgate.domain.accounts.api_keys import NewKey, new_api_key
from reelgate.domain.accounts.checked_tokens import _check_of
from reelgate.ports.identity import Caller
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.store_calls import StoreCalls

HOME = "192.0.2.1"
ONE_READ = [("get", 1)]


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


def a_key(services: MemoryServices, uid: str = "ada", **more: object) -> NewKey:
    properties = {"label": "ci", "scopes": ["read"], "created_at": services.now(), "expires_at": None}
    return new_api_key(uid, **{**properties, **more})  # type: ignore[arg-type]


async def added(services: MemoryServices, **more: object) -> NewKey:
    made = a_key(services, **more)
    await services.api_keys.add(made.record)
    return made


async def test_the_caller_is_a_user_with_the_scopes_of_the_key(services: MemoryServices) -> None:
    made = await added(services, scopes=["write", "read"])
    caller = await services.key_identity.verify(made.text, address=HOME)
    assert caller == Caller(uid="ada", email=None, role="user", key_id=made.record.key_id, scopes=("read", "write"))


async def test_a_key_costs_one_read_a_minute_and_a_write_an_hour(services: MemoryServices) -> None:
    made = await added(services)
    calls = StoreCalls(services.documents)
    await services.key_identity.verify(made.text, address=HOME)
    assert calls.take() == [*ONE_READ, ("commit", 1)]
    services.clock.advance(seconds=59)
    await services.key_identity.verify(made.text, address=HOME)
    assert calls.take() == []
    for _ in range(58):
        services.clock.advance(seconds=61)
        await services.key_identity.verify(made.text, address=HOME)
        assert calls.take() == ONE_READ
    services.clock.advance(seconds=61)
    await services.key_identity.verify(made.text, address=HOME)
    assert calls.take() == [*ONE_READ, ("commit", 1)]


async def test_a_revoked_key_works_for_a_minute_at_most(services: MemoryServices) -> None:
    made = await added(services)
    await services.key_identity.verify(made.text, address=HOME)
    await services.api_keys.revoke("ada", made.record.key_id, at=services.now())
    services.clock.advance(seconds=60)
    with pytest.raises(errors.ApiKeyRevoked):
        await services.key_identity.verify(made.text, address=HOME)


async def test_an_expired_key_ends_at_its_instant(services: MemoryServices) -> None:
    made = await added(services, expires_at=services.now() + timedelta(seconds=10))
    await services.key_identity.verify(made.text, address=HOME)
    services.clock.advance(seconds=10)
    with pytest.raises(errors.ApiKeyExpired):
        await services.key_identity.verify(made.text, address=HOME)


async def test_that_a_key_has_ended_is_told_only_to_who_has_it(services: MemoryServices) -> None:
    made = await added(services, expires_at=services.now() + timedelta(seconds=10))
    services.clock.advance(minutes=1)
    forged = a_key(services).text
    with pytest.raises(errors.InvalidApiKey):
        await services.key_identity.verify(_with_id(forged, made.record.key_id), address=HOME)


async def test_a_mistyped_key_costs_nothing(services: MemoryServices) -> None:
    text = a_key(services).text
    services.documents.unavailable = True
    with pytest.raises(errors.InvalidApiKey):
        await services.key_identity.verify(text[:-1] + ("a" if text[-1] != "a" else "b"), address=HOME)


async def test_wrong_keys_are_counted_and_then_cost_no_read(services: MemoryServices) -> None:
    limit = services.account_policy.login_max_failures_of_address
    known = await added(services)
    unknown = await added(services)
    await services.key_identity.verify(known.text, address=HOME)
    for _ in range(limit):
        with pytest.raises(errors.InvalidApiKey):
            await services.key_identity.verify(a_key(services).text, address=HOME)
    with pytest.raises(errors.TooManyAttempts) as refused:
        await services.key_identity.verify(a_key(services).text, address=HOME)
    assert refused.value.first
    calls = StoreCalls(services.documents)
    for key in (a_key(services), a_key(services), unknown):
        with pytest.raises(errors.TooManyAttempts):
            await services.key_identity.verify(key.text, address=HOME)
    assert calls.take() == []
    assert (await services.key_identity.verify(known.text, address=HOME)).uid == "ada"
    assert (await services.key_identity.verify(unknown.text, address="198.51.100.1")).uid == "ada"
    services.clock.advance(minutes=15)
    for key in (known, unknown):
        assert (await services.key_identity.verify(key.text, address=HOME)).uid == "ada"


async def test_another_instance_refuses_as_well(services: MemoryServices) -> None:
    for _ in range(services.account_policy.login_max_failures_of_address + 1):
        with pytest.raises((errors.InvalidApiKey, errors.TooManyAttempts)):
            await services.key_identity.verify(a_key(services).text, address=HOME)
    other = ApiKeyIdentity(services.api_keys, services.rate_limiter, services.account_policy, clock=services.clock)
    with pytest.raises(errors.TooManyAttempts) as refused:
        await other.verify(a_key(services).text, address=HOME)
    assert not refused.value.first
    calls = StoreCalls(services.documents)
    with pytest.raises(errors.TooManyAttempts):
        await other.verify(a_key(services).text, address=HOME)
    assert calls.take() == []


async def test_the_same_wrong_key_is_one_guess_a_minute(services: MemoryServices) -> None:
    """A machine whose key was removed does not shut out its neighbours."""
    text = a_key(services).text
    calls = StoreCalls(services.documents)
    for _ in range(100):
        with pytest.raises(errors.InvalidApiKey):
            await services.key_identity.verify(text, address=HOME)
    assert calls.take().count(("get", 1)) == 2  # the key, and the counter


async def test_what_is_remembered_is_bounded(services: MemoryServices) -> None:
    identity = ApiKeyIdentity(
        services.api_keys, services.rate_limiter, services.account_policy, clock=services.clock, capacity=2
    )
    keys = [await added(services) for _ in range(3)]
    for made in keys:
        await identity.verify(made.text, address=HOME)
    calls = StoreCalls(services.documents)
    await identity.verify(keys[2].text, address=HOME)
    assert calls.take() == []
    await identity.verify(keys[0].text, address=HOME)
    assert calls.take() == ONE_READ


async def test_a_use_that_cannot_be_recorded_is_recorded_later(
    services: MemoryServices, caplog: pytest.LogCaptureFixture
) -> None:
    made = await added(services)

    def lost(_: object) -> None:
        raise errors.Unavailable("no answer")

    services.documents.before_commit = lost
    with caplog.at_level(logging.DEBUG):
        assert (await services.key_identity.verify(made.text, address=HOME)).uid == "ada"
    assert made.text not in caplog.text
    services.documents.before_commit = lambda _: None
    services.clock.advance(minutes=1)
    await services.key_identity.verify(made.text, address=HOME)
    [key] = await services.api_keys.of_user("ada")
    assert key.last_used_at == services.now()


def _with_id(text: str, key_id: str) -> str:
    """Return a guess of the secret: the id of a key, and a check that is right."""
    unchecked = f"rgk_{key_id}_{text.split('_')[2][:-6]}"
    return unchecked + _check_of(unchecked)
