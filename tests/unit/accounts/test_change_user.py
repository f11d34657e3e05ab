"""Admins change users: in two places without a transaction, so that dying between them leaves nobody let in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reelgate.domain import errors
from reelgate.ports.identity import Caller
from reelgate.use_cases.accounts.change_user import ChangedUser, UserChanges, change_user
from reelgate.use_cases.accounts.log_in import refresh
from reelgate.use_cases.accounts.manage_api_keys import create_api_key
from reelgate.use_cases.accounts.manage_users import find_user, get_user, list_users
from tests.fixtures.audit_trail import forget, trail
from tests.fixtures.memory_services import ADA, ROOT, MemoryServices
from tests.fixtures.newcomers import enter, sign_up


@pytest.fixture
async def eve(services: MemoryServices) -> Caller:
    """A registered user."""
    await sign_up(services, email="eve@example.org", username="Eve")
    return (await enter(services, "Eve")).caller


async def change(
    services: MemoryServices, uid: str, *, role: str | None = None, by: Caller = ROOT, **terms: Any
) -> ChangedUser:
    return await change_user(services, by, uid, UserChanges(role=role, terms=terms))


async def test_limits_hold_at_the_next_request(services: MemoryServices, eve: Caller) -> None:
    await services.add_video("a.mp4", 100, caller=eve)
    changed = await change(services, eve.uid, storage_limit=150, daily_limit=5000)
    assert (changed.before.account.storage_limit, changed.after.account.storage_limit) == (None, 150)
    assert changed.role_effective_at is None
    with pytest.raises(errors.StorageLimitExceeded):
        await services.grant("b.mp4", 51, caller=eve)
    await services.grant("b.mp4", 50, caller=eve)
    assert (await change(services, eve.uid, storage_limit=None)).after.account.daily_limit == 5000
    await services.grant("c.mp4", 500, caller=eve)
    assert (await services.kinds(eve.uid)).count("limits") == 2


async def test_a_change_brings_what_the_directory_knows_of_the_address(services: MemoryServices, eve: Caller) -> None:
    assert not (await services.existing_account(eve.uid)).email_verified
    services.directory.verify(eve.uid)
    await change(services, eve.uid, storage_limit=500)
    assert (await services.existing_account(eve.uid)).email_verified


async def test_a_limit_below_what_is_stored_keeps_everything(services: MemoryServices, eve: Caller) -> None:
    await services.add_video("a.mp4", 900, caller=eve)
    changed = await change(services, eve.uid, storage_limit=0)
    assert changed.after.account.stored == 900
    alerts = [message.data["threshold_percent"] for message in services.events.published if message.topic == "alerts"]
    assert alerts == [80, 100]  # 80 % of the old limit, told of by the upload, and 100 % of the new one
    with pytest.raises(errors.StorageLimitExceeded):
        await services.grant("b.mp4", 1, caller=eve)
    assert (await services.existing_account(eve.uid)).stored == 900


async def test_a_role_is_in_the_next_tokens(services: MemoryServices, eve: Caller) -> None:
    tokens = (await enter(services, "Eve")).tokens
    changed = await change(services, eve.uid, role="admin")
    assert changed.role_effective_at is not None
    assert (changed.role_effective_at - services.now()).total_seconds() == 3600
    assert (await refresh(services, tokens.refresh_token)).caller.role == "admin"
    assert await services.kinds(eve.uid) == ["register"]


async def test_disabling_ends_grants_at_once_and_sign_ins(services: MemoryServices, eve: Caller) -> None:
    tokens = (await enter(services, "Eve")).tokens
    await services.add_video("a.mp4", 100, caller=eve)
    await change(services, eve.uid, disabled=True)
    with pytest.raises(errors.AccountDisabled):
        await services.grant("b.mp4", caller=eve)
    for attempt in (enter(services, "Eve"), refresh(services, tokens.refresh_token)):
        with pytest.raises(errors.InvalidCredentials):
            await attempt
    await change(services, eve.uid, disabled=False)
    await services.grant("b.mp4", caller=eve)
    assert (await enter(services, "Eve")).caller.uid == eve.uid


async def test_the_keys_of_a_disabled_account_are_suspended(services: MemoryServices, eve: Caller) -> None:
    key = (await create_api_key(services, eve, label="ci", scopes=["read"], expires_at=None)).text
    await change(services, eve.uid, disabled=True)
    with pytest.raises(errors.AccountDisabled):
        await services.key_identity.verify(key, address=None)
    await change(services, eve.uid, disabled=False)
    services.clock.advance(minutes=1)
    assert (await services.key_identity.verify(key, address=None)).uid == eve.uid


class Crash(Exception):
    """The process dies here."""


def die(*_: object) -> None:
    raise Crash


@pytest.mark.parametrize("disabled", [True, False])
@pytest.mark.parametrize("dies", ["books", "keys", "directory", "directory's answer"])
async def test_dying_halfway_leaves_nobody_let_in_and_the_same_again_finishes(
    services: MemoryServices, eve: Caller, disabled: bool, dies: str
) -> None:
    await create_api_key(services, eve, label="ci", scopes=["read"], expires_at=None)
    await change(services, eve.uid, disabled=not disabled)
    if dies == "books":
        services.books_store.before_commit = die
    elif dies == "keys":
        services.documents.before_commit = die
    elif dies == "directory":
        services.directory.before = lambda method: die() if method == "set_disabled" else None
    else:
        services.directory.after = die
    with pytest.raises(Crash):
        await change(services, eve.uid, disabled=disabled)
    account, user = await services.existing_account(eve.uid), await services.directory.get(eve.uid)
    assert user is not None
    untouched = disabled and dies == "books"  # the first step of locking out
    [key] = await services.api_keys.of_user(eve.uid)
    assert (account.disabled or user.disabled or key.suspended) is not untouched
    assert key.suspended or not (account.disabled or user.disabled) or (disabled and dies == "keys")
    services.documents.before_commit = lambda _: None
    services.directory.after = services.directory.before = lambda _: None
    services.books_store.before_commit = lambda _: None
    after = (await change(services, eve.uid, disabled=disabled)).after
    assert after.user is not None
    [key] = await services.api_keys.of_user(eve.uid)
    assert (after.account.disabled, after.user.disabled, key.suspended) == (disabled, disabled, disabled)


async def test_the_same_again_changes_nothing(services: MemoryServices, eve: Caller) -> None:
    for _ in range(2):
        await change(services, eve.uid, role="admin", storage_limit=5, disabled=True)
    assert await services.kinds(eve.uid) == ["register", "limits"]


def told(services: MemoryServices) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what the audit log gets: what was there before, and after; first what the books' commits have recorded."""
    actions = [action for action in trail(services) if action.action == "user.changed"]
    assert len({action.action_id for action in actions}) == len(actions)
    details = [action.data for action in actions]
    assert all(detail.keys() == {"user_id", "before", "after"} for detail in details)
    return [(detail["before"], detail["after"]) for detail in details]


