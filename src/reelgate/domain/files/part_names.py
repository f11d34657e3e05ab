"""Where the parts of a chunked upload lie until they are one object: `__parts__/{uid}/{upload_id}/{index}`.

No uid can be `__parts__` (Firestore keeps `__.*__` for itself, so tokens with such a subject are refused): a lifecycle rule on
this folder never meets anybody's videos, which lie under `{uid}/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FOLDER = "__parts__/"
MAX_CHUNKS = 10_000
PART_TYPE = "application/octet-stream"
"""What parts are, until the whole has the file's type."""

_NAME = re.compile(r"__parts__/(?P<uid>[^/]+)/(?P<upload_id>[A-Za-z0-9][A-Za-z0-9_-]{0,63})/(?P<rest>.+)", re.DOTALL)
_INDEX = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class PartName:
    """Whose part it is. `index` is None for what is composed on the way to the whole."""

    uid: str
    upload_id: str
    index: int | None


def folder_of(uid: str, upload_id: str) -> str:
    """Return the prefix of everything that an upload has before it is one object."""
    return f"{FOLDER}{uid}/{upload_id}/"


def part_name(uid: str, upload_id: str, index: int) -> str:
    """Return the object that a chunk is kept in. Names sort as indexes do."""
    return f"{folder_of(uid, upload_id)}{index:05d}"


def composed_name(uid: str, upload_id: str, level: int, number: int) -> str:
    """Return the object that holds the `number`-th group of a level of the tree: 1 is made of parts, 2 of those, ..."""
    return f"{folder_of(uid, upload_id)}composed/{level}-{number:05d}"


def parse_part_name(name: str) -> PartName | None:
    """Return what a name in this folder stands for, or None for one that this store never gives there."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    index = int(found["rest"]) if _INDEX.fullmatch(found["rest"]) else None
    return PartName(found["uid"], found["upload_id"], index)
