"""Documents in this process's memory: for tests, and the same behaviour as Firestore under the same contract."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from reelgate.adapters.documents.document_store import Address, Fields, Find, Stored
from reelgate.adapters.documents.firestore_documents import document_id
from reelgate.domain.errors import Unavailable

MAX_ID_BYTES = 1500


class MemoryDocumentStore:
    """Implements `DocumentStore`. Set `unavailable` to have every call fail."""

    def __init__(self) -> None:
        self.unavailable = False
        self._documents: dict[Address, Stored] = {}
        self._versions = itertools.count(1)

    async def get(self, *addresses: Address) -> Mapping[Address, Stored]:
        """See `DocumentStore.get`."""
        self._reach()
        for address in addresses:
            _require_possible(address)
        return {address: self._copy(address) for address in addresses if address in self._documents}

    async def create(self, address: Address, fields: Fields) -> bool:
        """See `DocumentStore.create`."""
        self._reach()
        if address in self._documents:
            return False
        self._write(address, fields)
        return True

    async def replace(self, read: Stored, fields: Fields) -> bool:
        """See `DocumentStore.replace`."""
        self._reach()
        standing = self._documents.get(read.address)
        if standing is None or standing.version != read.version:
            return False
        self._write(read.address, fields)
        return True

    async def put(self, address: Address, fields: Fields) -> None:
        """See `DocumentStore.put`."""
        self._reach()
        self._write(address, fields)

    async def count(self, address: Address, fields: Fields, *, by: int = 1) -> int:
        """See `DocumentStore.count`."""
        self._reach()
        standing = self._documents[address].fields if address in self._documents else {}
        number = int(standing.get("count", 0)) + by
        self._write(address, {**standing, **fields, "count": number})
        return number

    async def delete(self, address: Address) -> None:
        """See `DocumentStore.delete`."""
        self._reach()
        self._documents.pop(address, None)

    async def find(self, wanted: Find) -> Sequence[Stored]:
        """See `DocumentStore.find`."""
        self._reach()
        fitting = [address for address, stored in self._documents.items() if _fits(wanted, stored)]
        fitting.sort(
            key=lambda address: _place(self._documents[address].fields[wanted.order_by], address.id), reverse=wanted.descending
        )
        return [self._copy(address) for address in fitting[: wanted.limit]]

    def _write(self, address: Address, fields: Fields) -> None:
        _require_possible(address)
        self._documents[address] = Stored(address, deepcopy(dict(fields)), next(self._versions))

    def _copy(self, address: Address) -> Stored:
        stored = self._documents[address]
        return Stored(address, deepcopy(stored.fields), stored.version)

    def _reach(self) -> None:
        if self.unavailable:
            raise Unavailable("The documents cannot be reached.")


def _require_possible(address: Address) -> None:
    """Raise ValueError for what Firestore takes for no id (Firestore docs, "Limits": 1500 bytes)."""
    if not 0 < len(document_id(address.id).encode()) <= MAX_ID_BYTES:
        raise ValueError("no document can have this id")


def _fits(wanted: Find, stored: Stored) -> bool:
    if stored.address.collection != wanted.collection:
        return False
    value = stored.fields.get(wanted.order_by)
    if value is None or any(stored.fields.get(name) != equal for name, equal in wanted.equals.items()):
        return False
    if wanted.at_least is not None and value < wanted.at_least:
        return False
    if wanted.below is not None and value >= wanted.below:
        return False
    if wanted.after is None:
        return True
    here, there = _place(value, stored.address.id), _place(*wanted.after)
    return here < there if wanted.descending else here > there


def _place(value: Any, identifier: str) -> tuple[Any, str]:
    """Return what a list is ordered by; ids as Firestore compares them, which has them escaped."""
    return value, document_id(identifier)
