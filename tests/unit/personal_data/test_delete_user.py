"""A deleted user leaves nothing that names them: at once, after crashes between any two steps, and with all that comes late."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reelgate.adapters.documents.document_store import Write
from reelgate.adapters.documents.tombstones import tombstone_of_user
from reelgate.domain import errors
from reelgate.domain.accounts.erasure import ADDRESS_KEPT, TOMBSTONE_KEPT, Person
from reelgate.domain.books.messages import Message
from reelgate.ports.audit import LogFilter
from reelgate.ports.identity import Caller, VerifiedToken
from reelgate.use_cases.accounts.manage_api_keys import create_api_key
from reelgate.use_cases.accounts.open_account import Applicant, open_account
from reelgate.use_cases.media.conversion.convert_video import convert_video
from reelgate.use_cases.notifications.set_mail_preferences import set_mail_preferences
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.personal_data.delete_user import FRESH_FOR, Deletion, delete_own_account, delete_user
from reelgate.use_cases.personal_data.erase_user import resume_erasures
from reelgate.use_cases.upkeep.sweep import empty_outbox
from tests.doubles.memory_identity import ADA, ROOT
from tests.fixtures.conversions import order
from tests.fixtures.dying_services import Dying
from tests.fixtures.erased_user import (
    EMAIL,
    GRACE,
    NAMES,
    OLD_EMAIL,
    UID,
    Grace,
    arrive,
    audit_messages,
    everything_about_grace,
    traces,
)
from tests.fixtures.memory_services import MemoryServices

STEPS = {
    "books_store": ("get", "find", "commit"),
    "audit_store": ("get", "find", "commit"),
    "directory": ("get", "remove"),
    "media": ("cancel_session", "listing", "remove_all"),
    "derived_objects": ("remove_all",),
}


MOST_STEPS = 180
"""More than there are: `test_the_steps_are_fewer_than_those_at_which_it_dies`."""


def signed_in(services: MemoryServices, caller: Caller, at: datetime) -> str:
    """Return a token of now, of somebody who has signed in at an instant."""
    token = f"token-of-{caller.uid}-{at}"
    verified = VerifiedToken(
        caller=caller,
        issuer="https://main.example",
        subject=caller.uid,
        issued_at=services.now(),
        expires_at=services.now() + timedelta(hours=1),
        claims={"auth_time": at.timestamp()},
    )
    services.identity.issued[token] = verified
    return token


async def leave(services: MemoryServices) -> Deletion:
    """Let her delete herself, just after she has signed in."""
    return await delete_own_account(services, GRACE, token=signed_in(services, GRACE, services.now()))


async def sweep(services: MemoryServices) -> None:
    assert (await resume_erasures(services, until=services.now() + timedelta(minutes=8))).finished


async def test_she_is_everywhere_before(services: MemoryServices) -> None:
    """The test of the tests: what is searched finds her in every collection, in both buckets and in the directory."""
    await everything_about_grace(services)
    places = {trace.partition(":")[0].partition("/")[0] for trace in traces(services)}
    assert {"users", "preferences", "usernames", "deliveries", "outbox", "api_keys", "audit"} <= places
    assert {"media", "derived", "session", "directory"} <= places
    below = {trace.split("/")[2] for trace in traces(services) if trace.startswith(f"users/{UID}/")}
    assert {"uploads", "videos", "trash", "entries", "days", "media"} <= below | {"days"}


async def test_nothing_names_a_deleted_user(services: MemoryServices, caplog: pytest.LogCaptureFixture) -> None:
    await everything_about_grace(services)
    begun_at = services.now()
    with caplog.at_level(logging.DEBUG):
        assert await leave(services) == Deletion(requested_at=begun_at, complete=True)
    assert traces(services) == []
    assert EMAIL not in caplog.text


async def test_others_lose_nothing(services: MemoryServices) -> None:
    ada_has = await services.add_video("a.mp4", 100)
    await set_mail_preferences(services, ADA, {"alerts": False})
    before = {address for address in services.books_store.database.documents if "ada" in str(address)}
    await everything_about_grace(services)
    await leave(services)
    assert before <= set(services.books_store.database.documents)
    assert (await services.existing_account()).stored == 100
    assert ada_has.object_name in services.media.objects


async def test_repeating_it_says_the_same(services: MemoryServices) -> None:
    await everything_about_grace(services)
    first = await leave(services)
    services.clock.advance(days=3)
    again = await delete_own_account(services, GRACE, token=signed_in(services, GRACE, services.now() - timedelta(days=30)))
    assert again == first == Deletion(requested_at=first.requested_at, complete=True)
    assert await delete_user(services, ROOT, UID) == first


@pytest.mark.parametrize("at", range(1, MOST_STEPS))
async def test_a_process_that_dies_after_any_step_is_continued(services: MemoryServices, at: int) -> None:
    grace = await everything_about_grace(services)
    with Dying(services, at=at, after=True, steps=STEPS):
        await leave(services)
    if await services.erasures.find(UID, now=services.now()) is None:  # it had not begun
        await leave(services)
    else:
        await late(services, grace)
        await sweep(services)
    await late(services, grace)
    assert traces(services) == []


async def test_the_steps_are_fewer_than_those_at_which_it_dies(services: MemoryServices) -> None:
    await everything_about_grace(services)
    with Dying(services, at=MOST_STEPS, after=False, steps=STEPS) as life:
        await leave(services)
    assert not life.died


async def late(services: MemoryServices, grace: Grace) -> None:
    """Let everything arrive that was under way, twice, with requests by a token that is still valid."""
    refused = (errors.AccountDeleted, errors.Unavailable, errors.UserNotFound)
    for _ in range(2):
        name = services.send(grace.granted)
        await finish_upload(services, name, generation=services.media.objects[name].generation)
        for message in [*services.events.published, *audit_messages_before(services)]:
            try:
                await arrive(services, message)
            except refused:
                continue
        for attempt in (
            lambda: services.grant("graces-cat.mp4", 10, caller=GRACE),
            lambda: set_mail_preferences(services, GRACE, {"alerts": True}),
            lambda: create_api_key(services, GRACE, label="graces-label", scopes=("read",), expires_at=None),
            lambda: open_account(services, Applicant(uid=UID, email=EMAIL, username="Grace Hopper")),
            lambda: convert_video(services, order(grace.video)),
        ):
            try:
                await attempt()
            except refused:
                continue


def audit_messages_before(services: MemoryServices) -> list[Message]:
    """Return audit events of the day before, when she was still there.

    Without the failed login with an address that she had once: neither her account nor the directory knows it.
    """
    now = services.clock.now
    services.clock.now = now - timedelta(days=1)
    try:
        return [message for message in audit_messages(services) if message.data["details"].get("email") != OLD_EMAIL.upper()]
    finally:
        services.clock.now = now


async def test_what_comes_late_leaves_nothing(services: MemoryServices) -> None:
    grace = await everything_about_grace(services)
    await leave(services)
    services.clock.advance(hours=1)
    await late(services, grace)
    assert traces(services) == []
    assert (await services.books.accounts(limit=10)).items == []


async def test_nothing_is_sent_about_a_deleted_user(services: MemoryServices) -> None:
    await everything_about_grace(services)
    await leave(services)
    assert services.mailer is not None
    sent, posted = len(services.mailer.sent), len(services.webhooks.posted)
    for message in services.events.published:
        await arrive(services, message)
    assert (len(services.mailer.sent), len(services.webhooks.posted)) == (sent, posted)


async def test_an_object_that_arrives_late_is_removed(services: MemoryServices) -> None:
    grace = await everything_about_grace(services)
    remove = services.personal_objects.remove
    verdicts = []

    async def arrives_meanwhile(uid: str) -> bool:
        verdicts.append((await finish_upload(services, services.send(grace.granted))).verdict)
        return await remove(uid)

    services.personal_objects.remove = arrives_meanwhile  # type: ignore[method-assign]
    await leave(services)
    verdicts.append((await finish_upload(services, services.send(grace.granted))).verdict)
    assert len(verdicts) > 2
    assert set(verdicts) == {Verdict.REMOVED}
    assert traces(services) == []


async def test_the_audit_log_keeps_what_happened_under_one_pseudonym(services: MemoryServices) -> None:
    await everything_about_grace(services)
    before = await services.audit_log.actions(LogFilter(), now=services.now(), limit=1000)
    await leave(services)
    after = await services.audit_log.actions(LogFilter(), now=services.now(), limit=1000)
    assert {one.id for one in before.items} < {one.id for one in after.items}
    own = {one.id for one in before.items if one.action.uid in (UID, "")}
    [pseudonym] = {one.action.uid for one in after.items if one.id in own}
    assert pseudonym.startswith("erased-")
    kinds = {one.id: (one.action.action, one.action.outcome, one.action.at) for one in before.items}
    assert {one.id: (one.action.action, one.action.outcome, one.action.at) for one in after.items if one.id in kinds} == kinds
    by_admin = [one.action for one in after.items if one.action.uid == ROOT.uid and one.action.action == "user.changed"]
    assert [action.data["user_id"] for action in by_admin] == [pseudonym]
    [deleted] = [one.action for one in after.items if one.action.action == "user.deleted"]
    assert (deleted.uid, deleted.data, deleted.request_id) == (pseudonym, {"user_id": pseudonym}, None)


async def test_a_late_event_gets_the_same_pseudonym(services: MemoryServices) -> None:
    await everything_about_grace(services)
    messages = audit_messages_before(services)
    await leave(services)
    [deleted] = (await services.audit_log.actions(LogFilter(action="user.deleted"), now=services.now(), limit=9)).items
    services.clock.advance(hours=1)
    for message in messages:
        renamed = replace(message, data={**message.data, "action_id": f"late:{message.data['action_id']}"})
        await arrive(services, renamed)
        await arrive(services, renamed)
    assert traces(services) == []
    logins = (await services.audit_log.actions(LogFilter(action="login"), now=services.now(), limit=99)).items
    assert {one.action.uid for one in logins} <= {deleted.action.uid, ""}


async def test_a_late_event_that_takes_too_long_to_forget_comes_again(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everything_about_grace(services)
    message = next(message for message in audit_messages(services) if message.uid == UID)
    late = replace(message, data={**message.data, "action_id": "late"})
    await leave(services)
    pages = 0

    async def never_done(person: Person) -> bool:
        nonlocal pages
        pages += 1
        services.clock.advance(seconds=4)
        return False

    with monkeypatch.context() as endless:
        endless.setattr(services.audit_log, "pseudonymise", never_done)
        with pytest.raises(errors.Unavailable):
            await arrive(services, late)
    assert pages == 4
    await arrive(services, late)
    assert traces(services) == []


async def test_an_address_can_be_registered_again(services: MemoryServices) -> None:
    """Its failed logins are then somebody else's, and keep it."""
    await everything_about_grace(services)
    await leave(services)
    services.clock.advance(minutes=1)
    await services.directory.create("another", email=EMAIL, password="correct horse", username="Grace Hopper")
    later = [message for message in audit_messages(services) if message.uid == "" and message.data["details"]["email"] == EMAIL]
    for message in later:
        await arrive(services, replace(message, data={**message.data, "action_id": f"later:{message.event_id}"}))
    found = await services.audit_log.actions(LogFilter(about=(f"email:{EMAIL}",)), now=services.now(), limit=99)
    assert len(found.items) == len(later)


