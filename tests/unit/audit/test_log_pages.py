"""Pages of the audit log against a plain sort of everything that was recorded."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reelgate.adapters.records.audit_log import DocumentAuditLog, audit_document
from reelgate.domain.audit import Action, area_of
from reelgate.ports.audit import LogFilter
from tests.doubles.memory_document_store import MemoryDocumentStore

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
KEEP = timedelta(minutes=30)
MINUTES = st.integers(0, 60).map(lambda minutes: AT + timedelta(minutes=minutes))
RECORDED = st.lists(
    st.tuples(MINUTES, st.sampled_from(["ada", "bob"]), st.sampled_from(["login", "upload.granted", "upload.finished"])),
    max_size=40,
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "uid": st.sampled_from(["ada", "eve"]),
        "action": st.sampled_from(["login", "upload.granted"]),
        "area": st.sampled_from(["upload", "login"]),
        "outcome": st.sampled_from(["done", "denied"]),
        "since": MINUTES,
        "until": MINUTES,
    },
)


def _wanted(action: Action, filters: dict[str, Any], now: datetime) -> bool:
    return (
        action.at + KEEP > now
        and filters.get("uid", action.uid) == action.uid
        and filters.get("action", action.action) == action.action
        and filters.get("area", area_of(action.action)) == area_of(action.action)
        and filters.get("outcome", action.outcome) == action.outcome
        and filters.get("since", action.at) <= action.at
        and ("until" not in filters or action.at < filters["until"])
    )


@given(RECORDED, FILTERS, MINUTES, st.integers(1, 12))
def test_pages_are_a_plain_sort(
    recorded: list[tuple[datetime, str, str]], filters: dict[str, Any], now: datetime, limit: int
) -> None:
    actions = [
        Action(
            action_id=f"a{n}",
            at=at,
            action=name,
            uid=uid,
            service="upload",
            outcome="done" if n % 3 else "denied",
            description=f"number {n}",
        )
        for n, (at, uid, name) in enumerate(recorded)
    ]
    expected = sorted(
        (action for action in actions if _wanted(action, filters, now)),
        key=lambda action: (action.at, audit_document(action, keep=KEEP).address.id),
        reverse=True,
    )

    async def pages() -> list[Action]:
        log = DocumentAuditLog(MemoryDocumentStore(), keep=KEEP)
        for action in actions:
            assert await log.record(action)
        found: list[Action] = []
        cursor = None
        while True:
            page = await log.actions(LogFilter(**filters), now=now, limit=limit, cursor=cursor)
            assert len(page.items) <= limit
            found += [one.action for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found
            assert len(page.items) == limit

    assert asyncio.run(pages()) == expected
