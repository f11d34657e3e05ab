"""One commit's documents: what operations see of each other, and on which conditions it is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.adapters.books.unit_of_work import (
    Collection,
    Held,
    InconsistentBooksError,
    Key,
    Read,
    UnitOfWork,
    Write,
    account_key,
    created_keys,
    entry_key,
    video_key,
    wanted_keys,
)
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, Entry
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.messages import RemoveObject
from reelgate.ports import ReadSet, Snapshot
from tests.unit.books.samples import AT, VIDEO

ACCOUNT = Account(uid="ada", today=Day(date=AT.date()))
ENTRY = Entry(entry_id="e1", kind="k", sequence=1, at=AT, date=AT.date(), delta=Delta())
WANTED = ReadSet(filename="a.mp4", trashed_file_id="u1", entry_id="e1")
TRASH = Key(Collection.TRASH, "u1")


def unit(**held: Held) -> UnitOfWork:
    """Return a unit that read an account (version 1) and, if given, a video, a trashed one and an entry."""
    keys = {"video": video_key("a.mp4"), "trashed": TRASH, "entry": entry_key("e1")}
    read: Read = {account_key("ada"): Held(ACCOUNT, 1), **{key: held.get(name) for name, key in keys.items()}}
    return UnitOfWork("ada", read)


def test_a_view_shows_what_was_read() -> None:
    assert unit().view(WANTED) == Snapshot(account=ACCOUNT)
    full = unit(video=Held(VIDEO, 2), trashed=Held(VIDEO, 3), entry=Held(ENTRY, 4))
    assert full.view(WANTED) == Snapshot(account=ACCOUNT, video=VIDEO, trashed=VIDEO, entry=ENTRY)
    assert full.view(ReadSet()) == Snapshot(account=ACCOUNT)


def test_a_view_shows_what_was_staged() -> None:
    moved = unit(video=Held(VIDEO, 2))
    later = replace(ACCOUNT, sequence=1)
    moved.stage(Change(account=later, entry=ENTRY, remove_video=VIDEO, put_trash=VIDEO), at=AT)
    assert moved.view(WANTED) == Snapshot(account=later, trashed=VIDEO, entry=ENTRY)


def test_writes_stand_on_what_was_read() -> None:
    moved = unit(video=Held(VIDEO, 2))
    gone = RemoveObject(event_id="r", name="n", generation=1)
    moved.stage(
        Change(account=ACCOUNT, entry=ENTRY, closed_day=ACCOUNT.today, remove_video=VIDEO, put_trash=VIDEO, outbox=(gone,)),
        at=AT,
    )
    conditions = {write.key: (write.record is None, write.version, write.unconditional) for write in moved.writes()}
    assert conditions == {
        account_key("ada"): (False, 1, False),
        entry_key("e1"): (False, None, False),
        video_key("a.mp4"): (True, 2, False),
        TRASH: (False, None, False),
        Key(Collection.DAYS, "2026-11-03"): (False, None, True),
        Key(Collection.OUTBOX, "r"): (False, None, True),
    }


def test_a_new_account_must_not_exist() -> None:
    fresh = UnitOfWork("eve", {account_key("eve"): None})
    fresh.stage(Change(account=replace(ACCOUNT, uid="eve")), at=AT)
    assert fresh.writes() == [Write(account_key("eve"), replace(ACCOUNT, uid="eve"))]


def test_of_several_changes_the_last_state_is_written_once() -> None:
    both = unit(video=Held(VIDEO, 2))
    newer = replace(VIDEO, file_id="u2")
    both.stage(Change(account=replace(ACCOUNT, sequence=1), remove_video=VIDEO, put_trash=VIDEO), at=AT)
    both.stage(Change(account=replace(ACCOUNT, sequence=2), remove_trash=VIDEO, put_video=newer), at=AT)
    assert both.writes() == [
        Write(account_key("ada"), replace(ACCOUNT, sequence=2), version=1),
        Write(video_key("a.mp4"), newer, version=2),
    ]


def test_a_video_is_replaced_as_it_was_read() -> None:
    named = unit(video=Held(VIDEO, 2))
    titled = replace(VIDEO, title="T")
    named.stage(Change(account=ACCOUNT, replace_video=titled), at=AT)
    assert named.view(WANTED).video == titled
    assert Write(video_key("a.mp4"), titled, version=2) in named.writes()
    named.stage(Change(account=ACCOUNT, remove_video=titled), at=AT)
    assert Write(video_key("a.mp4"), None, version=2) in named.writes()


def test_a_video_that_was_just_made_is_created_with_what_replaced_it() -> None:
    made = unit()
    titled = replace(VIDEO, title="T")
    made.stage(Change(account=ACCOUNT, entry=ENTRY, put_video=VIDEO), at=AT)
    made.stage(Change(account=ACCOUNT, replace_video=titled), at=AT)
    assert Write(video_key("a.mp4"), titled, version=None) in made.writes()


@pytest.mark.parametrize(
    "change",
    [
        Change(account=ACCOUNT, entry=ENTRY, remove_video=VIDEO),
        Change(account=ACCOUNT, entry=ENTRY, remove_trash=VIDEO),
        Change(account=ACCOUNT, replace_video=VIDEO),
    ],
)
def test_nothing_is_removed_or_replaced_that_was_not_seen(change: Change) -> None:
    empty = unit()
    with pytest.raises(InconsistentBooksError):
        empty.stage(change, at=AT)
    assert empty.writes() == []
    assert empty.view(WANTED) == Snapshot(account=ACCOUNT)


@pytest.mark.parametrize(
    "change",
    [
        Change(account=ACCOUNT, put_video=VIDEO),
        Change(account=ACCOUNT, put_trash=VIDEO),
        Change(account=ACCOUNT, entry=ENTRY),
    ],
)
def test_nothing_is_put_over_what_is_there(change: Change) -> None:
    full = unit(video=Held(VIDEO, 2), trashed=Held(VIDEO, 3), entry=Held(ENTRY, 4))
    with pytest.raises(InconsistentBooksError):
        full.stage(change, at=AT)
    assert full.writes() == []


def test_a_document_of_the_wrong_kind_is_told() -> None:
    with pytest.raises(InconsistentBooksError):
        UnitOfWork("ada", {account_key("ada"): Held(VIDEO, 1)}).view(ReadSet())


def test_the_keys_to_read_and_to_recognise() -> None:
    assert wanted_keys("ada", ReadSet()) == {account_key("ada")}
    assert wanted_keys("ada", WANTED) == {account_key("ada"), video_key("a.mp4"), TRASH, entry_key("e1")}
    change = Change(account=ACCOUNT, entry=ENTRY, remove_trash=VIDEO, put_video=VIDEO, closed_day=ACCOUNT.today)
    assert created_keys(change) == {entry_key("e1"), video_key("a.mp4")}
    assert created_keys(Change(account=ACCOUNT, replace_video=VIDEO)) == set()  # it was there before, too