async def test_the_tombstone_names_nobody_and_expires(services: MemoryServices) -> None:
    await everything_about_grace(services)
    await leave(services)
    left = {a: d for a, d in services.books_store.database.documents.items() if a.collection == ("erased",)}
    assert all(set(document.fields) == {"pseudonym", "begun_at", "expires_at"} for document in left.values())
    assert {document.fields["expires_at"] - services.now() for document in left.values()} == {TOMBSTONE_KEPT, ADDRESS_KEPT}
    assert not any(name in f"{left}" for name in NAMES)


async def test_users_of_other_issuers_begin_anew_when_the_tombstone_has_expired(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 100)
    await delete_own_account(services, ADA, token="ada")
    with pytest.raises(errors.AccountDeleted):
        await services.grant()
    services.clock.advance(days=TOMBSTONE_KEPT.days, seconds=1)
    await services.grant(size=10)
    assert (await services.existing_account()).reserved == 10
    await set_mail_preferences(services, ADA, {"alerts": False})


async def test_who_has_never_used_the_service_can_be_deleted(services: MemoryServices) -> None:
    await delete_own_account(services, ADA, token="ada")
    with pytest.raises(errors.AccountDeleted):
        await services.grant()
    assert [a for a in services.books_store.database.documents if a.collection[0] == "users"] == []


