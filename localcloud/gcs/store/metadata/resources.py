"""Objects as the JSON API shows them; events carry the same document."""

import base64
from typing import Any
from urllib.parse import quote

from localcloud.gcs.store.metadata.records import StoredObject


def object_resource(stored: StoredObject, base_url: str) -> dict[str, Any]:
    """Return the object resource, 64-bit numbers as strings.

    Args:
        base_url: scheme and host for selfLink and mediaLink, as the client reached the service.
    """
    where = f"b/{stored.bucket}/o/{quote(stored.name, safe='')}"
    content = stored.content
    resource: dict[str, Any] = {
        "kind": "storage#object",
        "id": f"{stored.bucket}/{stored.name}/{stored.generation}",
        "selfLink": f"{base_url}/storage/v1/{where}",
        "mediaLink": f"{base_url}/download/storage/v1/{where}?generation={stored.generation}&alt=media",
        "name": stored.name,
        "bucket": stored.bucket,
        "generation": str(stored.generation),
        "metageneration": str(stored.metageneration),
        "storageClass": "STANDARD",
        "size": str(content.size),
        "crc32c": content.crc32c,
        "etag": etag(stored),
        "timeCreated": stored.created,
        "updated": stored.updated,
        "timeStorageClassUpdated": stored.created,
        "timeFinalized": stored.created,
        **stored.fields,
    }
    if content.md5 is not None:
        resource["md5Hash"] = content.md5
    if content.component_count is not None:
        resource["componentCount"] = content.component_count
    return resource


def etag(stored: StoredObject) -> str:
    """Return the JSON API's entity tag: a protobuf of generation and metageneration, in base64."""
    raw = b"\x08" + _varint(stored.generation) + b"\x10" + _varint(stored.metageneration)
    return base64.b64encode(raw).decode()


def _varint(number: int) -> bytes:
    raw = bytearray()
    while number > 0x7F:
        raw.append(number & 0x7F | 0x80)
        number >>= 7
    raw.append(number)
    return bytes(raw)
