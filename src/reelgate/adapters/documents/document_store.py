"""Plain documents beside the books: the audit log, deliveries, what is known of a video's sound and pictures, user names.

The books have rules of their own (`optimistic_books`). Everything else needs no more than this, so that each port is written
once, over whatever keeps its documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Fields = Mapping[str, Any]
"""None, booleans, whole numbers, floats, texts, aware instants, and lists and maps of them."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a document is: the collection's path and the document's id, neither of them escaped.

    `Address(("users", "ada", "media"), "f1")` is the document `users/ada/media/f1`.
    """

    collection: tuple[str, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it was read. `version` changes with every write of it; what it is, only the adapter knows."""

    address: Address
    fields: Fields
    version: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Which documents of a collection to list: all `equals` hold, ordered by one field and then by id.

    `at_least` and `below` bound the ordering field; `after` is the field's value and the id of the last document seen.
    A document that lacks the field is not found. The field never holds None, and None is nothing to be equal to.
    """

    collection: tuple[str, ...]
    order_by: str
    limit: int
    equals: Mapping[str, Any] = field(default_factory=dict)
    descending: bool = False
    at_least: datetime | str | int | None = None
    below: datetime | str | int | None = None
    after: tuple[Any, str] | None = None


class DocumentStore(Protocol):
    """Documents, one at a time: each write is atomic, no two are. Every method raises Unavailable when it cannot be reached."""

    async def get(self, *addresses: Address) -> Mapping[Address, Stored]:
        """Return those that exist, as of one instant."""

    async def create(self, address: Address, fields: Fields) -> bool:
        """Write a new document. Returns False, and writes nothing, if one is there.

        Who must know whether it was them that wrote it (to claim a piece of work) puts something of their own into it.
        Raises Unavailable also where nobody knows whether it was written.
        """

    async def replace(self, read: Stored, fields: Fields) -> bool:
        """Write a document anew. Returns False, and writes nothing, if it has changed since it was read.

        Raises Unavailable also where nobody knows whether it was written.
        """

    async def put(self, address: Address, fields: Fields) -> None:
        """Write a document, whatever was there."""

    async def count(self, address: Address, fields: Fields, *, by: int = 1) -> int:
        """Add `by` to the document's number `count`, set `fields` beside it, and return the new number.

        A document that is not there is made, and counts from 0. However many count at once, each gets a number of its own.
        Raises Unavailable also where nobody knows whether it was counted: a counter may be ahead by its lost answers, never
        behind. It is not tried again here, which could count one call twice.
        """

    async def delete(self, address: Address) -> None:
        """Remove a document, if it is there."""

    async def find(self, wanted: Find) -> Sequence[Stored]:
        """Return the documents that a list asks for. Each shape of `equals` and `order_by` needs its index."""
