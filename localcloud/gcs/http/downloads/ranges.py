"""The Range header of downloads (RFC 9110, section 14)."""

import re

from localcloud.gcs.errors import Refusal, StorageError

ONE_RANGE = re.compile(r"^bytes=\s*(\d*)-(\d*)\s*$", re.ASCII)


def requested_slice(header: str | None, size: int) -> tuple[int, int] | None:
    """Return (offset, count) in bytes, or None when the whole object is to be sent.

    Several ranges, other units and malformed values are ignored, as RFC 9110 allows.

    Raises:
        StorageError: 416 when the range starts beyond the end.
    """
    match = ONE_RANGE.match(header or "")
    if match is None or match.groups() == ("", ""):
        return None
    first_text, last_text = match.groups()
    if not first_text:
        count = min(int(last_text), size)
        offset = size - count
    else:
        offset = int(first_text)
        last = int(last_text) if last_text else size - 1
        if last_text and last < offset:
            return None
        count = min(last, size - 1) - offset + 1
    if count <= 0 or offset >= size:
        raise StorageError(
            Refusal.INVALID_RANGE,
            f"The requested range cannot be satisfied: {header}",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return offset, count
