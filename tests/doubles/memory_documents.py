"""Documents in memory with versions and conditional commits: what a document database promises, without one."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

from reelgate.adapters.books.optimistic_books import ConflictError
from reelgate.adapters.books.unit_of_work import Collection as In
from reelgate.adapters.books.unit_of_work import Held, Key, Read, Record, Write


class MemoryDocuments:
    """All users' documents. Several `MemoryBooks` over the same documents are several instances of a service."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, Key], Held] = {}
        self._versions = itertools.count(1)

    def read(self, uid: str, keys: Collection[Key]) -> Read:
        """Return those documents as they are."""
        return {key: self._held.get(_place(uid, key)) for key in keys}

    def commit(self, uid: str, writes: Sequence[Write]) -> None:
        """Write all or nothing. Raises ConflictError when a condition does not hold."""
        for write in writes:
            held = self._held.get(_place(uid, write.key))
            if not write.unconditional and write.version != (None if held is None else held.version):
                raise ConflictError(f"{write.key} is not what was read")
        for write in writes:
            if write.record is None:
                del self._held[_place(uid, write.key)]
            else:
                self._held[_place(uid, write.key)] = Held(write.record, next(self._versions))

    def discard(self, key: Key) -> None:
        """Remove an outbox item, if it is there."""
        self._held.pop(_place("", key), None)

    def records(self, collection: In, uid: str | None = None) -> Iterator[tuple[str, Record]]:
        """Yield document ids and records of a collection, of one user or (None) of all."""
        for (owner, key), held in list(self._held.items()):
            if key.collection is collection and uid in {None, owner}:
                yield key.id, held.record


def _place(uid: str, key: Key) -> tuple[str, Key]:
    return ("" if key.collection is In.OUTBOX else uid, key)
