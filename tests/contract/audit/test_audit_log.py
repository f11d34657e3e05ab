"""The audit log over documents in memory and in Firestore: each action once, any filters, pages that stay where they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Document, DocumentStore, Query
from reelgate.adapters.records.audit_log import COLLECTION, SHARDS, DocumentAuditLog, audit_document
from reelgate.domain.audit import Action, about_email, about_user, about_video, area_of
from reelgate.domain.errors import InvalidRequest
from reelgate.ports.audit import LogFilter, LoggedAction

AT = datetime(2026, 11, 3, 12, 0, 0, 678000, tzinfo=UTC)
KEEP = timedelta(days=10)


@pytest.fixture
def log(documents: DocumentStore) -> DocumentAuditLog:
    return DocumentAuditLog(documents, keep=KEEP)


def action(n: int, **more: Any) -> Action:
    """Return the n-th action, n minutes after the first."""
    defaults: dict[str, Any] = {
        "at": AT + timedelta(minutes=n),
        "action": "upload.granted",
        "uid": "ada",
        "service": "upload",
        "outcome": "done",
        "description": f"number {n}",
    }
    return Action(action_id=f"a/{n}#1", **{**defaults, **more})


async def whole(log: DocumentAuditLog, wanted: LogFilter, *, now: datetime = AT, limit: int = 1000) -> list[LoggedAction]:
    """Return a list, page by page."""
    found: list[LoggedAction] = []
    cursor = None
    while True:
        page = await log.actions(wanted, now=now, limit=limit, cursor=cursor)
        found += page.items
        assert len(page.items) <= limit
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert page.items


async def test_an_action_comes_back_as_it_was(log: DocumentAuditLog) -> None:
    told = action(1, uid="", request_id="r1", data={"size": 2**53, "nested": {"list": [1, None, "ü", {}]}, "": "no name"})
    told = replace(told, data={name: value for name, value in told.data.items() if name})
    assert await log.record(told)
    [one] = await whole(log, LogFilter())
    assert one.action == told


async def test_of_many_deliveries_one_records(log: DocumentAuditLog) -> None:
    results = await asyncio.gather(*(log.record(action(1)) for _ in range(8)))
    assert sorted(results) == [False] * 7 + [True]
    assert not await log.record(action(1, description="something else"))
    [one] = await whole(log, LogFilter())
    assert one.action.description == "number 1"


async def test_other_actions_have_other_ids(log: DocumentAuditLog) -> None:
    for n in range(3):
        await log.record(action(n))
    ids = [one.id for one in await whole(log, LogFilter())]
    assert len(set(ids)) == 3
    assert ids == [one.id for one in await whole(log, LogFilter())]


async def test_any_filters_together(log: DocumentAuditLog) -> None:
    kept = [
        action(n, uid=uid, action=name, service=service, outcome=outcome)
        for n, (uid, name, service, outcome) in enumerate(
            product(("ada", "bob"), ("upload.granted", "upload.finished", "login"), ("upload", "finalize"), ("done", "denied"))
        )
    ]
    await asyncio.gather(*(log.record(one) for one in kept))
    newest_first = kept[::-1]
    for uid, (name, area), service, outcome, since, until in product(
        (None, "ada"),
        ((None, None), ("login", None), (None, "upload")),
        (None, "upload"),
        (None, "denied"),
        (None, AT + timedelta(minutes=4)),
        (None, AT + timedelta(minutes=20)),
    ):
        wanted = LogFilter(
            uid=uid,
            action=name,
            area=area,
            service=service,
            outcome=outcome,  # type: ignore[arg-type]
            since=since,
            until=until,
        )
        expected = [
            one
            for one in newest_first
            if uid in {None, one.uid}
            and name in {None, one.action}
            and area in {None, area_of(one.action)}
            and service in {None, one.service}
            and outcome in {None, one.outcome}
            and (since is None or one.at >= since)
            and (until is None or one.at < until)
        ]
        assert [one.action for one in await whole(log, wanted, limit=5)] == expected


async def test_what_was_done_by_a_user_and_what_was_done_about_them(log: DocumentAuditLog) -> None:
    """Each action once, with any other filter, page by page."""
    ada, address = about_user("ada"), about_email("Ada@example.org")
    kept = [
        action(0, action="login", data={"user_id": "ada", "email": "ada@example.org"}),
        action(1, uid="root", action="user.changed", data={"user_id": "ada"}, request_id="request-1"),
        action(2, uid="", action="login", outcome="denied", data={"email": "ada@example.org"}, request_id="request-2"),
        action(3, uid="bob"),
        action(4, uid="bob", request_id="request-2", data={"file_id": "f1"}),
        action(5, uid="ada", request_id="request-1", data={"video_id": "f1"}),
    ]
    await asyncio.gather(*(log.record(one) for one in kept))
    for about, request_id, outcome, numbers in (
        ((ada,), None, None, [5, 1, 0]),
        ((address,), None, None, [2, 0]),
        ((ada, address), None, None, [5, 2, 1, 0]),
        ((ada, address), None, "denied", [2]),
        ((ada, address), "request-1", None, [5, 1]),
        ((about_video("f1"),), None, None, [5, 4]),
        ((), "request-2", None, [4, 2]),
        ((about_user("eve"),), None, None, []),
    ):
        wanted = LogFilter(about=about, request_id=request_id, outcome=outcome)  # type: ignore[arg-type]
        found = await whole(log, wanted, limit=2)
        assert [one.action.description for one in found] == [f"number {n}" for n in numbers], wanted


@pytest.mark.parametrize("limit", [1, 3, 4])
async def test_pages_join_also_within_one_instant(log: DocumentAuditLog, limit: int) -> None:
    for n in range(8):
        await log.record(action(n, at=AT + timedelta(minutes=n // 4)))
    paged = await whole(log, LogFilter(), limit=limit)
    assert paged == await whole(log, LogFilter())
    assert len({one.id for one in paged}) == 8
    assert [one.action.at for one in paged] == sorted((one.action.at for one in paged), reverse=True)


async def test_a_page_reads_no_more_documents_than_it_has(
    log: DocumentAuditLog, documents: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shards are merged by the database: a page is one query, which gives one document more, for the cursor."""
    for n in range(30):
        await log.record(action(n))
    find, read = documents.find, []

    async def counted(query: Query) -> Sequence[Document]:
        found = await find(query)
        read.append(len(found))
        return found

    monkeypatch.setattr(documents, "find", counted)
    page = await log.actions(LogFilter(), now=AT, limit=20)
    assert len(page.items) == 20
    assert read == [21]


