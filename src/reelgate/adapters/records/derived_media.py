"""Records of derived media as documents `users/{uid}/media/{file_id}` of a DocumentStore."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from reelgate.adapters.documents.document_store import Address, DocumentStore, Fields
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.derived_media import Audio, DerivedMedia, Facts, Lease
from reelgate.ports.media import DecideMedia

ATTEMPTS = 8
"""A record has one run that writes it, and now and then a request: more than this in a row is no coincidence."""


class DerivedMediaDocuments:
    """Implements `DerivedMediaRecords`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    async def get(self, uid: str, *file_ids: str) -> Mapping[str, DerivedMedia]:
        """See `DerivedMediaRecords.get`."""
        found = await self._documents.get(*(_address(uid, file_id) for file_id in file_ids))
        return {address.id: decode(stored.fields) for address, stored in found.items()}

    async def change(self, uid: str, file_id: str, decide: DecideMedia) -> DerivedMedia | None:
        """See `DerivedMediaRecords.change`."""
        address = _address(uid, file_id)
        for _ in range(ATTEMPTS):
            stored = (await self._documents.get(address)).get(address)
            standing = decode(stored.fields) if stored else None
            decided = decide(standing)
            if decided is None or decided == standing:
                return standing
            fields = encode(decided)
            written = await (self._documents.replace(stored, fields) if stored else self._documents.create(address, fields))
            if written:
                return decided
        raise Unavailable("The file's record kept changing; try again.")

    async def delete(self, uid: str, file_id: str) -> None:
        """See `DerivedMediaRecords.delete`."""
        await self._documents.delete(_address(uid, file_id))


def encode(record: DerivedMedia) -> dict[str, Any]:
    """Return a record as fields."""
    return dataclasses.asdict(record)


def decode(fields: Fields) -> DerivedMedia:
    """Return a record from its fields. Fields of a newer version are ignored, missing ones have their defaults."""
    nested = {"facts": Facts, "audio": Audio, "lease": Lease}
    known = _known(DerivedMedia, fields)
    for name, kind in nested.items():
        if known.get(name) is not None:
            known[name] = kind(**_known(kind, known[name]))
    return DerivedMedia(**known)


def _known(kind: type[Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in fields.items() if name in names}


def _address(uid: str, file_id: str) -> Address:
    return Address(("users", uid, "media"), file_id)
