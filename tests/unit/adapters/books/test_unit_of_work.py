"""One commit's documents: what operations see of each other, and on which conditions it is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.adapters.books.book_records import Collection, Record, address_of, encode
from reelgate.adapters.books.unit_of_work import (
    InconsistentBooksError,
    UnitOfWork,
    account_address,
    addresses_to_read,
    created_addresses,
    entry_address,
    follow_names,
    name_address,
    trash_address,
    upload_address,
    video_address,
)
from reelgate.adapters.documents.document_store import Address, Document, Write
from reelgate.domain.books.account import Account, Day, NameClaim
from reelgate.domain.books.entries import Delta, Entry
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.messages import RemoveObject
from reelgate.ports.books import ReadSet, Snapshot
from tests.fixtures.bookkeeping import an_upload
from tests.unit.adapters.books.samples import AT, VIDEO

ACCOUNT = Account(uid="ada", today=Day(date=AT.date()))
ENTRY = Entry(entry_id="e1", kind="k", sequence=1, at=AT, date=AT.date(), delta=Delta())
READS = ReadSet(file_id="u1", trashed_file_id="u1", entry_id="e1")
ADA, ENTRY_AT, VIDEO_AT = account_address("ada"), entry_address("ada", "e1"), video_address("ada", "u1")
TRASH, NAME_AT = trash_address("ada", "u1"), name_address("ada", "a.mp4")
UPLOAD = an_upload("u1", filename="a.mp4")
UPLOAD_AT = upload_address("ada", "u1")
OPEN = ReadSet(filename="a.mp4", upload_id="u1")
CLAIM = UPLOAD.claim
DELETION = Change(account=ACCOUNT, remove_video=VIDEO, remove_name=CLAIM, put_trash=VIDEO)
GRANT = Change(account=ACCOUNT, put_upload=UPLOAD, put_name=CLAIM)
RELEASE = Change(account=ACCOUNT, remove_upload=UPLOAD, remove_name=CLAIM)
SETTLEMENT = Change(account=ACCOUNT, remove_upload=UPLOAD, put_video=VIDEO)


def read(address: Address, record: Record, version: int) -> dict[Address, Document]:
    return {address: Document(address, encode(record), version)}


def unit(
    *, video: int | None = None, name: int | None = None, trashed: int | None = None, entry: int | None = None
) -> UnitOfWork:
    """Return a unit that read an account (version 1), and a video, its claim, a trashed one and an entry in these versions."""
    found = read(ADA, ACCOUNT, 1)
    held = ((VIDEO_AT, VIDEO, video), (NAME_AT, CLAIM, name), (TRASH, VIDEO, trashed), (ENTRY_AT, ENTRY, entry))
    for address, record, version in held:
        if version is not None:
            found |= read(address, record, version)
    return UnitOfWork("ada", found)


def test_a_view_shows_what_was_read() -> None:
    assert unit().snapshot(READS) == Snapshot(account=ACCOUNT)
    full = unit(video=2, trashed=3, entry=4)
    assert full.snapshot(READS) == Snapshot(account=ACCOUNT, video=VIDEO, trashed=VIDEO, entry=ENTRY)
    assert full.snapshot(ReadSet()) == Snapshot(account=ACCOUNT)


def test_a_name_leads_to_its_video() -> None:
    by_name = ReadSet(filename="a.mp4")
    assert unit(video=2).snapshot(by_name) == Snapshot(account=ACCOUNT)  # nobody has the name
    assert unit(video=2, name=3).snapshot(by_name) == Snapshot(account=ACCOUNT, video=VIDEO, claim=CLAIM)
    assert unit(name=3).snapshot(by_name) == Snapshot(account=ACCOUNT, claim=CLAIM)  # an open upload has it
    assert unit(video=2, name=3).snapshot(ReadSet(name="a.mp4")) == Snapshot(account=ACCOUNT, claim=CLAIM)
    assert unit(video=2, name=3).snapshot(ReadSet(name="a.mp4", file_id="u1")).video == VIDEO


def test_a_name_leads_to_the_video_that_another_operation_has_put_there() -> None:
    opened = open_unit(claim=3)
    opened.stage(SETTLEMENT, at=AT)
    assert opened.snapshot(ReadSet(filename="a.mp4")) == Snapshot(account=ACCOUNT, video=VIDEO, claim=CLAIM)


def test_a_view_shows_what_was_staged() -> None:
    moved = unit(video=2)
    later = replace(ACCOUNT, sequence=1)
    moved.stage(replace(DELETION, account=later, entry=ENTRY), at=AT)
    assert moved.snapshot(READS) == Snapshot(account=later, trashed=VIDEO, entry=ENTRY)


def test_writes_stand_on_what_was_read() -> None:
    moved = unit(video=2)
    gone = RemoveObject(event_id="r", name="n", generation=1)
    moved.stage(replace(DELETION, entry=ENTRY, closed_day=ACCOUNT.today, outbox=(gone,)), at=AT)
    conditions = {write.address: (write.fields is None, write.version, write.absent) for write in moved.writes()}
    assert conditions == {
        ADA: (False, 1, False),
        ENTRY_AT: (False, None, True),
        VIDEO_AT: (True, 2, False),
        NAME_AT: (True, None, False),  # it was not read; the account's version decides
        TRASH: (False, None, True),
        address_of("ada", Collection.DAYS, "2026-11-03"): (False, None, False),
        Address(("outbox",), "r"): (False, None, False),
    }


def test_a_new_account_must_not_exist() -> None:
    fresh = UnitOfWork("eve", {})
    fresh.stage(Change(account=replace(ACCOUNT, uid="eve")), at=AT)
    assert fresh.writes() == [Write(Address(("users",), "eve"), encode(replace(ACCOUNT, uid="eve")), absent=True)]


def test_of_several_changes_the_last_state_is_written_once() -> None:
    both = unit(video=2, name=3)
    back = replace(VIDEO, title="T")
    both.stage(replace(DELETION, account=replace(ACCOUNT, sequence=1)), at=AT)
    restored = Change(account=replace(ACCOUNT, sequence=2), remove_trash=VIDEO, put_video=back, put_name=CLAIM)
    both.stage(restored, at=AT)
    assert both.writes() == [
        Write(ADA, encode(replace(ACCOUNT, sequence=2)), version=1),
        Write(NAME_AT, encode(CLAIM), version=3),
        Write(VIDEO_AT, encode(back), version=2),
    ]


def test_a_video_is_replaced_as_it_was_read() -> None:
    named = unit(video=2)
    titled = replace(VIDEO, title="T")
    named.stage(Change(account=ACCOUNT, replace_video=titled), at=AT)
    assert named.snapshot(READS).video == titled
    assert Write(VIDEO_AT, encode(titled), version=2) in named.writes()
    named.stage(Change(account=ACCOUNT, remove_video=titled), at=AT)
    assert Write(VIDEO_AT, None, version=2) in named.writes()


def test_a_video_that_was_just_made_is_created_with_what_replaced_it() -> None:
    made = unit()
    titled = replace(VIDEO, title="T")
    made.stage(Change(account=ACCOUNT, entry=ENTRY, put_video=VIDEO), at=AT)
    made.stage(Change(account=ACCOUNT, replace_video=titled), at=AT)
    assert Write(VIDEO_AT, encode(titled), absent=True) in made.writes()


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
    assert empty.snapshot(READS) == Snapshot(account=ACCOUNT)


@pytest.mark.parametrize(
    "change",
    [
        Change(account=ACCOUNT, put_video=VIDEO),
        Change(account=ACCOUNT, put_name=an_upload("u2", filename="a.mp4").claim),
        Change(account=ACCOUNT, put_trash=VIDEO),
        Change(account=ACCOUNT, entry=ENTRY),
    ],
)
def test_nothing_is_put_over_what_is_there(change: Change) -> None:
    full = unit(video=2, name=5, trashed=3, entry=4)
    with pytest.raises(InconsistentBooksError):
        full.stage(change, at=AT)
    assert full.writes() == []


def open_unit(*, upload: int | None = 2, claim: int | None = None) -> UnitOfWork:
    """Return a unit that read an account (version 1) and, in the given versions, an open upload and the claim of its name."""
    found = read(ADA, ACCOUNT, 1)
    for address, record, version in ((UPLOAD_AT, UPLOAD, upload), (NAME_AT, CLAIM, claim)):
        if version is not None:
            found |= read(address, record, version)
    return UnitOfWork("ada", found)


def test_a_grant_creates_the_upload_and_the_claim_of_its_name() -> None:
    granted = unit()
    granted.stage(GRANT, at=AT)
    assert granted.snapshot(OPEN) == Snapshot(account=ACCOUNT, upload=UPLOAD, claim=CLAIM)
    assert granted.writes()[1:] == [
        Write(NAME_AT, {"upload_id": "u1"}, absent=True),
        Write(UPLOAD_AT, encode(UPLOAD), absent=True),
    ]


def test_an_upload_is_replaced_as_it_was_read() -> None:
    opened, renewed = open_unit(), replace(UPLOAD, session_url="https://storage.example/session")
    opened.stage(Change(account=ACCOUNT, replace_upload=renewed), at=AT)
    assert opened.snapshot(OPEN).upload == renewed
    assert opened.writes() == [Write(ADA, encode(ACCOUNT), version=1), Write(UPLOAD_AT, encode(renewed), version=2)]


def test_an_upload_ends_with_its_claim_which_need_not_be_read() -> None:
    """The account's version decides: a claim exists as long as its upload or video does."""
    opened = open_unit()
    opened.stage(RELEASE, at=AT)
    assert opened.snapshot(OPEN) == Snapshot(account=ACCOUNT)
    assert opened.writes()[1:] == [Write(NAME_AT, None), Write(UPLOAD_AT, None, version=2)]
    seen = open_unit(claim=3)
    seen.stage(RELEASE, at=AT)
    assert seen.writes()[1:] == [Write(NAME_AT, None, version=3), Write(UPLOAD_AT, None, version=2)]