async def test_each_half_is_told_of_once(services: MemoryServices, eve: Caller) -> None:
    for _ in range(2):
        await change(services, eve.uid, role="admin", storage_limit=5, alert_percents=(50,), disabled=True)
    assert told(services) == [
        (
            {"storage_limit": None, "alert_percents": None, "disabled": False},
            {"storage_limit": 5, "alert_percents": [50], "disabled": True},
        ),
        ({"role": "user"}, {"role": "admin"}),
    ]


async def test_what_the_books_changed_is_told_where_the_directory_fails(services: MemoryServices, eve: Caller) -> None:
    def away(method: str) -> None:
        if method in {"set_role", "set_disabled"}:
            raise errors.Unavailable("The directory is away.")

    services.directory.before = away
    with pytest.raises(errors.Unavailable):
        await change(services, eve.uid, role="admin", storage_limit=5, disabled=True)
    in_books = ({"storage_limit": None, "disabled": False}, {"storage_limit": 5, "disabled": True})
    assert told(services) == [in_books]
    services.directory.before = lambda _: None
    await change(services, eve.uid, role="admin", storage_limit=5, disabled=True)
    # The repetition tells what it did itself, and nothing for the second time.
    assert told(services) == [in_books, ({"role": "user"}, {"role": "admin"}), ({"disabled": False}, {"disabled": True})]


