"""A stored object: where its bytes are and everything that is known about them."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.store.metadata.patches import merged

# What a client may set on an object, in the JSON API's spelling.
OBJECT_FIELDS = frozenset(
    {
        "contentType",
        "contentEncoding",
        "contentDisposition",
        "contentLanguage",
        "cacheControl",
        "metadata",
        "storageClass",
        "customTime",
        "eventBasedHold",
        "temporaryHold",
    }
)


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes on disk that are about to become an object. `md5` is missing on composed objects."""

    blob: str
    size: int
    crc32c: str
    md5: str | None
    component_count: int | None = None


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A live object. `fields` holds what clients may set; times are RFC 3339."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    content: Content
    created: str
    updated: str
    fields: dict[str, Any]

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "StoredObject":
        """Read a row of the objects table."""
        return cls(
            bucket=row["bucket"],
            name=row["name"],
            generation=row["generation"],
            metageneration=row["metageneration"],
            content=Content(row["blob"], row["size"], row["crc32c"], row["md5"], row["component_count"]),
            created=row["created"],
            updated=row["updated"],
            fields=json.loads(row["fields"]),
        )

    @property
    def content_type(self) -> str:
        """The stored content type, or the one that Cloud Storage sends if none is stored."""
        return str(self.fields.get("contentType") or "application/octet-stream")


def settable_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an object resource that clients may set, without nulls.

    Raises:
        StorageError: 400 for impossible metadata.
    """
    return merged_fields({}, document)


def merged_fields(fields: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Apply PATCH semantics: null removes a field, and within metadata a key.

    Numbers and booleans in custom metadata become strings, as in Cloud Storage, whose schema has strings there.

    Raises:
        StorageError: 400 if the metadata is not an object, or has objects or arrays in it.
    """
    known = {name: value for name, value in patch.items() if name in OBJECT_FIELDS}
    if known.get("metadata") is not None:
        known["metadata"] = _texts(known["metadata"])
    return merged(fields, known)


def _texts(metadata: object) -> dict[str, str | None]:
    if not isinstance(metadata, dict) or any(isinstance(value, dict | list) for value in metadata.values()):
        raise StorageError(Refusal.INVALID_ARGUMENT, "metadata must be an object of texts.")
    return {key: value if isinstance(value, str | None) else json.dumps(value) for key, value in metadata.items()}