async def test_an_account_cannot_be_opened_while_its_user_is_deleted(services: MemoryServices) -> None:
    """A request has read that there is no account and no tombstone; a whole deletion happens before its commit."""
    database, at = services.books_store.database, tombstone_of_user(ADA.uid)
    await delete_own_account(services, ADA, token="ada")
    tombstone = database.documents[at]
    database.apply([Write(at, None)])

    def delete_now(writes: Sequence[Write]) -> None:
        if any(write.address.collection == ("users",) for write in writes):
            database.apply([Write(at, tombstone.fields)])

    services.books_store.before_commit = delete_now
    with pytest.raises(errors.AccountDeleted):
        await services.grant()


async def test_a_sign_in_must_be_fresh(services: MemoryServices) -> None:
    await everything_about_grace(services)
    too_long_ago = services.now() - FRESH_FOR - timedelta(seconds=1)
    with pytest.raises(errors.SignInTooOld):
        await delete_own_account(services, GRACE, token=signed_in(services, GRACE, too_long_ago))
    assert await services.erasures.find(UID, now=services.now()) is None
    assert (await delete_own_account(services, GRACE, token=signed_in(services, GRACE, services.now() - FRESH_FOR))).complete


async def test_admins_cannot_delete_themselves(services: MemoryServices) -> None:
    with pytest.raises(errors.OwnAccount):
        await delete_own_account(services, ROOT, token="root")
    with pytest.raises(errors.OwnAccount):
        await delete_user(services, ROOT, ROOT.uid)
    await everything_about_grace(services)
    await services.directory.set_role(UID, "admin")  # her token is older
    with pytest.raises(errors.OwnAccount):
        await leave(services)


