"""The audit log as documents `audit/{id}`, created once and never changed (docs/audit.md).

Each is in one of `SHARDS` parts of the indexes, because `created_at` grows with time (docs/adr/0021-audit-in-the-commit.md).
Firestore removes a document some time after its `expires_at`, and an emulator never does. Reads therefore skip expired ones.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reelgate.adapters.documents.document_store import (
    Address,
    ConflictError,
    Document,
    DocumentStore,
    Fields,
    OutcomeUnknown,
    Query,
    Write,
)
from reelgate.adapters.documents.single_documents import create_document
from reelgate.domain.accounts.erasure import Person, addresses_in, pseudonymised
from reelgate.domain.audit import Action, about_email, about_user, area_of, references
from reelgate.domain.books.list_cursors import item_cursor, logs_scope, parse_item_cursor
from reelgate.domain.errors import Unavailable
from reelgate.ports.audit import LogFilter, LoggedAction
from reelgate.ports.books import Page

COLLECTION = ("audit",)
SHARDS = 10
"""Firestore bears 500 writes a second on an index whose values grow with time (Firestore docs, "Sharded timestamps"). Every
index of the log begins with the shard, so it bears 500 on each. Never lower it: documents of the shards above it would not be
found."""
REWRITTEN = 100
"""How many actions are rewritten in one commit."""
_IDS = uuid.UUID("6a0f3c55-6f0b-4d0c-9a53-0f4c5b9a2b1e")  # the namespace of the ids made from action ids (RFC 9562, UUIDv5)
_FILTERS = {
    "uid": "user_id",
    "request_id": "request_id",
    "action": "action_type",
    "area": "area",
    "service": "service_name",
    "outcome": "outcome",
}

_log = logging.getLogger(__name__)


class DocumentAuditLog:
    """Implements `AuditLog` over any `DocumentStore`."""

    def __init__(self, documents: DocumentStore, *, keep: timedelta) -> None:
        """`keep` is how long an action is kept after it happened."""
        self._documents = documents
        self._keep = keep

    async def record(self, action: Action) -> bool:
        """See `AuditLog.record`."""
        write = audit_document(action, keep=self._keep)
        return await create_document(self._documents, write.address, write.fields or {})

    async def actions(self, which: LogFilter, *, now: datetime, limit: int, cursor: str | None = None) -> Page[LoggedAction]:
        """See `AuditLog.actions`."""
        scope = logs_scope(*_values(which))
        after = parse_item_cursor(scope, cursor) if cursor is not None else None
        found: list[Document] = []
        while len(found) <= limit:
            page = await self._documents.find(find_actions(which, after=after, limit=limit + 1))
            found += [stored for stored in page if not _has_expired(stored, now)]
            if len(page) <= limit:
                break
            after = (page[-1].fields["created_at"], page[-1].address.id)
        more = len(found) > limit
        last = found[limit - 1] if more else None
        return Page(_readable(found[:limit]), item_cursor(scope, last.fields["created_at"], last.address.id) if last else None)

    async def pseudonymise(self, person: Person) -> bool:
        """See `AuditLog.pseudonymise`.

        Actions that name only an address are rewritten before the user's own: those tell which addresses the user had before,
        and after a crash nothing else would.
        """
        own: Sequence[Document] = []
        if person.uid:
            which = LogFilter(about=(about_user(person.uid),))
            own = await self._documents.find(find_actions(which, after=None, limit=REWRITTEN))
        known = replace(person, emails=person.emails | addresses_in([logged.action for logged in _readable(own)], person.uid))
        for email in sorted(known.emails):
            which = LogFilter(about=(about_email(email),), until=person.erased_at + timedelta(microseconds=1))
            found = await self._documents.find(find_actions(which, after=None, limit=REWRITTEN))
            if found:
                await self._rewrite(found, known)
                return False
        if own:
            await self._rewrite(own, known)
        return not own

    async def _rewrite(self, found: Sequence[Document], person: Person) -> None:
        writes = [Write(one.address, _pseudonymised(one, person), version=one.version) for one in found]
        try:
            await self._documents.commit(writes)
        except OutcomeUnknown as error:
            raise Unavailable("The database did not say in time whether it was written.") from error
        except ConflictError:  # another run has rewritten some of them
            return


def audit_document(action: Action, *, keep: timedelta) -> Write:
    """Return the write of an action, without a precondition: the books write it in the commit that it is about."""
    identifier = uuid.uuid5(_IDS, action.action_id)
    fields = {**_fields(action), "shard": identifier.int % SHARDS, "expires_at": action.at + keep}
    return Write(Address(COLLECTION, str(identifier)), fields)


def find_actions(which: LogFilter, *, after: tuple[datetime, str] | None, limit: int) -> Query:
    """Return the query of a list. Firestore answers any combination of filters from one index per filter, and merges the shards
    in order.
    """
    equals = {field: value for name, field in _FILTERS.items() if (value := getattr(which, name)) is not None}
    return Query(
        collection=COLLECTION,
        equals=equals,
        one_of=("shard", tuple(range(SHARDS))),
        contains_any=("about", which.about) if which.about else None,
        order_by="created_at",
        descending=True,
        at_least=which.since,
        below=which.until,
        after=after,
        limit=limit,
    )


def _values(which: LogFilter) -> list[str | None]:
    instants = (None if instant is None else instant.astimezone(UTC).isoformat() for instant in (which.since, which.until))
    return [*(getattr(which, name) for name in _FILTERS), *instants, "\n".join(which.about) or None]


def _has_expired(stored: Document, now: datetime) -> bool:
    expires_at: datetime | None = stored.fields.get("expires_at")
    return expires_at is not None and expires_at <= now


def _fields(action: Action) -> dict[str, Any]:
    return {
        "action_id": action.action_id,
        "user_id": action.uid,
        "action_type": action.action,
        "area": area_of(action.action),
        "service_name": action.service,
        "outcome": action.outcome,
        "created_at": action.at,
        "description": action.description,
        "request_id": action.request_id,
        "about": references(action),
        "details": dict(action.data),
    }


def _pseudonymised(stored: Document, person: Person) -> dict[str, Any] | None:
    """Return a document without what names a person; None, which removes it, for one that cannot be read."""
    try:
        action = _action(stored.fields)
    except (KeyError, TypeError):
        return None
    rest = {name: stored.fields[name] for name in ("shard", "expires_at")}
    return {**_fields(pseudonymised(action, person, action_id=stored.address.id)), **rest}


def _readable(found: Sequence[Document]) -> list[LoggedAction]:
    """Return the actions that can be read. One that cannot (from a newer revision?) is logged and skipped."""
    logged = []
    for stored in found:
        try:
            logged.append(LoggedAction(stored.address.id, _action(stored.fields)))
        except (KeyError, TypeError):
            _log.exception("audit document %s cannot be read", stored.address.id)
    return logged


def _action(fields: Fields) -> Action:
    return Action(
        action_id=fields["action_id"],
        at=fields["created_at"],
        action=fields["action_type"],
        uid=fields["user_id"],
        service=fields["service_name"],
        outcome=fields["outcome"],
        description=fields["description"],
        data=fields["details"],
        request_id=fields.get("request_id"),
    )
