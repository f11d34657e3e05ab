"""What can go wrong, in the words of a video store.

    ReelgateError
    ├── Unauthorized                the caller did not prove who they are
    │   └── InvalidCredentials      e-mail address or user name and password do not belong together
    ├── Forbidden                   the caller is known, and their role may not do this
    │   ├── AccountDisabled
    │   └── RegistrationClosed
    ├── InvalidRequest              a field is missing or impossible; names the field
    │   └── WeakPassword
    ├── TooLarge                    more bytes than this deployment takes in one file or body
    ├── UnsupportedType             a content type this deployment does not store
    ├── LimitExceeded               a budget says no; carries the numbers
    │   ├── StorageLimitExceeded
    │   └── BandwidthLimitExceeded
    ├── TooManyOpenUploads          finish or cancel some first
    ├── TooManyAttempts             wait; says how long
    ├── NotFound                    nothing of that name that this caller may know of
    │   ├── FileNotFound
    │   ├── UploadNotFound
    │   ├── UserStorageNotFound
    │   ├── UserNotFound
    │   └── DeliveryNotFound
    ├── Conflict                    the state of things forbids it
    │   ├── NameTaken
    │   ├── UploadFinished
    │   ├── UploadIsChunked         it takes chunks, not one session
    │   ├── UploadSealed            it is being completed and takes no more chunks
    │   ├── ChunkDiffers            other bytes under the same index, or together not what was announced
    │   ├── ChunksMissing           not all of them are there; names them
    │   ├── ChunksLeftOver          more are there than were announced; names them
    │   ├── IdempotencyMismatch
    │   ├── AudioNotReady           the MP3 is not made yet, or was not asked for
    │   ├── AudioImpossible         there will never be an MP3 of this file
    │   ├── EmailTaken
    │   ├── UsernameTaken
    │   ├── OwnAccount              admins do not take away their own rights
    │   ├── ForeignUser             the user's own issuer decides that
    │   ├── DeliveryBusy            it is being sent at this moment
    │   └── ChannelGone             the deployment does not tell events in this way any more
    └── Unavailable                 could not be done now, nothing was changed; try again
        └── BooksBusy

Which HTTP status each one becomes is decided in one place, `reelgate.web.problems`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class ReelgateError(Exception):
    """Base of every error a caller can act on.

    `code` is stable and meant for programs; `message` is the seeds' short sentence (`error` in the answer); `detail` tells
    a person what to do.
    """

    code = "error"
    message = "Error"

    def __init__(self, detail: str = "", *, message: str | None = None) -> None:
        super().__init__(detail or message or self.message)
        self.detail = detail
        if message is not None:
            self.message = message


class Unauthorized(ReelgateError):
    code = "unauthorized"
    message = "Unauthorized"


class InvalidCredentials(Unauthorized):
    """One and the same for everything that can be wrong, so that nobody learns which accounts exist."""

    code = "invalid_credentials"
    message = "Invalid credentials"


class Forbidden(ReelgateError):
    code = "forbidden"
    message = "Forbidden"


class AccountDisabled(Forbidden):
    code = "account_disabled"
    message = "Account disabled"


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    message = "Registration is closed"


class InvalidRequest(ReelgateError):
    code = "invalid_request"
    message = "Invalid request"

    def __init__(self, detail: str, *, field: str | None = None, message: str | None = None) -> None:
        super().__init__(detail, message=message)
        self.field = field


class WeakPassword(InvalidRequest):
    code = "weak_password"
    message = "Weak password"


class TooLarge(ReelgateError):
    code = "too_large"
    message = "File too large"

    def __init__(self, detail: str, *, limit: int, requested: int | None = None) -> None:
        super().__init__(detail)
        self.limit = limit
        self.requested = requested


class UnsupportedType(ReelgateError):
    code = "unsupported_type"
    message = "Unsupported file type"


class LimitExceeded(ReelgateError):
    """A budget would be passed. All sizes are bytes; `retry_at` is when asking again can help, where time alone does."""

    code = "limit_exceeded"

    def __init__(
        self,
        *,
        limit: int,
        used: int,
        reserved: int,
        requested: int,
        retry_at: datetime | None = None,
        detail: str = "",
        message: str | None = None,
    ) -> None:
        super().__init__(detail, message=message)
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.requested = requested
        self.retry_at = retry_at


class StorageLimitExceeded(LimitExceeded):
    code = "storage_limit_exceeded"
    message = "Exceeds storage limit, cannot upload video..!!"


class BandwidthLimitExceeded(LimitExceeded):
    code = "bandwidth_limit_exceeded"
    message = "Bandwidth limit exceeded or some internal upload error"


class TooManyOpenUploads(ReelgateError):
    code = "too_many_open_uploads"
    message = "Too many open uploads"


class TooManyAttempts(ReelgateError):
    """Asking again can help after `retry_after_seconds`."""

    code = "too_many_attempts"
    message = "Too many attempts"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class NotFound(ReelgateError):
    code = "not_found"
    message = "Not found"


class FileNotFound(NotFound):
    code = "file_not_found"
    message = "File not found in user's storage"


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = "Upload not found"


class UserStorageNotFound(NotFound):
    code = "user_storage_not_found"
    message = "User storage not found"


class UserNotFound(NotFound):
    code = "user_not_found"
    message = "User not found"


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    message = "Delivery not found"


class Conflict(ReelgateError):
    code = "conflict"
    message = "Conflict"


class NameTaken(Conflict):
    code = "name_taken"
    message = "File with the same name already exists."


class UploadFinished(Conflict):
    code = "upload_finished"
    message = "The upload is already finished"


class UploadIsChunked(Conflict):
    code = "upload_is_chunked"
    message = "The upload takes chunks"


class UploadSealed(Conflict):
    code = "upload_sealed"
    message = "The upload takes no more chunks"


class ChunkDiffers(Conflict):
    code = "chunk_differs"
    message = "The chunk is not the one that was sent before"


class ChunksMissing(Conflict):
    """`missing` are the indexes of chunks that are not there, the first of them."""

    code = "chunks_missing"
    message = "Chunks are missing"

    def __init__(self, detail: str, *, missing: Sequence[int]) -> None:
        super().__init__(detail)
        self.missing = tuple(missing)


class ChunksLeftOver(Conflict):
    """`left_over` are the indexes of chunks beyond the announced number, the first of them."""

    code = "chunks_left_over"
    message = "There are more chunks than announced"

    def __init__(self, detail: str, *, left_over: Sequence[int]) -> None:
        super().__init__(detail)
        self.left_over = tuple(left_over)


class IdempotencyMismatch(Conflict):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used for another request"


class AudioNotReady(Conflict):
    """`state` is how far the MP3 is, `reason` why it failed."""

    code = "audio_not_ready"
    message = "The MP3 is not ready"

    def __init__(self, detail: str, *, state: str, reason: str | None = None) -> None:
        super().__init__(detail)
        self.state = state
        self.reason = reason


class AudioImpossible(Conflict):
    """`reason` says why."""

    code = "audio_impossible"
    message = "There can be no MP3 of this file"

    def __init__(self, detail: str, *, reason: str) -> None:
        super().__init__(detail)
        self.reason = reason


class EmailTaken(Conflict):
    code = "email_taken"
    message = "Email already registered"


class UsernameTaken(Conflict):
    code = "username_taken"
    message = "Username already taken"


class OwnAccount(Conflict):
    code = "own_account"
    message = "Not on your own account"


class ForeignUser(Conflict):
    code = "foreign_user"
    message = "User of another issuer"


class DeliveryBusy(Conflict):
    code = "delivery_busy"
    message = "The delivery is being sent"


class ChannelGone(Conflict):
    code = "channel_gone"
    message = "There is no such channel any more"


class Unavailable(ReelgateError):
    """It could not be done, or nobody knows whether it was. Asking again after `retry_after_seconds` is safe with an
    Idempotency-Key, and never does anything twice where an event asks."""

    code = "unavailable"
    message = "Temporarily unavailable"

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class BooksBusy(Unavailable):
    code = "books_busy"
    message = "Usage record couldn't be inserted or updated..!!"
