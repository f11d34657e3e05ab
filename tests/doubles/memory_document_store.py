"""Documents in this process's memory: the same behaviour as Firestore under the same contract."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reelgate.adapters.documents.document_store import (
    Address,
    Aggregate,
    ConflictError,
    Document,
    Fields,
    Follow,
    Query,
    Write,
)
from reelgate.adapters.documents.firestore_values import document_id
from reelgate.adapters.documents.read_meter import note_reads
from reelgate.domain.errors import Unavailable

MAX_ID_BYTES = 1500
Hook = Callable[[Sequence[Write]], None]


class Documents(dict[Address, Document]):
    """Documents by address, and by collection: a query looks at its own collections only.

    They are changed by `[]`, `del`, `pop` and `clear`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._collections: dict[tuple[str, ...], dict[Address, Document]] = {}

    def __setitem__(self, address: Address, document: Document) -> None:
        super().__setitem__(address, document)
        self._collections.setdefault(tuple(address.collection), {})[address] = document

    def __delitem__(self, address: Address) -> None:
        super().__delitem__(address)
        del self._collections[tuple(address.collection)][address]

    def pop(self, address: Address, default: Any = None) -> Any:
        if address not in self:
            return default
        document = self[address]
        del self[address]
        return document

    def clear(self) -> None:
        super().clear()
        self._collections.clear()

    def looked_at(self, query: Query) -> Iterable[Document]:
        """Return the documents of the collections that a query names."""
        wanted = tuple(query.collection)
        if not query.all_owners:
            return self._collections.get(wanted, {}).values()
        named = (within for collection, within in self._collections.items() if collection[-1:] == wanted)
        return itertools.chain.from_iterable(within.values() for within in named)


class MemoryDatabase:
    """The documents. Several stores over the same database are several instances of a service."""

    def __init__(self) -> None:
        self.documents = Documents()
        self._versions = itertools.count(1)

    def apply(self, writes: Sequence[Write]) -> list[int | None]:
        """Write all or nothing, and return the new versions. Raises ConflictError when a precondition does not hold."""
        for write in writes:
            _require_possible(write.address)
            standing = self.documents.get(write.address)
            if write.version is not None and (standing is None or standing.version != write.version):
                raise ConflictError(f"{write.address} is not what was read")
            if write.absent and standing is not None:
                raise ConflictError(f"{write.address} exists")
        versions: list[int | None] = []
        for write in writes:
            if write.fields is None:
                self.documents.pop(write.address)
                versions.append(None)
            else:
                version = next(self._versions)
                self.documents[write.address] = Document(write.address, _copied(dict(write.fields)), version)
                versions.append(version)
        return versions

    def copy(self, address: Address) -> Document:
        """Return a document that the caller may change."""
        document = self.documents[address]
        return Document(address, _copied(dict(document.fields)), document.version)


