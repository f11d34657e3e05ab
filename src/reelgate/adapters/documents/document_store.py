"""The one store under the books, the audit log, deliveries, user names, preferences, rate limits and media records.

What is kept is written once, over this protocol. Firestore implements it (`firestore_store`), and memory does for tests; the
same contract suite runs against both (docs/adr/0016-one-document-store.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Fields = Mapping[str, Any]
"""None, booleans, whole numbers, floats, texts, aware instants, and lists and maps of them."""


class ConflictError(Exception):
    """A commit is not known to have been applied: a precondition did not hold, or its outcome is unknown (see below)."""


class OutcomeUnknown(ConflictError):
    """It is not known whether the commit was applied, or will be.

    There was no answer, or it was ABORTED (`contended`), by which Firestore says that others want the same documents, and
    nothing about the preconditions.
    """

    def __init__(self, message: str, *, contended: bool = False) -> None:
        super().__init__(message)
        self.contended = contended


@dataclass(frozen=True, slots=True)
class Address:
    """Where a document is: the collection's path and the document's id, neither of them escaped.

    `Address(("users", "ada", "media"), "f1")` is the document `users/ada/media/f1`.
    """

    collection: tuple[str, ...]
    id: str

    def __str__(self) -> str:
        return "/".join((*self.collection, self.id))


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read. `version` changes with every write; its type depends on the store."""

    address: Address
    fields: Fields
    version: Any


@dataclass(frozen=True, slots=True)
class Write:
    """One document to write as a whole, or to remove (`fields` is None).

    Its precondition is at most one of two: `version` is the one that the document must still have; with `absent` it must not
    exist. Without either, the write always applies.
    """

    address: Address
    fields: Fields | None
    version: Any = None
    absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which documents of a collection to list: all `equals` hold, ordered by one field and then by id.

    Args:
        collection: its path; with `all_owners` its name alone, for the collections of that name below any document.
        order_by: the field, a path where it lies in a map (`today.date`); None orders by id alone.
        at_least: the lowest value of the ordering field; `below` and `at_most` bound it from above.
        after: the ordering field's value (None where the id alone orders) and the id of the last document seen.
        ids_only: the documents' fields are not read, and empty in the result.

    A document that lacks the ordering field is not found. The field never holds None, and None is nothing to be equal to.
    """

    collection: tuple[str, ...]
    limit: int
    order_by: str | None = None
    equals: Mapping[str, Any] = field(default_factory=dict)
    descending: bool = False
    at_least: datetime | str | int | None = None
    below: datetime | str | int | None = None
    at_most: datetime | str | int | None = None
    after: tuple[Any, str] | None = None
    all_owners: bool = False
    ids_only: bool = False


class DocumentStore(Protocol):
    """Documents, written all or nothing. Reads are repeated until a timeout; writes are sent once."""

    async def get(self, *addresses: Address) -> Mapping[Address, Document]:
        """Return those that exist, all as of one instant. Raises Unavailable."""

    async def find(self, query: Query) -> Sequence[Document]:
        """Return the documents that a query asks for. Each shape of query needs its index. Raises Unavailable."""

    async def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes at once, or none.

        Raises:
            OutcomeUnknown: there was no clear answer. It may have been applied, or may yet be.
            ConflictError: a precondition did not hold. Nothing was written, except perhaps by an earlier delivery of this
                very commit whose answer was lost on the way.
        """

    async def count(self, address: Address, fields: Fields, *, by: int = 1) -> int:
        """Add `by` to the document's number `count`, set `fields` beside it, and return the new number.

        A missing document is created, and counts from 0. Concurrent calls each get a different number.
        Raises Unavailable also where it is unknown whether it was counted: a counter may be ahead by its lost answers, never
        behind. It is not tried again here, which could count one call twice.
        """
