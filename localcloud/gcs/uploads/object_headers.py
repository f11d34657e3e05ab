"""Request headers that describe the object to create."""

from collections.abc import Mapping
from typing import Any

from localcloud.gcs.errors import Refusal, StorageError

META_PREFIX = "x-goog-meta-"
FIELD_OF_HEADER = {
    "Content-Type": "contentType",
    "Content-Encoding": "contentEncoding",
    "Content-Disposition": "contentDisposition",
    "Content-Language": "contentLanguage",
    "Cache-Control": "cacheControl",
    "x-goog-storage-class": "storageClass",
    "x-goog-custom-time": "customTime",
}


def metadata_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the x-goog-meta-* headers, keys in lower case without the prefix.

    Raises:
        StorageError: 400 for a value that is not UTF-8.
    """
    found = {name.lower(): _utf8(value) for name, value in headers.items()}
    return {name[len(META_PREFIX) :]: value for name, value in found.items() if name.startswith(META_PREFIX)}


def fields_of_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the object fields that an XML request sets by headers. Raises StorageError (400) if not UTF-8."""
    fields: dict[str, Any] = {
        field: _utf8(headers[name]) for name, field in FIELD_OF_HEADER.items() if headers.get(name, "") != ""
    }
    if metadata := metadata_headers(headers):
        fields["metadata"] = metadata
    return fields


def _utf8(value: str) -> str:
    """Reject surrogates: aiohttp's form of bytes that are not UTF-8, which cannot be stored or sent back."""
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise StorageError(Refusal.INVALID_ARGUMENT, "A header is not valid UTF-8.")
    return value
