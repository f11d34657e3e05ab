"""Registering: one account, one name, one message, whatever dies on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.adapters.documents.document_store import Write
from reelgate.domain import errors
from reelgate.ports.accounts import Claim
from reelgate.use_cases.accounts.register import STALE_AFTER, USABLE_FOR
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.newcomers import EMAIL, NAME, PASSWORD, enter, sign_up


class Crash(Exception):
    """The process dies here."""


def crash_on(wanted: str) -> Callable[[str], None]:
    """Return a hook that dies at one method, once."""
    left = [wanted]

    def hook(method: str) -> None:
        if method in left:
            left.remove(method)
            raise Crash

    return hook


async def assert_settled(services: MemoryServices, uid: str, username: str = NAME) -> None:
    """One account with that name, told of once, and the name confirmed."""
    account = await services.existing_account(uid)
    assert (account.username, account.email) == (username, EMAIL)
    assert await services.kinds(uid) == ["register"]
    created = [message for message in services.events.published if message.topic == "accounts"]
    assert {(m.event_id, m.data["email"], m.data["username"]) for m in created} == {(f"account.created:{uid}", EMAIL, username)}
    claim = await services.usernames.find(username)
    assert claim is not None
    assert (claim.uid, claim.confirmed) == (uid, True)


async def test_a_new_account(services: MemoryServices) -> None:
    registered = await sign_up(services, email=" Ada@Example.org")
    assert (registered.role, registered.account.uid, registered.account.created_at) == ("user", "id-1", services.now())
    await assert_settled(services, "id-1")
    assert services.published("accounts") == ["account.created"]
    user = await services.directory.get("id-1")
    assert user is not None
    assert (user.email, user.username) == (EMAIL, NAME)
    assert (await enter(services)).account.username == NAME


async def test_the_same_again_is_the_same_account(services: MemoryServices) -> None:
    first = await sign_up(services)
    services.clock.advance(days=3)
    assert (await sign_up(services)).account.uid == first.account.uid
    await assert_settled(services, first.account.uid)
    await services.directory.set_role(first.account.uid, "admin")
    assert (await sign_up(services)).role == "admin"


async def test_a_taken_address_with_another_password(services: MemoryServices) -> None:
    await sign_up(services)
    for username in (NAME, "Somebody else"):
        with pytest.raises(errors.EmailTaken):
            await sign_up(services, username=username, password="another password")
    assert await services.usernames.find("Somebody else") is None
    await assert_settled(services, "id-1")


async def test_a_taken_address_with_its_password_and_another_name_is_taken(services: MemoryServices) -> None:
    await sign_up(services)
    with pytest.raises(errors.EmailTaken):
        await sign_up(services, username="Countess")
    assert await services.usernames.find("Countess") is None
    assert (await sign_up(services, email="eve@example.org", username="Countess")).account.username == "Countess"


@pytest.mark.parametrize("name", ["Ada", "ADA", "Ａda"])
async def test_a_taken_name(services: MemoryServices, name: str) -> None:
    await sign_up(services)
    with pytest.raises(errors.UsernameTaken):
        await sign_up(services, email="eve@example.org", username=name)
    assert await services.directory.find("eve@example.org") is None


async def test_a_taken_name_stays_taken_however_old(services: MemoryServices) -> None:
    await sign_up(services)
    services.clock.advance(days=1000)
    with pytest.raises(errors.UsernameTaken):
        await sign_up(services, email="eve@example.org")


async def test_two_at_once_with_one_name(services: MemoryServices) -> None:
    results = await asyncio.gather(
        *(sign_up(services, email=f"p{n}@example.org", address=f"192.0.2.{n}") for n in range(8)), return_exceptions=True
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} <= {
        errors.UsernameTaken,
        errors.Unavailable,
    }
    claim = await services.usernames.find(NAME)
    assert claim is not None
    assert claim.uid == won[0].account.uid
    people = [await services.directory.find(f"p{n}@example.org") for n in range(8)]
    assert [user.uid for user in people if user] == [claim.uid]


async def test_one_person_twice_at_once_is_one_account(services: MemoryServices) -> None:
    results = await asyncio.gather(*(sign_up(services) for _ in range(3)))
    [uid] = {result.account.uid for result in results}
    assert (await sign_up(services)).account.uid == uid
    await assert_settled(services, uid)


async def test_two_at_once_with_one_address_and_two_names(services: MemoryServices) -> None:
    results = await asyncio.gather(
        sign_up(services, username="One"),
        sign_up(services, username="Two", password="another password"),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, errors.EmailTaken) for result in results) == [False, True]
    names = [await services.usernames.find(name) for name in ("One", "Two")]
    assert [name is None for name in names] == [isinstance(result, errors.EmailTaken) for result in results]


STEPS = ["claimed", "created", "create lost", "confirmed", "committed", "published"]


def die_after(services: MemoryServices, step: str) -> None:
    """Have the process die right after a step, once."""
    if step == "claimed":
        services.directory.before = crash_on("create")
    elif step in {"created", "create lost"}:
        services.directory.after = crash_on("create")
    elif step == "published":
        services.events.unavailable = True
    else:
        hook = crash_on("commit")

        def at_commit(_: Sequence[Write]) -> None:
            hook("commit")

        setattr(services.books_store, "before_commit" if step == "confirmed" else "after_commit", at_commit)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("heal", ["again", "login", "both"])
async def test_it_is_finished_after_dying_anywhere(services: MemoryServices, step: str, heal: str) -> None:
    die_after(services, step)
    if step == "published":
        await sign_up(services)
        services.events.unavailable = False
    else:
        with pytest.raises(Crash):
            await sign_up(services)
    if heal in {"login", "both"}:
        if step == "claimed":
            with pytest.raises(errors.InvalidCredentials):
                await enter(services)
        else:
            assert (await enter(services)).account.username == NAME
    if heal in {"again", "both"}:
        await sign_up(services)
    elif step == "claimed":
        return
    claim = await services.usernames.find(NAME)
    assert claim is not None
    if step not in {"committed", "published"}:
        await assert_settled(services, claim.uid)
    else:  # what was left in the outbox is the sweep's
        services.clock.advance(minutes=5)
        told = {item.event_id for item in await services.books.outbox(services.now(), limit=10)}
        assert told == {f"account.created:{claim.uid}"}
        assert await services.kinds(claim.uid) == ["register"]


async def test_a_name_whose_claimant_never_came_back_is_free_again(services: MemoryServices) -> None:
    die_after(services, "claimed")
    with pytest.raises(Crash):
        await sign_up(services)
    services.clock.advance(seconds=STALE_AFTER.total_seconds() - 1)
    with pytest.raises(errors.UsernameTaken):
        await sign_up(services, email="eve@example.org")
    services.clock.advance(seconds=2)
    taken_over = await sign_up(services, email="eve@example.org")
    with pytest.raises(errors.UsernameTaken):
        await sign_up(services)
    assert (await services.existing_account(taken_over.account.uid)).email == "eve@example.org"


async def test_a_name_whose_user_exists_is_never_taken_over(services: MemoryServices) -> None:
    die_after(services, "created")
    with pytest.raises(Crash):
        await sign_up(services)
    services.clock.advance(days=100)
    with pytest.raises(errors.UsernameTaken):
        await sign_up(services, email="eve@example.org")
    assert (await enter(services)).account.username == NAME


async def test_who_wakes_up_after_the_name_has_gone_to_somebody_else_gets_no_account(services: MemoryServices) -> None:
    """The instance was frozen between the claim's last look and the directory's answer."""

    def meanwhile(method: str) -> None:
        if method == "create":
            services.directory.after = lambda _: None
            services.documents.database.documents.clear()  # as if taken over by the next line's claimant

    services.directory.after = meanwhile
    other = Claim(username=NAME, uid="other", claimant="x", claimed_at=services.now(), confirmed=True)
    with pytest.raises(errors.UsernameTaken):
        await sign_up(services)
    assert await services.directory.find(EMAIL) is None
    assert await services.usernames.claim(other)


async def test_a_claim_that_has_become_too_old_is_not_used(services: MemoryServices) -> None:
    real = services.usernames.claim

    async def frozen(claim: Claim, *, instead_of: Claim | None = None) -> bool:
        done = await real(claim, instead_of=instead_of)
        services.clock.advance(seconds=USABLE_FOR.total_seconds() + 1)
        return done

    services.usernames.claim = frozen  # type: ignore[method-assign]
    with pytest.raises(errors.Unavailable):
        await sign_up(services)
    assert await services.directory.find(EMAIL) is None
    assert USABLE_FOR + timedelta(minutes=5) < STALE_AFTER


async def test_an_unreachable_directory_keeps_the_claim_and_is_healed(services: MemoryServices) -> None:
    services.directory.unavailable = True
    with pytest.raises(errors.Unavailable):
        await sign_up(services)
    services.directory.unavailable = False
    assert (await sign_up(services)).account.uid == "id-1"
    await assert_settled(services, "id-1")


async def test_a_refused_password_gives_the_name_back(services: MemoryServices) -> None:
    services.account_policy = replace(services.account_policy, password_min_length=1)  # the directory has rules of its own
    with pytest.raises(errors.WeakPassword):
        await sign_up(services, password="short")
    assert await services.usernames.find(NAME) is None
    await sign_up(services, email="eve@example.org")


async def test_registration_can_be_closed(services: MemoryServices) -> None:
    services.account_policy = replace(services.account_policy, registration_open=False)
    with pytest.raises(errors.RegistrationClosed):
        await sign_up(services)
    assert await services.directory.find(EMAIL) is None


async def test_tries_to_register_are_bounded_by_address(services: MemoryServices) -> None:
    most = services.account_policy.registrations_of_address
    for n in range(most):
        await sign_up(services, email=f"p{n}@example.org", username=f"P{n}")
    with pytest.raises(errors.TooManyAttempts) as refused:
        await sign_up(services)
    assert 0 < refused.value.retry_after_seconds <= 901
    await sign_up(services, address="198.51.100.1")
    services.clock.advance(minutes=16)
    await sign_up(services, email="late@example.org", username="Late")


async def test_tries_to_register_without_an_address_are_bounded_for_all_together(services: MemoryServices) -> None:
    policy = services.account_policy
    assert policy.attempts_without_address > policy.registrations_of_address
    for n in range(policy.attempts_without_address):
        await sign_up(services, email=f"p{n}@example.org", username=f"P{n}", address=None)
    with pytest.raises(errors.TooManyAttempts):
        await sign_up(services, address=None)
    await sign_up(services)


async def test_registering_is_no_way_to_guess_passwords(services: MemoryServices) -> None:
    await sign_up(services)
    for n in range(services.account_policy.login_max_failures):
        with pytest.raises(errors.EmailTaken):
            await sign_up(services, password=f"a wrong guess {n}")
    with pytest.raises(errors.TooManyAttempts):
        await enter(services)
    with pytest.raises(errors.TooManyAttempts):
        await sign_up(services)
    with pytest.raises(errors.TooManyAttempts):
        await sign_up(services, username="Elsewhere")
    assert await services.usernames.find("Elsewhere") is None


@pytest.mark.parametrize(
    ("email", "refusal"),
    [(EMAIL, errors.EmailTaken), ("other@example.org", errors.EmailTaken), ("unknown@example.org", errors.UsernameTaken)],
)
async def test_registering_does_not_tell_which_name_belongs_to_which_address(
    services: MemoryServices, email: str, refusal: type[errors.ReelgateError]
) -> None:
    """With a name that is taken, every address that is taken gets the same answers, as often, at the cost of the same calls."""
    await sign_up(services)
    await sign_up(services, email="other@example.org", username="Other")
    calls: list[str] = []
    services.directory.before = calls.append
    for _ in range(services.account_policy.login_max_failures):
        calls.clear()
        with pytest.raises(refusal):
            await sign_up(services, email=email, password="a wrong guess")
        assert calls == ["sign_in", "find", "find", "get"]
    with pytest.raises(errors.TooManyAttempts):
        await sign_up(services, email=email, password="a wrong guess")
    claim = await services.usernames.find(NAME)
    assert claim is not None
    assert claim.confirmed


async def test_a_password_shows_in_no_repr(services: MemoryServices) -> None:
    from reelgate.use_cases.accounts.register import checked_registration  # noqa: PLC0415

    wanted = checked_registration(services, email=EMAIL, username=NAME, password=PASSWORD)
    assert PASSWORD not in repr(wanted)
    await sign_up(services)
    logged_in = await enter(services)
    assert logged_in.tokens.id_token not in repr(logged_in)
    assert logged_in.tokens.refresh_token not in repr(logged_in)


@pytest.fixture
def confirming(services: MemoryServices) -> MemoryServices:
    """A deployment in which addresses are confirmed at the registration."""
    services.account_policy = replace(services.account_policy, confirm_addresses=True)
    return services


async def test_a_registration_has_its_address_confirmed_once(confirming: MemoryServices) -> None:
    for _ in range(3):
        account = (await sign_up(confirming)).account
        assert not account.email_verified
    assert confirming.directory.mails == [(EMAIL, "VERIFY_EMAIL")]


async def test_registering_at_the_same_time_has_it_confirmed_once(confirming: MemoryServices) -> None:
    outcomes = await asyncio.gather(*(sign_up(confirming) for _ in range(3)), return_exceptions=True)
    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    assert confirming.directory.mails == [(EMAIL, "VERIFY_EMAIL")]


async def test_an_address_that_is_verified_already_needs_no_mail(
    confirming: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the local cloud, which verifies addresses by itself."""
    create = confirming.directory.create

    async def verified(uid: str, *, email: str, password: str, username: str) -> None:
        await create(uid, email=email, password=password, username=username)
        confirming.directory.verify(uid)

    monkeypatch.setattr(confirming.directory, "create", verified)
    assert (await sign_up(confirming)).account.email_verified
    assert confirming.directory.mails == []


async def test_without_confirmation_nobody_is_signed_in(services: MemoryServices) -> None:
    await sign_up(services)
    assert (services.directory.mails, services.directory.sign_ins) == ([], [])


@pytest.mark.parametrize("method", ["sign_in", "send_verification"])
async def test_a_mail_that_is_not_sent_fails_no_registration(confirming: MemoryServices, method: str) -> None:
    def hook(called: str) -> None:
        if called == method:
            raise errors.Unavailable("The directory of users cannot be reached.")

    confirming.directory.before = hook
    registered = await sign_up(confirming)
    await assert_settled(confirming, registered.account.uid)
    assert confirming.directory.mails == []
