"""Uploads of a known size, divided into parts of one size at their start: any part can be sent at any time, in any order.

The whole size is reserved at the start, so granting a part reserves nothing and has no ledger entry: each part has the
exact size that follows from its index, and its object is written create-only.
"""

from __future__ import annotations

from dataclasses import replace

from reelgate.domain import errors
from reelgate.domain.books.account import Account, OpenUpload
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.files.part_names import MAX_CHUNKS
from reelgate.domain.files.sizes import human_size
from reelgate.domain.uploads.chunked_uploads import WORTH_WRITING, check_unsealed, kept_open_until

DEFAULT_PART_BYTES = 16 * 1024 * 1024
_STEP = 1024 * 1024


def part_size_for(size: int, wanted: int | None = None, *, field: str = "part_size") -> int:
    """Return the size of the parts of an upload: the wanted one, or one of whole MiB of which there are not too many.

    Raises:
        InvalidRequest: there would be more than 10,000 parts.
    """
    least = -(-size // MAX_CHUNKS)
    if wanted is None:
        return max(DEFAULT_PART_BYTES, -(-least // _STEP) * _STEP)
    if wanted < least:
        detail = f"The file would have too many parts: for its size, they must be of {human_size(least)} or more."
        raise InvalidRequest(detail, field=field, hint=f"At most {MAX_CHUNKS} parts: send {least} bytes or more.")
    return wanted


def bytes_of_part(upload: OpenUpload, index: int) -> int:
    """Return the exact size of a part. Raises InvalidRequest unless the upload has a part with this index."""
    count = check_divided(upload)
    if not 0 <= index < count:
        hint = f"The indexes of its parts are 0 to {count - 1}."
        raise InvalidRequest(f"The file has {count} parts only.", field="parts", hint=hint)
    part_size = upload.part_size or 0
    return min(part_size, upload.size - index * part_size)


def check_divided(upload: OpenUpload) -> int:
    """Return the number of parts of an upload. Raises UploadNotDivided unless it was divided at its start."""
    if upload.part_count is None:
        raise errors.UploadNotDivided("This upload does not take the file in parts of one size.")
    return upload.part_count


def keep_open(ledger: Ledger, account: Account, upload: OpenUpload) -> Change | None:
    """Extend the upload's expiry to that of a new upload, because parts of it are about to be sent.

    Returns None when there is nothing worth writing.

    Raises:
        AccountDisabled.
        UploadNotDivided: it was not divided at its start.
        UploadSealed: it is being completed, or has been open for too long.
    """
    account.require_enabled()
    check_divided(upload)
    check_unsealed(upload, ledger.now)
    until = kept_open_until(ledger, upload)
    if until - upload.expires_at < WORTH_WRITING:
        return None
    return replace(ledger.change(account), replace_upload=replace(upload, expires_at=until))
