"""Names of the parts of a chunked upload until they are joined: `__parts__/{uid}/{upload_id}/{index}`.

No uid can be `__parts__` (Firestore reserves `__.*__`, so tokens with such a subject are refused). A lifecycle rule on this
folder therefore never matches a user's videos, which are stored under `{uid}/`.
"""

from __future__ import annotations

import re

from reelgate.domain.value_types import positional_value_type

FOLDER = "__parts__/"
MAX_CHUNKS = 10_000
PART_TYPE = "application/octet-stream"
"""The content type of parts. Only the joined object has the type of the file."""

_NAME = re.compile(r"__parts__/(?P<uid>[^/]+)/(?P<upload_id>[A-Za-z0-9][A-Za-z0-9_-]{0,63})/(?P<rest>.+)", re.DOTALL)
_INDEX = re.compile(r"[0-9]{5}")


@positional_value_type
class PartName:
    """Which upload a part belongs to. `index` is None for an intermediate object that is composed of several parts."""

    uid: str
    upload_id: str
    index: int | None


def folder_of(uid: str, upload_id: str) -> str:
    """Return the prefix of all objects of an upload before they are joined."""
    return f"{FOLDER}{uid}/{upload_id}/"


def part_name(uid: str, upload_id: str, index: int) -> str:
    """Return the name of the object that holds a chunk. Names sort in the order of their indexes."""
    return f"{folder_of(uid, upload_id)}{index:05d}"


def composed_name(uid: str, upload_id: str, level: int, number: int) -> str:
    """Return the name of the `number`-th composed object of a level: 1 joins parts, 2 joins objects of level 1, ..."""
    return f"{folder_of(uid, upload_id)}composed/{level}-{number:05d}"


def parse_part_name(name: str) -> PartName | None:
    """Return what a name in this folder refers to, or None if Reelgate cannot have generated it."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    index = int(found["rest"]) if _INDEX.fullmatch(found["rest"]) else None
    return PartName(found["uid"], found["upload_id"], index)