async def test_what_the_directory_changed_is_told_where_the_books_fail(services: MemoryServices, eve: Caller) -> None:
    await change(services, eve.uid, disabled=True)
    forget(services)
    services.books_store.before_commit = die
    with pytest.raises(Crash):
        await change(services, eve.uid, role="admin", disabled=False)
    assert told(services) == [({"role": "user"}, {"role": "admin"})]
    services.books_store.before_commit = lambda _: None
    await change(services, eve.uid, role="admin", disabled=False)
    assert told(services)[:-1] == [({"disabled": True}, {"disabled": False})]


async def test_what_the_books_changed_is_recorded_also_by_a_process_that_died(services: MemoryServices, eve: Caller) -> None:
    services.books_store.after_commit = die
    with pytest.raises(Crash):
        await change(services, eve.uid, daily_limit=7)
    assert told(services) == [({"daily_limit": None}, {"daily_limit": 7})]
    assert await services.books.outbox(services.now() + timedelta(days=1), limit=9) == []


async def test_who_is_disabled_in_the_directory_only_is_told_of_when_let_in(services: MemoryServices, eve: Caller) -> None:
    await services.directory.set_disabled(eve.uid, True)
    await change(services, eve.uid, disabled=False)
    assert told(services) == [({"disabled": True}, {"disabled": False})]


async def test_admins_spare_themselves(services: MemoryServices, eve: Caller) -> None:
    await change(services, eve.uid, role="admin")
    admin = (await enter(services, "Eve")).caller
    for changes in ({"role": "user"}, {"disabled": True}):
        with pytest.raises(errors.OwnAccount):
            await change(services, eve.uid, by=admin, **changes)  # type: ignore[arg-type]
    await change(services, eve.uid, by=admin, role="admin", storage_limit=7, disabled=False)


async def test_users_of_foreign_issuers(services: MemoryServices) -> None:
    await services.add_video(caller=ADA)
    assert (await change(services, "ada", storage_limit=500)).after.user is None
    with pytest.raises(errors.ForeignUser):
        await change(services, "ada", role="admin", storage_limit=1)
    assert (await services.existing_account("ada")).storage_limit == 500
    await change(services, "ada", disabled=True)
    with pytest.raises(errors.AccountDisabled):
        await services.grant("b.mp4", caller=ADA)


async def test_unknown_users(services: MemoryServices) -> None:
    for attempt in (change(services, "nobody", storage_limit=5), get_user(services, "nobody")):
        with pytest.raises(errors.UserNotFound):
            await attempt
    assert await find_user(services, "nobody@example.org") is None
    assert await services.account("nobody") is None


async def test_a_user_who_has_never_been_here_can_be_given_limits(services: MemoryServices) -> None:
    await services.directory.create("new", email="new@example.org", password="long enough", username="New")
    assert (await get_user(services, "new")).account.created_at is None
    assert (await list_users(services, limit=10, cursor=None)).items == []
    assert (await change(services, "new", daily_limit=5)).after.account.email == "new@example.org"
    assert [user.account.uid for user in (await list_users(services, limit=10, cursor=None)).items] == ["new"]


async def test_the_list_joins_books_and_directory(services: MemoryServices, eve: Caller) -> None:
    await services.add_video(caller=ADA)
    await services.grant("b.mp4", 30, caller=eve)
    services.clock.advance(days=1)
    page = await list_users(services, limit=1, cursor=None)
    rest = await list_users(services, limit=5, cursor=page.next_cursor)
    [foreign], [own] = page.items, rest.items
    assert (foreign.account.uid, foreign.user, foreign.account.today.uploaded) == ("ada", None, 0)
    assert (own.account.uid, own.account.reserved) == (eve.uid, 30)
    assert own.user is not None
    assert own.user.email == "eve@example.org"
    found = await find_user(services, "EVE@example.org")
    assert found is not None
    assert found.account.uid == eve.uid
