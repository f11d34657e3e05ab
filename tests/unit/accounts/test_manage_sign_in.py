"""Users change their own sign-in: nothing tells who is registered, and a stolen token is not enough for another password."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from reelgate.domain import errors
from reelgate.ports.identity import Caller
from reelgate.use_cases.accounts.inspect_token import inspect_token
from reelgate.use_cases.accounts.log_in import LoggedIn, refresh
from reelgate.use_cases.accounts.manage_sign_in import (
    change_password,
    end_sessions,
    request_password_reset,
    send_verification,
)
from reelgate.use_cases.accounts.throttle import MAX_MAILS, MAX_MAILS_OF_DAY
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.memory_services import ACCOUNTS, BOB, MemoryServices
from tests.fixtures.newcomers import EMAIL, HOME, NAME, PASSWORD, enter, sign_up
from tests.fixtures.store_calls import StoreCalls

NEW = "a better battery"
AWAY = "198.51.100.7"


@pytest.fixture
async def ada(services: MemoryServices) -> LoggedIn:
    """A registered user, signed in a minute ago."""
    await sign_up(services)
    signed_in = await enter(services)
    services.clock.advance(minutes=1)
    return signed_in


async def change(
    services: MemoryServices, caller: Caller, current: str = PASSWORD, new: str = NEW, address: str = HOME
) -> None:
    await change_password(services, caller, current=current, new=new, address=address)


async def test_a_reset_is_the_same_for_everybody(services: MemoryServices, ada: LoggedIn) -> None:
    calls = StoreCalls(services.documents)
    work = []
    for email in (EMAIL, "nobody@example.org"):
        await request_password_reset(services, email, address=HOME)
        work.append(calls.take())
    assert services.directory.mails == [(EMAIL, "PASSWORD_RESET")]
    assert services.directory.asked_to_reset == [EMAIL, "nobody@example.org"]
    assert work[1] == work[0]


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
async def test_few_mails_are_sent_to_one_address(services: MemoryServices, ada: LoggedIn, email: str) -> None:
    for number in range(MAX_MAILS):
        await request_password_reset(services, email.upper(), address=f"192.0.2.{number}")
    with pytest.raises(errors.TooManyAttempts):
        await request_password_reset(services, email, address=AWAY)
    assert len(services.directory.asked_to_reset) == MAX_MAILS
    services.clock.advance(minutes=15)
    await request_password_reset(services, email, address=AWAY)


async def test_a_day_has_few_mails(services: MemoryServices, ada: LoggedIn) -> None:
    for _ in range(MAX_MAILS_OF_DAY):
        await request_password_reset(services, EMAIL, address=None)
        await send_verification(services, ada.caller, ada.tokens.id_token)
        services.clock.advance(minutes=30)
    assert services.now().date() == NOON.date()
    with pytest.raises(errors.TooManyAttempts) as refused:
        await request_password_reset(services, EMAIL, address=None)
    assert timedelta(hours=6) < timedelta(seconds=refused.value.retry_after_seconds) <= timedelta(hours=24)
    with pytest.raises(errors.TooManyAttempts):
        await send_verification(services, ada.caller, ada.tokens.id_token)
    assert len(services.directory.mails) == 2 * MAX_MAILS_OF_DAY


async def test_a_client_asks_for_few_mails(services: MemoryServices) -> None:
    for number in range(ACCOUNTS.registrations_of_address):
        await request_password_reset(services, f"u{number}@example.org", address=HOME)
    with pytest.raises(errors.TooManyAttempts):
        await request_password_reset(services, EMAIL, address=HOME)
    await request_password_reset(services, EMAIL, address=None)


async def test_a_reset_without_an_address(services: MemoryServices) -> None:
    with pytest.raises(errors.InvalidRequest):
        await request_password_reset(services, "no address", address=HOME)
    assert services.directory.asked_to_reset == []


async def test_another_password_ends_all_sessions(services: MemoryServices, ada: LoggedIn) -> None:
    await change(services, ada.caller)
    with pytest.raises(errors.InvalidCredentials):
        await refresh(services, ada.tokens.refresh_token)
    with pytest.raises(errors.Unauthorized):
        await inspect_token(services, ada.tokens.id_token)
    with pytest.raises(errors.InvalidCredentials):
        await enter(services, EMAIL, PASSWORD)
    assert (await enter(services, EMAIL, NEW)).caller.uid == ada.caller.uid


@pytest.mark.parametrize("wrong", ["wrong", "", "line\nbreak", "\ud800", "x" * 5000, NEW])
async def test_the_current_password_is_needed(
    services: MemoryServices, ada: LoggedIn, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.WrongPassword) as refused:
        await change(services, ada.caller, wrong)
    assert NEW not in f"{refused.value!r} {caplog.text}"
    await refresh(services, ada.tokens.refresh_token)
    await enter(services, EMAIL, PASSWORD)


async def test_guesses_are_failed_logins(services: MemoryServices, ada: LoggedIn) -> None:
    for _ in range(ACCOUNTS.login_max_failures):
        with pytest.raises(errors.WrongPassword):
            await change(services, ada.caller, "wrong")
    with pytest.raises(errors.TooManyAttempts):
        await change(services, ada.caller)
    with pytest.raises(errors.TooManyAttempts):
        await enter(services, EMAIL)
    await change(services, ada.caller, address=AWAY)


@pytest.mark.parametrize("weak", ["short", EMAIL, NAME, "x" * 129, "two\nlines and more"])
async def test_a_weak_password_is_refused_before_the_current_one_is_tried(
    services: MemoryServices, ada: LoggedIn, weak: str
) -> None:
    tried = len(services.directory.sign_ins)
    with pytest.raises(errors.InvalidRequest) as refused:
        await change(services, ada.caller, new=weak)
    assert refused.value.field == "new_password"
    assert len(services.directory.sign_ins) == tried


async def test_the_project_s_own_policy_names_the_field(services: MemoryServices, ada: LoggedIn) -> None:
    def refuse(method: str) -> None:
        if method == "set_password":
            raise errors.WeakPassword("Use a capital letter.", field="password")

    services.directory.before = refuse
    with pytest.raises(errors.WeakPassword) as refused:
        await change(services, ada.caller)
    assert (refused.value.field, refused.value.detail) == ("new_password", "Use a capital letter.")


async def test_ending_all_sessions(services: MemoryServices, ada: LoggedIn) -> None:
    other = await enter(services)
    services.clock.advance(minutes=1)
    for _ in range(2):
        await end_sessions(services, ada.caller)
    for session in (ada, other):
        with pytest.raises(errors.InvalidCredentials):
            await refresh(services, session.tokens.refresh_token)
        with pytest.raises(errors.Unauthorized):
            await inspect_token(services, session.tokens.id_token)
    assert (await enter(services)).caller.uid == ada.caller.uid


async def test_verifying_the_address(services: MemoryServices, ada: LoggedIn) -> None:
    for _ in range(MAX_MAILS):
        await send_verification(services, ada.caller, ada.tokens.id_token)
    assert services.directory.mails == [(EMAIL, "VERIFY_EMAIL")] * MAX_MAILS
    with pytest.raises(errors.TooManyAttempts):
        await send_verification(services, ada.caller, ada.tokens.id_token)
    services.directory.verify(ada.caller.uid)
    await send_verification(services, ada.caller, ada.tokens.id_token)
    assert len(services.directory.mails) == MAX_MAILS


async def test_a_deleted_user_is_told_so(services: MemoryServices, ada: LoggedIn) -> None:
    await services.directory.remove(ada.caller.uid)
    for attempt in (
        change(services, ada.caller),
        end_sessions(services, ada.caller),
        send_verification(services, ada.caller, ada.tokens.id_token),
    ):
        with pytest.raises(errors.AccountDeleted):
            await attempt


async def test_users_of_another_issuer_change_their_sign_in_there(services: MemoryServices) -> None:
    """Also one whose uid the directory knows."""
    await services.directory.create("bob", email="bob@example.org", password=PASSWORD, username="Bob")
    for attempt in (change(services, BOB), end_sessions(services, BOB), send_verification(services, BOB, "bob")):
        with pytest.raises(errors.ForeignUser):
            await attempt
    assert services.directory.mails == services.directory.sign_ins == []