class MemoryDocumentStore:
    """Implements `DocumentStore`. Set `unavailable` to have every call fail.

    `before_commit` and `after_commit` are called with the writes of every commit. What they raise happens to the commit:
    ConflictError before it is a lost race, after it a lost answer; anything else is a crash.
    """

    def __init__(self, database: MemoryDatabase | None = None) -> None:
        self.database = database or MemoryDatabase()
        self.unavailable = False
        self.before_commit: Hook = _nothing
        self.after_commit: Hook = _nothing

    async def get(self, *addresses: Address, follow: Follow | None = None) -> Mapping[Address, Document]:
        """See `DocumentStore.get`."""
        self._reach()
        found = self._copies(addresses)
        if follow is not None:
            found |= self._copies(follow(found))
        await asyncio.sleep(0)  # others may write between a read and a commit, as they may in the cloud
        return found

    def _copies(self, addresses: Iterable[Address]) -> dict[Address, Document]:
        asked = list(dict.fromkeys(addresses))
        for address in asked:
            _require_possible(address)
        note_reads(len(asked))
        return {address: self.database.copy(address) for address in asked if address in self.database.documents}

    async def find(self, query: Query) -> Sequence[Document]:
        """See `DocumentStore.find`."""
        self._reach()
        found = self._found(query)
        note_reads(max(1, len(found)))
        if query.ids_only:
            return [Document(document.address, {}, document.version) for document in found]
        return [self.database.copy(document.address) for document in found]

    def _found(self, query: Query) -> Sequence[Document]:
        found = [document for document in self.database.documents.looked_at(query) if _fits(query, document)]
        found.sort(key=lambda document: _position(query, document), reverse=query.descending)
        return found[: query.limit]

    async def aggregate(self, query: Query, *, sums: Collection[str] = ()) -> Aggregate:
        """See `DocumentStore.aggregate`."""
        self._reach()
        numbers = [[_value(document, path) for path in sums] for document in self._found(replace(query, after=None))]
        note_reads(max(1, -(-len(numbers) // 1000)))
        whole = [row for row in numbers if all(isinstance(number, int | float) for number in row)]
        totals = {path: sum(row[place] for row in whole) for place, path in enumerate(sums)}
        await asyncio.sleep(0)  # as in `get`
        return Aggregate(len(whole), totals)

    async def commit(self, writes: Sequence[Write]) -> Sequence[Any]:
        """See `DocumentStore.commit`."""
        self._reach()
        self.before_commit(writes)
        versions = self.database.apply(writes)
        await asyncio.sleep(0)
        self.after_commit(writes)
        return versions

    async def count(self, address: Address, fields: Fields, *, by: int = 1, remove: Sequence[Address] = ()) -> int:
        """See `DocumentStore.count`."""
        self._reach()
        standing = self.database.documents.get(address)
        kept = {} if standing is None else standing.fields
        number = int(kept.get("count", 0)) + by
        self.database.apply([Write(address, {**kept, **fields, "count": number}), *(Write(other, None) for other in remove)])
        return number

    def _reach(self) -> None:
        if self.unavailable:
            raise Unavailable("The documents cannot be reached.")


def _copied(value: Any) -> Any:
    """Return a copy of fields, and of all maps and lists in them: other values cannot change. `deepcopy` is far slower."""
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _nothing(_: Sequence[Write]) -> None:
    """The hook that does not interfere."""


def _require_possible(address: Address) -> None:
    """Raise ValueError for what Firestore takes for no id (Firestore docs, "Limits": 1500 bytes)."""
    if not 0 < len(document_id(address.id).encode()) <= MAX_ID_BYTES:
        raise ValueError("no document can have this id")


def _fits(query: Query, document: Document) -> bool:
    """Return whether a document of the query's collections is one of those that it asks for."""
    value = _value(document, query.order_by)
    if query.order_by is not None and value is None:
        return False
    if any(document.fields.get(name) != equal for name, equal in query.equals.items()):
        return False
    if query.one_of is not None and document.fields.get(query.one_of[0]) not in query.one_of[1]:
        return False
    if query.contains_any is not None and not _contains_any(document.fields.get(query.contains_any[0]), query.contains_any[1]):
        return False
    if query.at_least is not None and value < query.at_least:
        return False
    if query.below is not None and value >= query.below:
        return False
    if query.at_most is not None and value > query.at_most:
        return False
    if query.after is None:
        return True
    last = Address(query.collection, query.after[1])
    here, there = _position(query, document), _place(query, query.after[0], last)
    return here < there if query.descending else here > there


def _contains_any(field: object, values: Sequence[str]) -> bool:
    return isinstance(field, list) and any(value in field for value in values)


def _position(query: Query, document: Document) -> tuple[Any, ...]:
    """Return what a list is ordered by."""
    return _place(query, _value(document, query.order_by), document.address)


def _place(query: Query, value: Any, address: Address) -> tuple[Any, ...]:
    """Return a place in a list: ids as Firestore compares them, which has them escaped, and with all that is above them."""
    path = tuple(map(document_id, (*address.collection, address.id)))
    return path if query.order_by is None else (value, path)


def _value(document: Document, path: str | None) -> Any:
    """Return the value of a field, or of one in maps (`today.date`); None where it is missing."""
    value: Any = document.fields
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if path else None
