"""The one store for the books, the audit log, deliveries, user names, preferences, rate limits and media records.

All of them are written over this protocol. Firestore implements it (`firestore_store`), and so does an in-memory store for
tests. The same contract suite runs against both (docs/adr/0016-one-document-store.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from reelgate.domain.value_types import value_type

Fields = Mapping[str, Any]
"""None, booleans, whole numbers, floats, texts, bytes, aware instants, and lists and maps of them."""


class ConflictError(Exception):
    """A commit was not applied because a precondition did not hold; or, as `OutcomeUnknown`, may not have been applied."""


class OutcomeUnknown(ConflictError):
    """The commit may have been applied, or may still be.

    Either no answer arrived, or Firestore answered ABORTED (`contended`): another request is using the same documents. That
    answer does not say whether the preconditions held.
    """

    def __init__(self, message: str, *, contended: bool = False) -> None:
        super().__init__(message)
        self.contended = contended


class Address(NamedTuple):
    """Where a document is: the collection's path and the document's id, neither of them escaped.

    `Address(("users", "ada", "media"), "f1")` is the document `users/ada/media/f1`.
    """

    collection: tuple[str, ...]
    id: str

    def __str__(self) -> str:
        return "/".join((*self.collection, self.id))


class Document(NamedTuple):
    """A document as it was read. `version` changes with every write; its type depends on the store."""

    address: Address
    fields: Fields
    version: Any


class Write(NamedTuple):
    """One document to write as a whole, or to remove (`fields` is None).

    It has at most one precondition: with `version`, the document must still have that version; with `absent`, it must not
    exist. Without a precondition, the write always applies. With `absent` and without fields, nothing is written: the other
    writes of the commit apply only if the document does not exist.
    """

    address: Address
    fields: Fields | None
    version: Any = None
    absent: bool = False


@value_type
class Query:
    """Which documents of a collection to list: all `equals` hold, ordered by one field and then by id.

    Args:
        one_of: a field, and the values of which it must have one: at most 30 (Firestore docs, "Limits": disjunctions).
        contains_any: a field that is a list, and the values of which it must contain one. Their number times that of `one_of`
            is at most 30.
        collection: its path; with `all_owners` only its name, to search all collections of that name below any document.
        order_by: the field, or its path if it is inside a map (`today.date`); None orders by id only.
        at_least: the lowest value of the ordering field; `below` and `at_most` bound it from above.
        after: the ordering field's value (None when ordered by id only) and the id of the last document seen.
        ids_only: the documents' fields are not read; they are empty in the result.

    A document that lacks the ordering field is not found. The ordering field is never None, nor is a value of `equals`.
    """

    collection: tuple[str, ...]
    limit: int
    order_by: str | None = None
    equals: Mapping[str, Any] = field(default_factory=dict)
    one_of: tuple[str, tuple[str | int, ...]] | None = None
    contains_any: tuple[str, tuple[str, ...]] | None = None
    descending: bool = False
    at_least: datetime | str | int | None = None
    below: datetime | str | int | None = None
    at_most: datetime | str | int | None = None
    after: tuple[Any, str] | None = None
    all_owners: bool = False
    ids_only: bool = False


class Aggregate(NamedTuple):
    """How many documents a query finds, and the sum of each requested field over them."""

    number: int
    sums: Mapping[str, int | float]


Follow = Callable[[Mapping[Address, Document]], Collection[Address]]
"""Returns the addresses of more documents to read, from those that were found."""


class DocumentStore(Protocol):
    """Documents, written all or nothing. Reads are repeated until a timeout; writes are sent once."""

    async def get(self, *addresses: Address, follow: Follow | None = None) -> Mapping[Address, Document]:
        """Return the documents that exist, all read at one instant. Raises Unavailable.

        Args:
            follow: returns, from the documents found, which others they lead to. Reading these is a second round trip, and as
                of the same instant.
        """

    async def find(self, query: Query) -> Sequence[Document]:
        """Return the documents that a query asks for. Each shape of query needs its index. Raises Unavailable."""

    async def aggregate(self, query: Query, *, sums: Collection[str] = ()) -> Aggregate:
        """Return the number of documents that a query asks for, and the sums of number fields over them; no document is sent.

        Billed as one read for each 1,000 index entries that are counted, at least one. Without documents all numbers are 0.
        Each shape of query needs its index; with `sums`, one that also has these fields, ascending, behind the others
        (Firestore docs, "Summarize data with aggregation queries").

        Args:
            query: its `limit` bounds what is counted, and what that costs; `after` and `ids_only` have no effect.
            sums: fields, or paths of fields inside maps. Every document of the collection must have a number in each of them:
                Firestore leaves documents without one out of the other sums, too.

        Raises Unavailable.
        """

    async def commit(self, writes: Sequence[Write]) -> Sequence[Any]:
        """Apply all writes at once, or none. Return the new version of each document, None for one that was not written.

        Raises:
            OutcomeUnknown: there was no clear answer. It may have been applied, or may yet be.
            ConflictError: a precondition did not hold. Nothing was written, unless the same commit arrived twice and the
                answer to its first arrival was lost.
        """

    async def count(self, address: Address, fields: Fields, *, by: int = 1, remove: Sequence[Address] = ()) -> int:
        """Add `by` to the document's number `count`, set `fields` in the same document, and return the new number.

        A missing document is created, and counts from 0. Concurrent calls each get a different number. The documents `remove`
        are removed in the same commit.
        Raises Unavailable, also when it is unknown whether the call was counted. A counter may therefore be too high by the
        number of lost answers, but never too low. The call is not retried, because a retry could count it twice.
        """
