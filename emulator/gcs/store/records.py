"""A stored object: where its bytes are and everything that is known about them."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from emulator.gcs.errors import Refusal, StorageError

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
        "acl",
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
        """The stored type, or what Cloud Storage serves when there is none."""
        return str(self.fields.get("contentType") or "application/octet-stream")


def settable_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Return what of a client's object resource is the client's to set, nulls left out.

    Raises:
        StorageError: 400 if the metadata is not an object of texts.
    """
    return merged_fields({}, document)


def merged_fields(fields: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Apply PATCH semantics: null removes a field, and within metadata a key.

    Raises:
        StorageError: 400 if the metadata is not an object of texts.
    """
    _check_metadata(patch.get("metadata"))
    merged = dict(fields)
    for name, value in patch.items():
        if name not in OBJECT_FIELDS:
            continue
        if name == "metadata" and isinstance(value, dict):
            metadata = {**merged.get("metadata", {}), **value}
            merged["metadata"] = {key: text for key, text in metadata.items() if text is not None}
        elif value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def _check_metadata(metadata: object) -> None:
    texts = metadata.values() if isinstance(metadata, dict) else ()
    if not isinstance(metadata, dict | None) or not all(isinstance(text, str | None) for text in texts):
        raise StorageError(Refusal.INVALID_ARGUMENT, "metadata must be an object of texts.")