@pytest.mark.parametrize("claim", [None, 3])
def test_a_video_keeps_the_claim_of_its_upload(claim: int | None) -> None:
    opened = open_unit(claim=claim)
    opened.stage(SETTLEMENT, at=AT)
    assert opened.snapshot(READS).video == VIDEO
    assert opened.writes()[1:] == [Write(UPLOAD_AT, None, version=2), Write(VIDEO_AT, encode(VIDEO), absent=True)]


def test_an_upload_that_was_just_granted_ends_without_a_trace() -> None:
    granted = unit()
    granted.stage(GRANT, at=AT)
    granted.stage(RELEASE, at=AT)
    assert granted.writes() == [Write(ADA, encode(ACCOUNT), version=1)]
    granted.stage(GRANT, at=AT)
    granted.stage(SETTLEMENT, at=AT)
    assert granted.writes()[1:] == [
        Write(NAME_AT, encode(CLAIM), absent=True),
        Write(VIDEO_AT, encode(VIDEO), absent=True),
    ]


@pytest.mark.parametrize("ended", [RELEASE, DELETION])
def test_a_name_that_is_released_can_be_claimed_by_the_next(ended: Change) -> None:
    newer = an_upload("u2", filename="a.mp4")
    held = open_unit(claim=3) if ended is RELEASE else unit(video=2, name=3)
    held.stage(ended, at=AT)
    held.stage(Change(account=ACCOUNT, put_upload=newer, put_name=newer.claim), at=AT)
    assert held.snapshot(ReadSet(filename="a.mp4")) == Snapshot(account=ACCOUNT, claim=newer.claim)
    assert Write(NAME_AT, {"upload_id": "u2"}, version=3) in held.writes()


