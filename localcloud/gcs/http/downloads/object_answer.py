"""An object's bytes as an answer: conditions, ranges, stored headers, checksums, unpacking gzip for clients without it."""

import re
from base64 import b64decode
from datetime import datetime

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import StorageError
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.conditions import Representation
from localcloud.gcs.http.downloads.file_answer import FileAnswer
from localcloud.gcs.http.downloads.gunzip_answer import GunzipAnswer, is_gzip, takes_gzip
from localcloud.gcs.http.downloads.ranges import requested_slice
from localcloud.gcs.store.content.blobs import BlobFiles
from localcloud.gcs.store.metadata.records import StoredObject
from localcloud.gcs.store.metadata.resources import etag
from localcloud.gcs.store.metadata.times import http_date

HEADER_OF_FIELD = {
    "contentDisposition": "Content-Disposition",
    "contentEncoding": "Content-Encoding",
    "contentLanguage": "Content-Language",
    "cacheControl": "Cache-Control",
}
OVERRIDES = {
    "response-content-disposition": "Content-Disposition",
    "response-content-type": "Content-Type",
}


NO_TRANSFORM = re.compile(r"\bno-transform\b", re.IGNORECASE)


def download(blobs: BlobFiles, call: Call, stored: StoredObject, entity_tag: str) -> StreamResponse:
    """Return the answer to GET or HEAD: 200 with everything or 206 with one range.

    Args:
        entity_tag: the API's ETag for this state of the object.

    Raises:
        StorageError: 412 for an unmet condition, 416 for a range beyond the end.
        NotModifiedError: the client has these bytes already.
    """
    size = stored.content.size
    representation = Representation(entity_tag, datetime.fromisoformat(stored.updated))
    representation.check_read(call.headers)
    headers = {**object_headers(stored), **_stored_headers(stored), "ETag": entity_tag, "Accept-Ranges": "bytes"}
    for parameter, name in OVERRIDES.items():
        if parameter in call.query:
            headers[name] = call.query[parameter]
    file = blobs.open(stored.content.blob)
    if _wants_gunzip(call, stored) and is_gzip(file):
        headers.pop("Content-Encoding", None)
        headers |= {"Vary": "Accept-Encoding", "Warning": "214 UploadServer gunzipped", "Accept-Ranges": "none"}
        return GunzipAnswer(file, headers=headers, drop_after_bytes=call.drop_download_after_bytes)
    try:
        requested = requested_slice(call.headers.get("Range"), size) if representation.allows_range(call.headers) else None
    except StorageError:
        file.close()
        raise
    offset, count = requested or (0, size)
    if requested is not None:
        headers["Content-Range"] = f"bytes {offset}-{offset + count - 1}/{size}"
    return FileAnswer(
        file,
        offset,
        count,
        status=206 if requested else 200,
        headers=headers,
        drop_after_bytes=call.drop_download_after_bytes,
    )


def object_headers(stored: StoredObject) -> dict[str, str]:
    """Return the headers that identify an object's state."""
    return {
        "ETag": xml_etag(stored),
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": ",".join(_hashes(stored)),
        "x-goog-stored-content-length": str(stored.content.size),
        "x-goog-stored-content-encoding": str(stored.fields.get("contentEncoding", "identity")),
    }


def xml_etag(stored: StoredObject) -> str:
    """Return the quoted entity tag: MD5 in hex where there is one, as S3 clients expect."""
    if stored.content.md5 is None:
        return f'"-{etag(stored)}"'
    return f'"{_hex(stored.content.md5)}"'


def _wants_gunzip(call: Call, stored: StoredObject) -> bool:
    """Whether to unpack the object: its metadata says gzip and allows it, and the client does not accept gzip."""
    return (
        str(stored.fields.get("contentEncoding", "")).lower() == "gzip"
        and not NO_TRANSFORM.search(str(stored.fields.get("cacheControl", "")))
        and not takes_gzip(call.headers.get("Accept-Encoding", ""))
    )


def _stored_headers(stored: StoredObject) -> dict[str, str]:
    fields = stored.fields
    headers = {
        "Content-Type": stored.content_type,
        "Last-Modified": http_date(stored.updated),
        "Cache-Control": "private, max-age=0",
        "x-goog-storage-class": str(fields.get("storageClass", "STANDARD")),
    }
    headers |= {name: str(fields[field]) for field, name in HEADER_OF_FIELD.items() if fields.get(field)}
    return headers | {f"x-goog-meta-{key}": str(value) for key, value in fields.get("metadata", {}).items()}


def _hashes(stored: StoredObject) -> list[str]:
    md5 = stored.content.md5
    return [f"crc32c={stored.content.crc32c}", *([f"md5={md5}"] if md5 is not None else [])]


def _hex(base64_text: str) -> str:
    return b64decode(base64_text).hex()
