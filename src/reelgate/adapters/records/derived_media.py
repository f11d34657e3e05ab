"""Records of derived media as documents `users/{uid}/media/{file_id}` of a DocumentStore."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from reelgate.adapters.documents.document_store import Address, ConflictError, Document, DocumentStore, Fields, Query, Write
from reelgate.adapters.documents.single_documents import MAX_TRIES, FollowedDocument, get_document
from reelgate.adapters.documents.tombstones import tombstone_of_user
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.audio import Audio
from reelgate.domain.media.derived_media import DerivedMedia, Lease
from reelgate.domain.media.examination import Facts
from reelgate.domain.media.packaging import Hls, RenditionSize, Sprites
from reelgate.domain.media.transcoding import Transcoding
from reelgate.ports.media import DecideMedia, FollowedMedia

MAX_COUNTED = 20_000
"""How many records a total is made of at most: 20 reads."""
KEPT_AFTER_DAY = timedelta(days=2)
"""How long after a day begins the seconds of its purged files are kept: a day has up to 25 hours, somewhere."""


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
        unless = tombstone_of_user(uid)
        return await _FollowedMedia(FollowedDocument(self._documents, _address(uid, file_id), unless=unless)).change(decide)

    def follow(self, uid: str, file_id: str, *, new: bool = False) -> FollowedMedia:
        """See `DerivedMediaRecords.follow`."""
        return _FollowedMedia(FollowedDocument(self._documents, _address(uid, file_id), new=new))

    async def delete(self, uid: str, file_id: str, *, day: date, now: datetime) -> None:
        """See `DerivedMediaRecords.delete`. The seconds move to a document of their own in the same commit."""
        record, purged = _address(uid, file_id), _purged(uid, file_id)
        for _ in range(MAX_TRIES):
            found = await self._documents.get(record, purged)
            document, before = found.get(record), found.get(purged)
            if document is None:
                return
            writes = [Write(record, None, version=document.version)]
            # Of an erased user nothing is kept: a run that began late has created this record.
            if document.fields.get("run_day") == day.isoformat() and not await self._is_erased(uid):
                version = None if before is None else before.version
                remainder = _remainder(decode(document.fields).seconds_if_removed(now), before, day)
                writes.append(Write(purged, remainder, version=version, absent=before is None))
            try:
                await self._documents.commit(writes)
            except ConflictError:
                continue  # changed by a run, or already done and the answer was lost
            return
        raise Unavailable("The file's record kept changing; try again.")

    async def _is_erased(self, uid: str) -> bool:
        return await get_document(self._documents, tombstone_of_user(uid)) is not None

    async def seconds_of_day(self, uid: str, day: date) -> int:
        """See `DerivedMediaRecords.seconds_of_day`."""
        found = await self._documents.aggregate(
            Query(collection=("users", uid, "media"), equals={"run_day": day.isoformat()}, limit=MAX_COUNTED),
            sums=["run_seconds"],
        )
        return int(found.sums["run_seconds"])

    async def running(self, uid: str, now: datetime) -> int:
        """See `DerivedMediaRecords.running`."""
        query = Query(collection=("users", uid, "media"), order_by="lease.until", at_least=now, limit=MAX_COUNTED)
        return (await self._documents.aggregate(query)).number

    async def extra_bytes(self, uid: str) -> int:
        """See `DerivedMediaRecords.extra_bytes`. If there are more than are counted, the largest are."""
        query = Query(
            collection=("users", uid, "media"), order_by="extra_bytes", at_least=1, descending=True, limit=MAX_COUNTED
        )
        return int((await self._documents.aggregate(query, sums=["extra_bytes"])).sums["extra_bytes"])


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
    fields = dataclasses.asdict(record)
    sprites = fields["hls"]["sprites"]
    fields["hls"]["renditions"] = list(fields["hls"]["renditions"])
    if sprites is not None:
        sprites["starts"] = list(sprites["starts"])
    return fields


def decode(fields: Fields) -> DerivedMedia:
    """Return a record from its fields. Unknown fields (of a newer version) are ignored; missing fields get their defaults."""
    nested = {"facts": Facts, "audio": Audio, "lease": Lease, "transcoding": Transcoding}
    known = _known(DerivedMedia, fields)
    for name, kind in nested.items():
        if known.get(name) is not None:
            known[name] = kind(**_known(kind, known[name]))
    if "hls" in known:
        known["hls"] = _hls(known["hls"])
    return DerivedMedia(**known)


def _hls(fields: Mapping[str, Any]) -> Hls:
    known = _known(Hls, fields)
    renditions, sprites = known.pop("renditions", ()), known.pop("sprites", None)
    if sprites is not None:
        sprites = Sprites(**{**_known(Sprites, sprites), "starts": tuple(sprites["starts"])})
    sizes = tuple(RenditionSize(**_known(RenditionSize, one)) for one in renditions)
    return Hls(**known, renditions=sizes, sprites=sprites)


def _known(kind: type[Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in fields.items() if name in names}


def _address(uid: str, file_id: str) -> Address:
    return Address(("users", uid, "media"), file_id)


def _purged(uid: str, file_id: str) -> Address:
    """Return where the seconds of a purged file are. No file id contains a colon."""
    return _address(uid, f"purged:{file_id}")


def _remainder(seconds: int, before: Document | None, day: date) -> Fields:
    """Return what stays of a record. A run that found its file purged has created one anew: it adds to what stayed `before`."""
    if before is not None and before.fields["run_day"] == day.isoformat():
        seconds += before.fields["run_seconds"]
    expires_at = datetime.combine(day, time(), UTC) + KEPT_AFTER_DAY
    return {"run_day": day.isoformat(), "run_seconds": seconds, "expires_at": expires_at}