@pytest.mark.parametrize(
    "change",
    [
        GRANT,
        Change(account=ACCOUNT, put_upload=an_upload("u2", filename="a.mp4"), put_name=NameClaim(CLAIM.name_key, "u2")),
        Change(account=ACCOUNT, put_video=VIDEO, put_name=CLAIM),
    ],
)
def test_nothing_is_put_over_an_open_upload_or_its_claim(change: Change) -> None:
    opened = open_unit(claim=3)
    with pytest.raises(InconsistentBooksError):
        opened.stage(change, at=AT)
    assert opened.writes() == []


@pytest.mark.parametrize(
    "change", [Change(account=ACCOUNT, remove_upload=UPLOAD), Change(account=ACCOUNT, replace_upload=UPLOAD)]
)
def test_no_upload_is_removed_or_replaced_that_was_not_seen(change: Change) -> None:
    with pytest.raises(InconsistentBooksError):
        open_unit(upload=None).stage(change, at=AT)


@pytest.mark.parametrize("change", [RELEASE, DELETION])
def test_nothing_ends_with_a_claim_that_is_not_its_own(change: Change) -> None:
    other = read(NAME_AT, NameClaim(CLAIM.name_key, "u2"), 3)
    held = UnitOfWork("ada", read(ADA, ACCOUNT, 1) | read(UPLOAD_AT, UPLOAD, 2) | read(VIDEO_AT, VIDEO, 2) | other)
    with pytest.raises(InconsistentBooksError):
        held.stage(change, at=AT)
    assert held.writes() == []


