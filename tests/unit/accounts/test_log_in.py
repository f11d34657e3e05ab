"""Logging in: one refusal for everything, the same work for everybody, and bounds on guessing that spare the owner."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from reelgate.domain import errors
from reelgate.use_cases.accounts.log_in import refresh
from tests.fixtures.memory_services import ACCOUNTS, MemoryServices
from tests.fixtures.newcomers import EMAIL, HOME, NAME, PASSWORD, enter, sign_up
from tests.fixtures.store_calls import StoreCalls

WRONG = [
    (EMAIL, "wrong password"),
    (NAME, "wrong password"),
    ("nobody@example.org", PASSWORD),
    ("Nobody", PASSWORD),
    ("no address @ at all", PASSWORD),
    ("x", PASSWORD),
    ("a/b:c", PASSWORD),
    ("\ud800", PASSWORD),
    (EMAIL, "line\nbreak"),
    (EMAIL, "\ud800"),
    (EMAIL, "x" * 5000),
    (EMAIL, ""),
]


@pytest.fixture
async def ada(services: MemoryServices) -> str:
    """Return the uid of a registered user."""
    return (await sign_up(services)).account.uid


@pytest.mark.parametrize("identifier", [EMAIL, "ADA@Example.org ", NAME, "aDA", " Ａda"])
async def test_by_address_or_name(services: MemoryServices, ada: str, identifier: str) -> None:
    logged_in = await enter(services, identifier)
    assert (logged_in.caller.uid, logged_in.caller.email, logged_in.account.username) == (ada, EMAIL, NAME)
    assert (await services.identity.verify(logged_in.tokens.id_token)).uid == ada


async def test_the_counters_of_a_login_take_three_calls_of_the_store(services: MemoryServices, ada: str) -> None:
    calls = StoreCalls(services.documents)
    await enter(services, EMAIL)
    # All three are read, raised, and after the right password taken back. The account is read from the books.
    assert calls.take() == [("get", 3), ("commit", 3), ("count", 3)]
    with pytest.raises(errors.InvalidCredentials):
        await enter(services, EMAIL, "wrong")
    assert calls.take() == [("get", 3), ("commit", 3)]


@pytest.mark.parametrize(("identifier", "password"), WRONG)
async def test_whatever_is_wrong_the_refusal_and_the_work_are_the_same(
    services: MemoryServices, ada: str, identifier: str, password: str
) -> None:
    with pytest.raises(errors.InvalidCredentials) as right_name:
        await enter(services, EMAIL, "wrong")
    services.directory.sign_ins.clear()
    with pytest.raises(errors.InvalidCredentials) as refused:
        await enter(services, identifier, password)
    assert (refused.value.code, refused.value.detail) == ("invalid_credentials", right_name.value.detail)
    assert len(services.directory.sign_ins) == 1


async def test_a_name_costs_the_same_calls_whether_somebody_has_it_or_not(services: MemoryServices, ada: str) -> None:
    calls: list[str] = []
    services.directory.before = calls.append
    made = []
    for name in (NAME, "Nobody"):
        calls.clear()
        with pytest.raises(errors.InvalidCredentials):
            await enter(services, name, "wrong")
        made.append([call for call in calls if call != "find"])
    assert made[0] == made[1] == ["get", "sign_in"]


async def test_unknown_names_are_tried_with_addresses_that_nobody_can_have(services: MemoryServices) -> None:
    for name in ("Nobody", "Someone", "nobody"):
        with pytest.raises(errors.InvalidCredentials):
            await enter(services, name)
    tried = services.directory.sign_ins
    assert all(address.endswith("@nobody.invalid") for address in tried)
    assert tried[0] == tried[2] != tried[1]


async def test_a_disabled_user_is_refused_like_a_wrong_password(services: MemoryServices, ada: str) -> None:
    tokens = (await enter(services)).tokens
    await services.directory.set_disabled(ada, True)
    with pytest.raises(errors.InvalidCredentials):
        await enter(services)
    with pytest.raises(errors.InvalidCredentials):
        await refresh(services, tokens.refresh_token)


async def test_a_refresh_gives_the_same_user_new_tokens_with_the_present_role(services: MemoryServices, ada: str) -> None:
    first = await enter(services)
    await services.directory.set_role(ada, "admin")
    again = await refresh(services, first.tokens.refresh_token)
    assert (first.caller.role, again.caller.role) == ("user", "admin")
    assert (again.caller.uid, again.account.username) == (ada, NAME)
    assert again.tokens.id_token != first.tokens.id_token
    with pytest.raises(errors.InvalidCredentials, match="Sign in again"):
        await refresh(services, "no such token")


async def test_the_next_token_says_that_the_address_was_verified(services: MemoryServices, ada: str) -> None:
    first = await enter(services)
    assert not first.account.email_verified
    services.directory.verify(ada)
    assert (await refresh(services, first.tokens.refresh_token)).account.email_verified
    account = await services.existing_account(ada)
    assert (account.email_verified, account.username) == (True, NAME)
    calls = StoreCalls(services.books_store)
    assert (await enter(services)).account.email_verified
    assert "commit" not in {name for name, _ in calls.take()}  # nothing is news


async def test_whom_an_operator_added_gets_an_account_at_the_first_login(services: MemoryServices) -> None:
    await services.directory.create("op", email="op@example.org", password=PASSWORD, username="Display Name")
    for _ in range(2):
        account = (await enter(services, "op@example.org")).account
        assert (account.uid, account.username) == ("op", None)  # nobody has claimed the name for them
    assert services.published("accounts") == ["account.created"]


async def test_a_name_shown_by_somebody_else_is_not_theirs(services: MemoryServices, ada: str) -> None:
    await services.directory.create("eve", email="eve@example.org", password=PASSWORD, username=NAME)
    assert (await enter(services, "eve@example.org")).account.username is None
    assert (await enter(services, NAME)).caller.uid == ada


@pytest.mark.parametrize("shown", ["\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 256, "x" * 2000, "", "a/b", "@"])
async def test_any_name_may_be_shown_also_one_that_no_document_can_have(services: MemoryServices, shown: str) -> None:
    """Normalised, the first is 18 times as long."""
    await services.directory.create("op", email="op@example.org", password=PASSWORD, username=shown)
    assert (await enter(services, "op@example.org")).account.username is None


async def fail(services: MemoryServices, times: int, identifier: str = EMAIL, *, address: str | None = HOME) -> None:
    for _ in range(times):
        with pytest.raises(errors.InvalidCredentials):
            await enter(services, identifier, "wrong", address=address)


async def test_guessing_is_bounded_and_ends_by_itself(services: MemoryServices, ada: str) -> None:
    await fail(services, 3)
    with pytest.raises(errors.TooManyAttempts) as refused:
        await enter(services)
    assert refused.value.retry_after_seconds == 900  # the window began at noon, not with the first failure
    services.clock.advance(seconds=refused.value.retry_after_seconds)
    assert (await enter(services)).caller.uid == ada


async def let_through(services: MemoryServices, identifier: str, address: str, *, start: int = 0) -> int:
    """Return how many wrong passwords are tried before the first that is not; each from an `address` with its number."""
    for tried in itertools.count():
        try:
            await enter(services, identifier, "wrong", address=address.format(n=start + tried))
        except errors.InvalidCredentials:
            continue
        except errors.TooManyAttempts:
            return tried
    raise AssertionError("it was let in")


@pytest.mark.parametrize(("full", "other", "unknown"), [(EMAIL, NAME, "Nobody"), (NAME, EMAIL, "nobody@example.org")])
@pytest.mark.parametrize("address", [HOME, "203.0.113.{n}"], ids=["one place", "everywhere"])
async def test_a_full_counter_does_not_tell_which_name_belongs_to_which_address(
    full: str, other: str, unknown: str, address: str
) -> None:
    """Whoever guesses at one spelling learns nothing by the other: it is refused as late as one that nobody has."""
    tried = []
    for identifier in (other, unknown):
        services = MemoryServices()
        await sign_up(services)
        first = await let_through(services, full, address)
        tried.append((first, await let_through(services, identifier, address, start=first)))
    limit = ACCOUNTS.login_max_failures if address == HOME else ACCOUNTS.login_max_failures_of_account
    assert tried == [(limit, limit)] * 2


async def test_both_spellings_of_one_account_let_no_more_passwords_through_than_twice_the_limit(
    services: MemoryServices, ada: str
) -> None:
    limit = services.account_policy.login_max_failures
    spellings = [EMAIL, NAME, "ADA@example.org ", "aDA", " Ａda", "ada@EXAMPLE.org"]
    tries = [enter(services, spelling, f"guess {n}") for n in range(limit) for spelling in spellings]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(result, errors.InvalidCredentials | errors.TooManyAttempts) for result in results)
    assert services.directory.sign_ins == [EMAIL] * (2 * limit)


async def test_the_other_spelling_still_lets_the_owner_in(services: MemoryServices, ada: str) -> None:
    await fail(services, services.account_policy.login_max_failures, EMAIL)
    assert (await enter(services, NAME)).caller.uid == ada
    with pytest.raises(errors.TooManyAttempts):  # what was counted under another spelling stays
        await enter(services, EMAIL)


async def test_unknown_accounts_are_bounded_as_known_ones_are(services: MemoryServices) -> None:
    for identifier in ("nobody@example.org", "Nobody"):
        await fail(services, 3, identifier)
        with pytest.raises(errors.TooManyAttempts):
            await enter(services, identifier)


async def test_a_success_forgets_the_failures(services: MemoryServices, ada: str) -> None:
    for _ in range(3):
        await fail(services, 2)
        await enter(services)


async def test_somebody_else_s_guessing_does_not_lock_the_owner_out(services: MemoryServices, ada: str) -> None:
    await fail(services, 3, address="203.0.113.9")
    with pytest.raises(errors.TooManyAttempts):
        await enter(services, address="203.0.113.9")
    assert (await enter(services)).caller.uid == ada


async def test_guessing_from_everywhere_is_bounded_too(services: MemoryServices, ada: str) -> None:
    for n in range(services.account_policy.login_max_failures_of_account):
        await fail(services, 1, address=f"203.0.113.{n}")
    with pytest.raises(errors.TooManyAttempts):
        await enter(services, address="198.51.100.7")
    services.clock.advance(minutes=16)
    assert (await enter(services)).caller.uid == ada


async def test_one_address_trying_everybody_is_bounded_too(services: MemoryServices, ada: str) -> None:
    for n in range(services.account_policy.login_max_failures_of_address):
        await fail(services, 1, f"p{n}@example.org")
    with pytest.raises(errors.TooManyAttempts):
        await enter(services)
    assert (await enter(services, address="198.51.100.7")).caller.uid == ada


async def test_guessing_without_an_address_is_bounded_for_the_account_and_for_all(services: MemoryServices, ada: str) -> None:
    """Where nobody's address is known, ten strangers' failures must not lock an account, nor all the world share one limit."""
    policy = services.account_policy
    await fail(services, policy.login_max_failures_of_account - 1, address=None)
    assert (await enter(services, address=None)).caller.uid == ada
    await fail(services, policy.login_max_failures_of_account, address=None)
    with pytest.raises(errors.TooManyAttempts):
        await enter(services, address=None)
    services.clock.advance(minutes=16)
    for n in range(policy.attempts_without_address):
        await fail(services, 1, f"p{n}@example.org", address=None)
    with pytest.raises(errors.TooManyAttempts):
        await enter(services, address=None)
    assert (await enter(services)).caller.uid == ada


async def test_tries_at_the_same_time_do_not_outrun_the_bound(services: MemoryServices, ada: str) -> None:
    results = await asyncio.gather(*(enter(services, EMAIL, f"guess {n}") for n in range(30)), return_exceptions=True)
    assert all(isinstance(result, errors.InvalidCredentials | errors.TooManyAttempts) for result in results)
    assert len(services.directory.sign_ins) == services.account_policy.login_max_failures


async def test_one_address_cannot_use_up_what_the_account_has_elsewhere(services: MemoryServices, ada: str) -> None:
    """However many tries it makes at once: those beyond its own bound do not count for the account."""
    await asyncio.gather(*(enter(services, EMAIL, "guess", address="203.0.113.9") for _ in range(50)), return_exceptions=True)
    assert (await enter(services)).caller.uid == ada


async def test_right_passwords_do_not_use_up_the_address(services: MemoryServices, ada: str) -> None:
    for _ in range(services.account_policy.login_max_failures_of_address + 5):
        await enter(services)
    await fail(services, 1)


async def test_a_try_whose_outcome_nobody_learned_stays_counted(services: MemoryServices, ada: str) -> None:
    services.directory.unavailable = True
    for _ in range(services.account_policy.login_max_failures):
        with pytest.raises(errors.Unavailable):
            await enter(services)
    services.directory.unavailable = False
    with pytest.raises(errors.TooManyAttempts):
        await enter(services)


async def test_what_cannot_be_counted_is_not_tried(services: MemoryServices, ada: str) -> None:
    services.documents.unavailable = True
    with pytest.raises(errors.Unavailable):
        await enter(services)
    assert services.directory.sign_ins == []


async def test_a_right_password_is_let_in_where_its_count_cannot_be_taken_back(services: MemoryServices, ada: str) -> None:
    def documents_go_away(method: str) -> None:
        services.documents.unavailable |= method == "sign_in"

    services.directory.before = documents_go_away
    assert (await enter(services)).caller.uid == ada
    services.documents.unavailable = False
    services.directory.before = lambda _: None
    await fail(services, services.account_policy.login_max_failures - 1)
    with pytest.raises(errors.TooManyAttempts):
        await enter(services)


async def test_the_directory_s_own_bound_is_told_as_ours(services: MemoryServices, ada: str) -> None:
    def throttled(method: str) -> None:
        if method == "sign_in":
            raise errors.TooManyAttempts("Wait.", retry_after_seconds=60)

    services.directory.before = throttled
    with pytest.raises(errors.TooManyAttempts):
        await enter(services)
    for name in (NAME, "Nobody"):  # it counts by address, and must not tell which one a name stands for
        with pytest.raises(errors.InvalidCredentials, match="Check what you typed"):
            await enter(services, name)


async def test_counters_hold_no_address_and_no_account(services: MemoryServices, ada: str) -> None:
    await fail(services, 1)
    counters = [
        stored for stored in services.documents.database.documents.values() if stored.address.collection == ("attempts",)
    ]
    assert len(counters) == 4  # and the registration's
    shown = repr(counters)
    assert all(secret not in shown for secret in (EMAIL, NAME, HOME, "wrong"))
    assert all(stored.fields["expires_at"] > services.now() for stored in counters)
