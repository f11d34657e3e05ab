"""Documents beside the books in Firestore, over its REST API (`document_store` says what they promise).

A commit without an answer may have been carried out, or still be on its way. What is told of it here is true in any case: a
write is only said to have (not) happened when the document shows it, and Unavailable says that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reelgate.adapters.books.optimistic_books import ConflictError, OutcomeUnknown
from reelgate.adapters.documents.document_store import Address, Fields, Find, Stored
from reelgate.adapters.documents.firestore_documents import document_id, name_of
from reelgate.adapters.documents.firestore_rest_access import FirestoreRestAccess, Found
from reelgate.adapters.documents.firestore_rest_client import FirestoreRestClient
from reelgate.adapters.documents.firestore_rest_queries import find_documents
from reelgate.adapters.documents.firestore_rest_values import decode_value, encode_fields, encode_value
from reelgate.domain.errors import Unavailable

TIMEOUT_SECONDS = 3.0
"""For one call, as for the books."""


class FirestoreRestDocuments:
    """Implements `DocumentStore` over one client, to be used in one event loop. A `version` is Firestore's update time."""

    def __init__(self, client: FirestoreRestClient, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._access = FirestoreRestAccess(client, timeout_seconds=timeout_seconds)

    async def get(self, *addresses: Address) -> Mapping[Address, Stored]:
        """See `DocumentStore.get`."""
        if not addresses:  # Firestore refuses an empty list
            return {}
        found = await self._access.get([self._name(address) for address in dict.fromkeys(addresses)])
        return {stored.address: stored for stored in map(self._stored, found)}

    async def create(self, address: Address, fields: Fields) -> bool:
        """See `DocumentStore.create`. Without an answer, a document with exactly these fields is taken for the one written."""
        try:
            await self._access.commit([{**self._update(address, fields), "currentDocument": {"exists": False}}])
        except OutcomeUnknown as error:
            standing = (await self.get(address)).get(address)
            if standing is None:
                raise _unknown() from error
            return _same(standing.fields, fields)
        except ConflictError:
            return False
        return True

    async def replace(self, read: Stored, fields: Fields) -> bool:
        """See `DocumentStore.replace`. Without an answer, a new version with these very fields is taken for the one written."""
        try:
            await self._access.commit([{**self._update(read.address, fields), "currentDocument": {"updateTime": read.version}}])
        except OutcomeUnknown as error:
            standing = (await self.get(read.address)).get(read.address)
            if standing is None or standing.version == read.version or not _same(standing.fields, fields):
                raise _unknown() from error  # perhaps it was written, and somebody else has written since
            return True
        except ConflictError:
            return False
        return True

    async def put(self, address: Address, fields: Fields) -> None:
        """See `DocumentStore.put`."""
        try:
            await self._access.commit([self._update(address, fields)])
        except ConflictError as error:
            raise _unknown() from error

    async def count(self, address: Address, fields: Fields, *, by: int = 1) -> int:
        """See `DocumentStore.count`. A transform without conditions: Firestore puts them in order, nobody loses a race."""
        # The mask keeps what it does not name; without it the update would replace the document, and its number with it.
        write = {
            **self._update(address, fields),
            "updateMask": {"fieldPaths": list(fields)},
            "updateTransforms": [{"fieldPath": "count", "increment": encode_value(by)}],
        }
        try:
            [result] = await self._access.commit([write])
        except ConflictError as error:
            raise _unknown() from error
        number: int = decode_value(result["transformResults"][0])
        return number

    async def delete(self, address: Address) -> None:
        """See `DocumentStore.delete`."""
        await self._access.delete(self._name(address))

    async def find(self, wanted: Find) -> Sequence[Stored]:
        """See `DocumentStore.find`."""
        return [self._stored(found) for found in await self._access.run(find_documents(self._access.root, wanted))]

    def _update(self, address: Address, fields: Fields) -> dict[str, Any]:
        return {"update": {"name": self._name(address), "fields": encode_fields(fields)}}

    def _name(self, address: Address) -> str:
        return "/".join([self._access.root, *map(document_id, (*address.collection, address.id))])

    def _stored(self, found: Found) -> Stored:
        *collection, identifier = map(name_of, found.name.removeprefix(f"{self._access.root}/").split("/"))
        return Stored(Address(tuple(collection), identifier), found.fields, found.version)


def _same(some: Fields, others: Fields) -> bool:
    """Tell whether Firestore would keep the same of both: it knows no difference between lists and tuples, or time zones."""
    return encode_fields(some) == encode_fields(others)


def _unknown() -> Unavailable:
    return Unavailable("The database did not say in time whether it was written.")