def test_a_document_of_another_kind_is_not_taken_for_an_account() -> None:
    with pytest.raises(KeyError):
        UnitOfWork("ada", read(ADA, VIDEO, 1))


def test_the_documents_to_read_and_to_recognise() -> None:
    assert addresses_to_read("ada", ReadSet()) == {ADA}
    assert addresses_to_read("ada", READS) == {ADA, VIDEO_AT, TRASH, ENTRY_AT}
    assert addresses_to_read("ada", OPEN) == {ADA, NAME_AT, UPLOAD_AT}
    assert addresses_to_read("ada", ReadSet(name="a.mp4")) == {ADA, NAME_AT}
    assert addresses_to_read("ada", ReadSet(file_id="u1")) == {ADA, VIDEO_AT}
    change = Change(account=ACCOUNT, entry=ENTRY, remove_trash=VIDEO, put_video=VIDEO, put_name=CLAIM, closed_day=ACCOUNT.today)
    assert created_addresses(change) == {ENTRY_AT, VIDEO_AT, NAME_AT}
    assert created_addresses(Change(account=ACCOUNT, replace_video=VIDEO)) == set()  # it was there before, too
    assert created_addresses(GRANT) == {UPLOAD_AT, NAME_AT}
    assert created_addresses(Change(account=ACCOUNT, replace_upload=UPLOAD)) == set()
    assert created_addresses(RELEASE) == set()
    assert created_addresses(DELETION) == {TRASH}


def test_names_are_followed_to_videos() -> None:
    assert follow_names("ada", [ReadSet(file_id="u1"), ReadSet(name="a.mp4")]) is None
    follow = follow_names("ada", [ReadSet(filename="a.mp4"), ReadSet(filename="b.mp4")])
    assert follow is not None
    assert set(follow(read(ADA, ACCOUNT, 1))) == set()  # both names are free
    second = read(name_address("ada", "b.mp4"), NameClaim.of("b.mp4", "u2"), 4)
    assert set(follow(read(NAME_AT, CLAIM, 3) | second)) == {VIDEO_AT, video_address("ada", "u2")}
