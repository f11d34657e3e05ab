"""Ids and kinds of ledger entries and reasons of releases, as they are stored and shown."""

from __future__ import annotations

import json
from datetime import date

import pytest

from reelgate.adapters.books.book_records import decode_entry
from reelgate.domain.books.entries import Delta, Entry, EntryId, EntryKind
from reelgate.domain.books.upload_states import ReleaseReason, UploadState
from tests.fixtures.bookkeeping import NOON

SPELT = {
    "reserve:u1": EntryId.reserve("u1"),
    "chunk:u1:4": EntryId.chunk("u1", 4),
    "seal:u1": EntryId.seal("u1"),
    "commit:u1#7": EntryId.commit("u1", 7),
    "release:u1": EntryId.release("u1"),
    "reject:u1:7": EntryId.reject("u1", 7),
    "reject:u1:4:7": EntryId.reject("u1", 7, part=4),
    "delete:u1:3": EntryId.delete("u1", 3),
    "restore:u1:4": EntryId.restore("u1", 4),
    "purge:u1": EntryId.purge("u1"),
    "captions:u1:pt-BR:9": EntryId.captions("u1", "pt-BR", 9),
    "stream:g1": EntryId.stream("g1"),
    "stream:u1:490000": EntryId.stream_once("u1", 490000),
    "stream:audio:u1:490000": EntryId.stream_once("u1", 490000, "audio"),
    "settle:u1:1793880000": EntryId.settle("u1:1793880000"),
    "report-upload:r1": EntryId.report_upload("r1"),
    "report-deletion:r1": EntryId.report_deletion("r1"),
    "register:ada": EntryId.register("ada"),
    "limits:c1": EntryId.limits("c1"),
    "reset-day:r1": EntryId.reset_day("r1"),
}


@pytest.mark.parametrize(("text", "entry_id"), SPELT.items())
def test_an_id_is_its_kind_and_its_key(text: str, entry_id: EntryId) -> None:
    assert json.dumps({"entry_id": entry_id, "kind": entry_id.kind}) == json.dumps(
        {"entry_id": text, "kind": text.partition(":")[0]}
    )
    assert f"{entry_id.kind}:{entry_id.key}" == text
    assert EntryId(text) == entry_id


def test_every_kind_has_an_id() -> None:
    assert {entry_id.kind for entry_id in SPELT.values()} == set(EntryKind)


def test_a_kind_of_a_newer_revision_can_be_read() -> None:
    document = {
        "entry_id": "refund:g1",
        "kind": "refund",
        "sequence": 1,
        "at": NOON,
        "date": "2026-11-03",
        "movement": {"streamed": -5},
    }
    entry = decode_entry(document)
    assert (entry.kind, str(entry.kind), entry.entry_id.kind) == ("refund", "refund", "refund")
    assert entry.kind not in set(EntryKind)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cancelled", ReleaseReason.cancelled()),
        ("expired", ReleaseReason.expired()),
        ("rejected: size is 9 bytes: too many", ReleaseReason.rejected("size is 9 bytes: too many")),
    ],
)
def test_a_reason_is_read_as_it_is_written(text: str, reason: ReleaseReason) -> None:
    assert str(reason) == text
    assert ReleaseReason.parse(text) == reason


@pytest.mark.parametrize("text", [None, "", "gone"])
def test_any_other_reason_is_a_cancellation(text: str | None) -> None:
    assert ReleaseReason.parse(text).state is UploadState.CANCELLED


def test_only_entries_of_releases_have_a_release_reason() -> None:
    def entry(entry_id: EntryId) -> Entry:
        day = date(2026, 11, 3)
        return Entry(entry_id=entry_id, kind=entry_id.kind, sequence=1, at=NOON, date=day, delta=Delta(), reason="expired")

    assert entry(EntryId.release("u1")).release_reason == ReleaseReason.expired()
    assert entry(EntryId.limits("c1")).release_reason is None
