"""Where the bucket and a user's books disagree. Pure: what to read and what to do about it are use cases.

Every write to either side is followed by one to the other, so a short time of disagreement is normal; only what is older
than a grace period counts.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reelgate.domain.books.account import Account
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.files.names import object_name, parse_object_name
from reelgate.domain.files.part_names import parse_part_name


class Kind(enum.Enum):
    """What is wrong. FOREIGN is not: somebody with rights of their own to the bucket keeps things there."""

    FOREIGN = "foreign"
    UNSETTLED = "unsettled"
    ORPHAN = "orphan"
    LEFT_PART = "left part"
    MISSING = "missing"
    REPLACED = "replaced"
    EXPIRED = "expired"


MEANINGS = {
    Kind.FOREIGN: "an object with a name that this store never gives; left alone",
    Kind.UNSETTLED: "an open upload's object is there, but its event was never settled",
    Kind.ORPHAN: "an object without a video, a place in the trash or an open upload",
    Kind.LEFT_PART: "a part of a chunked upload that is not open any more",
    Kind.MISSING: "a video, or one in the trash, whose object is gone",
    Kind.REPLACED: "a video, or one in the trash, under whose name another generation lies",
    Kind.EXPIRED: "an open upload whose time is over",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One disagreement. `generation` and `size` (bytes) are the object's where there is one, else those the books know."""

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
    account: Account | None,
    videos: Iterable[Video],
    trash: Iterable[Video],
    objects: Collection[StoredObject],
    *,
    settled_before: datetime,
) -> Iterator[Difference]:
    """Yield where one user's books and objects (all of them, under `{uid}/`) disagree.

    Args:
        settled_before: objects written, and uploads expired, after this instant are still being worked on.
    """
    open_uploads = account.uploads if account else {}
    rightful = {object_name(uid, upload.upload_id, upload.filename) for upload in open_uploads.values()}
    present = {found.name: found for found in objects}
    kept = [(video, False) for video in videos] + [(video, True) for video in trash]
    known = {video.object_name for video, _ in kept}
    for found in objects:
        if found.name not in known:
            yield from _without_video(found, found.name in rightful, settled_before)
    for video, trashed in kept:
        there = present.get(video.object_name)
        if there is None or there.generation != video.generation:
            yield _of_video(video, there, trashed=trashed)
    for upload in open_uploads.values():
        name = object_name(uid, upload.upload_id, upload.filename)
        if upload.expires_at < settled_before and name not in present:
            yield Difference(
                kind=Kind.EXPIRED, name=name, uid=uid, file_id=upload.upload_id, filename=upload.filename, size=upload.size
            )


def left_part(found: StoredObject, account: Account | None, *, settled_before: datetime) -> Difference | None:
    """Return the difference that an object among the parts of chunked uploads is, if it is one."""
    part = parse_part_name(found.name)
    if part is None:
        return foreign(found)
    if _is_recent(found, settled_before) or (account is not None and part.upload_id in account.uploads):
        return None
    return Difference(
        kind=Kind.LEFT_PART, name=found.name, uid=part.uid, file_id=part.upload_id, generation=found.generation, size=found.size
    )


def foreign(found: StoredObject) -> Difference:
    """Return what is said of an object that is none of this store's."""
    return Difference(kind=Kind.FOREIGN, name=found.name, generation=found.generation, size=found.size)


def _without_video(found: StoredObject, rightful: bool, settled_before: datetime) -> Iterator[Difference]:
    parts = parse_object_name(found.name)
    if parts is None:
        yield foreign(found)
    elif not _is_recent(found, settled_before):
        yield Difference(
            kind=Kind.UNSETTLED if rightful else Kind.ORPHAN,
            name=found.name,
            uid=parts.uid,
            file_id=parts.file_id,
            filename=parts.filename,
            generation=found.generation,
            size=found.size,
        )


def _of_video(video: Video, there: StoredObject | None, *, trashed: bool) -> Difference:
    return Difference(
        kind=Kind.MISSING if there is None else Kind.REPLACED,
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