async def test_an_admin_deletes_a_user(services: MemoryServices) -> None:
    await everything_about_grace(services)
    assert (await delete_user(services, ROOT, UID)).complete
    assert traces(services) == []
    [deleted] = (await services.audit_log.actions(LogFilter(action="user.deleted"), now=services.now(), limit=9)).items
    assert deleted.action.uid == ROOT.uid
    assert deleted.action.data["user_id"].startswith("erased-")
    with pytest.raises(errors.UserNotFound):
        await delete_user(services, ROOT, "nobody")


async def test_a_request_that_runs_out_of_time_leaves_the_rest_to_the_sweep(services: MemoryServices) -> None:
    await everything_about_grace(services)
    remove = services.personal_objects.remove

    async def slow(uid: str) -> bool:
        services.clock.advance(seconds=10)
        return await remove(uid)

    services.personal_objects.remove = slow  # type: ignore[method-assign]
    assert not (await leave(services)).complete
    with pytest.raises(errors.AccountDeleted):
        await services.grant("new.mp4", caller=GRACE)
    assert (await resume_erasures(services, until=services.now() + timedelta(minutes=8))).done == 1
    assert traces(services) == []


async def test_the_outbox_of_a_deleted_user_is_not_published(services: MemoryServices) -> None:
    services.events.unavailable = True
    await services.add_video("a.mp4", 100)
    await delete_own_account(services, ADA, token="ada")
    services.events.unavailable = False
    services.clock.advance(minutes=5)
    await empty_outbox(services, until=services.now() + timedelta(minutes=8))
    assert services.published() == []
