"""Checks of the fields of requests about chunked uploads."""

from __future__ import annotations

import re
from typing import Any

from reelgate.domain.errors import InvalidRequest, UploadNotFound, in_words
from reelgate.domain.files import names
from reelgate.domain.files.names import is_plain
from reelgate.domain.files.part_names import MAX_CHUNKS
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.web.compat.json_fields import check_fields

MAX_URLS = 100
MAX_ID_CHARACTERS = 128
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"[0-9]{1,9}")


def session_id(raw: object) -> str:
    """Return an upload's id, given as `POST /upload/init` returned it, or as a UUID with dashes.

    Raises:
        InvalidRequest: it is missing or not a text.
        UploadNotFound: it does not look like an id.
    """
    if not isinstance(raw, str) or not raw:
        raise InvalidRequest(
            "The upload is not named.",
            field="upload_session_id",
            hint="Send 'upload_session_id' as POST /upload/init returned it.",
        )
    text = raw.replace("-", "").lower() if _UUID.fullmatch(raw) else raw
    if not names.is_file_id(text):
        raise UploadNotFound("There is no such upload.")
    return text


def main_service_file_id(raw: object) -> int | str:
    """Return another service's id of the file, a whole number or a short text. Raises InvalidRequest."""
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= names.MAX_SIZE_BYTES:
        return raw
    if isinstance(raw, str) and 1 <= len(raw) <= MAX_ID_CHARACTERS and raw.strip() == raw and is_plain(raw):
        return raw
    raise InvalidRequest(
        f"The main service's file id is a whole number, 0 or more, or a text of 1 to {MAX_ID_CHARACTERS} plain characters.",
        field="main_service_file_id",
    )


def number_in(raw: object) -> object:
    """Return the number in a text of digits; everything else unchanged."""
    return int(raw) if isinstance(raw, str) and _DIGITS.fullmatch(raw) else raw


def chunk_index(raw: object, *, field: str) -> int:
    """Return the index of a chunk. Raises InvalidRequest."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < MAX_CHUNKS:
        raise InvalidRequest(f"The {in_words(field)} must be a whole number from 0 to {MAX_CHUNKS - 1}.", field=field)
    return raw


def total_chunks(raw: object) -> int:
    """Return the number of chunks of an upload. Raises InvalidRequest."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= MAX_CHUNKS:
        raise InvalidRequest(f"The number of chunks must be a whole number from 1 to {MAX_CHUNKS}.", field="total_chunks")
    return raw


def chunks(raw: object) -> list[Chunk]:
    """Return chunks with different indexes. Raises InvalidRequest."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_URLS or not all(isinstance(one, dict) for one in raw):
        raise InvalidRequest(
            f"There must be 1 to {MAX_URLS} chunks.",
            field="chunks",
            hint="'chunks' is a list of objects with 'index' and 'size'.",
        )
    found = [_chunk(one) for one in raw]
    if len({chunk.index for chunk in found}) < len(found):
        raise InvalidRequest("A chunk is named twice.", field="chunks")
    return found


def _chunk(one: dict[str, Any]) -> Chunk:
    check_fields(one, {"index", "size", "crc32c"})
    return Chunk(
        index=chunk_index(one.get("index"), field="index"),
        size=names.clean_size(one.get("size")),
        crc32c=names.clean_crc32c(one.get("crc32c")),
    )
