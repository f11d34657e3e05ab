"""Where documents about users are: what erasing a user removes, collection by collection.

A new collection of data about users is added here, in one line. A test finds every collection that the code names, and fails
for one that is in neither list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore, Query
from reelgate.domain.value_types import positional_value_type

PAGE = 200
"""How many documents are removed in one commit: Firestore takes more, in a larger transaction."""


class Place(Protocol):
    """A collection, and how one user's documents are found in it."""

    @property
    def collection(self) -> str:
        """Return the collection's name."""

    async def page(self, documents: DocumentStore, uid: str) -> Sequence[Document]:
        """Return up to `PAGE` of the user's documents, perhaps without their fields. Raises Unavailable."""


@positional_value_type
class Below:
    """A collection below the user's own document."""

    collection: str

    async def page(self, documents: DocumentStore, uid: str) -> Sequence[Document]:
        """See `Place.page`."""
        return await documents.find(Query(collection=("users", uid, self.collection), ids_only=True, limit=PAGE))


@positional_value_type
class Owned:
    """A collection of all users' documents, with the owner's id, or its SHA-256 digest, in a field.

    `newest` is a field by which such documents are listed anyway: then no index is needed besides that of the list.
    """

    collection: str
    field: str
    newest: str | None = None
    digest: bool = False

    def query(self, uid: str) -> Query:
        """Return the query of a page."""
        owner = hashlib.sha256(uid.encode()).hexdigest() if self.digest else uid
        return Query(
            collection=(self.collection,),
            equals={self.field: owner},
            order_by=self.newest,
            descending=self.newest is not None,
            ids_only=True,
            limit=PAGE,
        )

    async def page(self, documents: DocumentStore, uid: str) -> Sequence[Document]:
        """See `Place.page`."""
        return await documents.find(self.query(uid))


@positional_value_type
class Named:
    """A collection in which a user's one document has their id."""

    collection: str

    async def page(self, documents: DocumentStore, uid: str) -> Sequence[Document]:
        """See `Place.page`."""
        return list((await documents.get(Address((self.collection,), uid))).values())


@positional_value_type
class Ordered:
    """The outbox's orders to remove objects. They have no field for the owner, but objects' names begin with the user id."""

    collection: str
    field: str

    def query(self, uid: str) -> Query:
        """Return the query of a page, which needs the field's ascending index."""
        return Query(
            collection=(self.collection,), order_by=self.field, at_least=f"{uid}/", below=f"{uid}0", ids_only=True, limit=PAGE
        )

    async def page(self, documents: DocumentStore, uid: str) -> Sequence[Document]:
        """See `Place.page`."""
        return await documents.find(self.query(uid))


PLACES: tuple[Place, ...] = (
    Below("uploads"),
    Below("videos"),
    Below("names"),
    Below("trash"),
    Below("captions"),
    Below("entries"),
    Below("days"),
    Below("egress"),
    Named("preferences"),
    Owned("usernames", "uid"),
    Owned("grants", "uid"),
    Owned("deliveries", "uid", newest="created_at"),
    Owned("api_keys", "owner", digest=True),  # also revoked ones, which have no uid any more
    Owned("outbox", "uid"),
    Ordered("outbox", "name"),
)
"""In this order. `users` itself is the last document of an erasure, and the audit log is rewritten (`erasures`)."""

MEDIA_PLACES: tuple[Place, ...] = (Below("media"),)
"""In the database of derived media, after `PLACES`: a conversion that begins now finds no video, and removes what it wrote."""

KEPT: dict[str, str] = {
    "users": "the account: removed at the end (`Erasures.finish`)",
    "audit": "rewritten under a pseudonym (`AuditLog.pseudonymise`)",
    "usage": "orders for invoices; they name the admin who ordered, and expire with their files (docs/deleting-users.md)",
    "erased": "the tombstones themselves: hashes, which expire",
    "attempts": "counters under keyed hashes, which expire with their window",
}
"""The collections that are not in `PLACES`, and why."""
