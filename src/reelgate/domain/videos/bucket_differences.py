"""Differences between the bucket and a user's books. Pure: reading and repairing are use cases.

Every write to one side is followed by a write to the other, so short-lived differences are normal. Only differences that are
older than a grace period count.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.files.names import object_name, parse_object_name
from reelgate.domain.files.part_names import parse_part_name
from reelgate.domain.value_types import value_type


class Kind(enum.Enum):
    """What is wrong. FOREIGN is not an error: another writer with access to the bucket may keep objects there."""

    FOREIGN = "foreign"
    UNSETTLED = "unsettled"
    ORPHAN = "orphan"
    LEFT_PART = "left part"
    LEFT_PLACEHOLDER = "left placeholder"
    MISSING = "missing"
    REPLACED = "replaced"
    EXPIRED = "expired"


MEANINGS = {
    Kind.FOREIGN: "an object whose name Reelgate never uses; left alone",
    Kind.UNSETTLED: "an open upload's object exists, but its finalize event was never handled",
    Kind.ORPHAN: "an object without a video, a trashed video or an open upload",
    Kind.LEFT_PART: "a part of a chunked upload that is no longer open",
    Kind.LEFT_PLACEHOLDER: "an empty object that keeps the name of a closed upload, longer than any of its sessions lives",
    Kind.MISSING: "a video, possibly in the trash, whose object is gone",
    Kind.REPLACED: "a video, possibly in the trash, whose object is another generation",
    Kind.EXPIRED: "an open upload that has expired",
}


PLACEHOLDER_KEPT = timedelta(days=9)
"""How long a placeholder may stay. The bucket's lifecycle rule removes it after 8 days, at its leisure."""


@value_type
class Difference:
    """One difference. `generation` and `size` (bytes) are the object's if it exists, else those in the books."""

    kind: Kind
    name: str
    uid: str = ""
    file_id: str = ""
    filename: str = ""
    generation: int = 0
    size: int = 0
    trashed: bool = False


def compare(
    uid: str,
    uploads: Collection[OpenUpload],
    videos: Iterable[Video],
    trash: Iterable[Video],
    objects: Collection[StoredObject],
    *,
    settled_before: datetime,
) -> Iterator[Difference]:
    """Yield the differences between one user's books and objects (all objects under `{uid}/`).

    Args:
        uploads: the open ones.
        settled_before: objects written, and uploads expired, after this instant may still be in progress.
    """
    granted = {object_name(uid, upload.upload_id, upload.filename) for upload in uploads}
    present = {found.name: found for found in objects}
    kept = [(video, False) for video in videos] + [(video, True) for video in trash]
    known = {video.object_name for video, _ in kept}
    for found in objects:
        if found.name not in known:
            yield from _without_video(found, found.name in granted, settled_before)
    for video, trashed in kept:
        stored = present.get(video.object_name)
        if stored is not None and stored.is_placeholder:
            stored = None
        if stored is None or stored.generation != video.generation:
            yield _of_video(video, stored, trashed=trashed)
    for upload in uploads:
        name = object_name(uid, upload.upload_id, upload.filename)
        if upload.expires_at < settled_before and name not in present:
            yield Difference(
                kind=Kind.EXPIRED, name=name, uid=uid, file_id=upload.upload_id, filename=upload.filename, size=upload.size
            )


def left_part(found: StoredObject, upload: OpenUpload | None, *, settled_before: datetime) -> Difference | None:
    """Return the difference for an object in the folder of parts, or None if it belongs there: to `upload`, which is open."""
    part = parse_part_name(found.name)
    if part is None:
        return foreign(found)
    if _is_recent(found, settled_before) or upload is not None or found.is_placeholder:  # these are swept, too
        return None
    return Difference(
        kind=Kind.LEFT_PART, name=found.name, uid=part.uid, file_id=part.upload_id, generation=found.generation, size=found.size
    )


def foreign(found: StoredObject) -> Difference:
    """Return the difference for an object that is not Reelgate's."""
    return Difference(kind=Kind.FOREIGN, name=found.name, generation=found.generation, size=found.size)


def _without_video(found: StoredObject, granted: bool, settled_before: datetime) -> Iterator[Difference]:
    parts = parse_object_name(found.name)
    if parts is None:
        yield foreign(found)
    elif not _is_recent(found, settled_before - PLACEHOLDER_KEPT if found.is_placeholder else settled_before):
        without = Kind.LEFT_PLACEHOLDER if found.is_placeholder else Kind.ORPHAN
        yield Difference(
            kind=Kind.UNSETTLED if granted else without,
            name=found.name,
            uid=parts.uid,
            file_id=parts.file_id,
            filename=parts.filename,
            generation=found.generation,
            size=found.size,
        )


def _of_video(video: Video, stored: StoredObject | None, *, trashed: bool) -> Difference:
    return Difference(
        kind=Kind.MISSING if stored is None else Kind.REPLACED,
        name=video.object_name,
        uid=video.uid,
        file_id=video.file_id,
        filename=video.filename,
        generation=video.generation,
        size=video.size,
        trashed=trashed,
    )


def _is_recent(found: StoredObject, settled_before: datetime) -> bool:
    return found.written_at is None or found.written_at >= settled_before