async def test_what_a_commit_of_the_books_writes_is_in_the_log_once(log: DocumentAuditLog, documents: DocumentStore) -> None:
    """As often as it is written, and however it comes again."""
    for _ in range(2):
        await documents.commit([audit_document(action(1), keep=KEEP)])
    assert not await log.record(action(1))
    [one] = await whole(log, LogFilter())
    assert one.action == action(1)


async def test_every_shard_is_used_and_read(log: DocumentAuditLog, documents: DocumentStore) -> None:
    for n in range(60):
        await log.record(action(n))
    by_time = Query(collection=COLLECTION, order_by="created_at", limit=100)
    assert {stored.fields["shard"] for stored in await documents.find(by_time)} == set(range(SHARDS))
    assert len(await whole(log, LogFilter(), limit=7)) == 60


async def test_what_is_recorded_meanwhile_moves_no_page(log: DocumentAuditLog) -> None:
    for n in range(4):
        await log.record(action(n))
    first = await log.actions(LogFilter(), now=AT, limit=2)
    await log.record(action(9))
    second = await log.actions(LogFilter(), now=AT, limit=2, cursor=first.next_cursor)
    assert [one.action.description for one in [*first.items, *second.items]] == [f"number {n}" for n in (3, 2, 1, 0)]
    assert second.next_cursor is None


async def test_what_is_over_is_not_shown_and_leaves_no_gap(log: DocumentAuditLog, documents: DocumentStore) -> None:
    """Firestore removes it later, an emulator never. Old ones need not be the first to go: the setting may have changed."""
    soon_over = DocumentAuditLog(documents, keep=timedelta(minutes=30))
    for n in range(9):
        await (log if n % 3 else soon_over).record(action(n))
    now = AT + timedelta(hours=1)
    left = [f"number {n}" for n in (8, 7, 5, 4, 2, 1)]
    for limit in (1, 2, 4, 100):
        assert [one.action.description for one in await whole(log, LogFilter(), now=now, limit=limit)] == left
    assert await whole(log, LogFilter(), now=AT + KEEP + timedelta(hours=1)) == []


@pytest.mark.parametrize("cursor", ["", "nonsense", "W10", "WyJ4Il0"])
async def test_a_cursor_that_was_never_given_is_refused(log: DocumentAuditLog, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        await log.actions(LogFilter(), now=AT, limit=1, cursor=cursor)


async def test_a_cursor_belongs_to_its_filter(log: DocumentAuditLog) -> None:
    for n in range(3):
        await log.record(action(n))
    cursor = (await log.actions(LogFilter(uid="ada"), now=AT, limit=1)).next_cursor
    for other in (LogFilter(), LogFilter(action="ada"), LogFilter(uid="ada", since=AT), LogFilter(about=("ada",))):
        with pytest.raises(InvalidRequest):
            await log.actions(other, now=AT, limit=1, cursor=cursor)
