"""Records of derived media as documents `users/{uid}/media/{file_id}` of a DocumentStore."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore, Fields
from reelgate.adapters.documents.single_documents import FollowedDocument, delete_document
from reelgate.domain.media.derived_media import Audio, DerivedMedia, Facts, Lease
from reelgate.ports.media import DecideMedia, FollowedMedia


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
        return await self.follow(uid, file_id).change(decide)

    def follow(self, uid: str, file_id: str, *, new: bool = False) -> FollowedMedia:
        """See `DerivedMediaRecords.follow`."""
        return _FollowedMedia(FollowedDocument(self._documents, _address(uid, file_id), new=new))

    async def delete(self, uid: str, file_id: str) -> None:
        """See `DerivedMediaRecords.delete`."""
        await delete_document(self._documents, _address(uid, file_id))


class _FollowedMedia:
    def __init__(self, document: FollowedDocument) -> None:
        self._document = document

    async def change(self, decide: DecideMedia) -> DerivedMedia | None:
        """See `FollowedMedia.change`."""

        def decided(document: Document | None) -> tuple[Fields | None, DerivedMedia | None]:
            current = None if document is None else decode(document.fields)
            changed = decide(current)
            return (None, current) if changed is None or changed == current else (encode(changed), changed)

        return await self._document.change(decided, contended="The file's record kept changing; try again.")


def encode(record: DerivedMedia) -> dict[str, Any]:
    """Return a record as fields."""
    return dataclasses.asdict(record)


def decode(fields: Fields) -> DerivedMedia:
    """Return a record from its fields. Unknown fields (of a newer version) are ignored; missing fields get their defaults."""
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
