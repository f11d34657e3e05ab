"""Errors about videos, uploads and MP3s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reelgate.domain.errors.base import Conflict, InvalidRequest, NotFound, ReelgateError


class VideoNotFound(NotFound):
    code = "video_not_found"
    message = "Video not found"
    hint = "GET /v1/videos lists the videos, GET /v1/trash the deleted ones, which must be restored before anything else."


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = "Upload not found"
    hint = "GET /v1/uploads lists the open uploads."


class PosterNotFound(NotFound):
    code = "poster_not_found"
    message = "Poster not found"


class CaptionsNotFound(NotFound):
    code = "captions_not_found"
    message = "Captions not found"
    hint = "The video's `captions` list the languages in which there are some."


class UserStorageNotFound(NotFound):
    code = "user_storage_not_found"
    message = "User storage not found"


class NameTaken(Conflict):
    code = "name_taken"
    message = "Name taken"


class InvalidCaptions(InvalidRequest):
    """A text is no WebVTT that is accepted. `line` is the first line that is wrong, from 1."""

    code = "invalid_captions"
    message = "Invalid captions"

    def __init__(self, line: int, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"Line {line}: {reason}", hint=hint)
        self.line = line


class LabelTaken(Conflict):
    code = "label_taken"
    message = "Label taken"


class TooManyCaptions(Conflict):
    """The video has captions in as many languages as it may have."""

    code = "too_many_captions"
    message = "Too many captions"

    def __init__(self, detail: str, *, limit: int) -> None:
        super().__init__(detail)
        self.limit = limit


class UploadFinished(Conflict):
    code = "upload_finished"
    message = "The upload is already finished"
    hint = "GET /v1/uploads/{upload_id} shows the outcome. A new upload needs a new Idempotency-Key."


class UploadIsChunked(Conflict):
    code = "upload_is_chunked"
    message = "The upload takes chunks"


class UploadNotDivided(Conflict):
    code = "upload_not_divided"
    message = "The upload was not divided into parts"
    hint = (
        "POST /v1/uploads/{upload_id}/resume says how to continue it; the older chunk routes continue those they have started."
    )


class UploadIncomplete(Conflict):
    code = "upload_incomplete"
    message = "The file has not arrived completely"


class UploadSealed(Conflict):
    code = "upload_sealed"
    message = "The upload takes no more chunks"


class ChunkDiffers(Conflict):
    code = "chunk_differs"
    message = "The chunk is not the one that was sent before"


class ChunksMissing(Conflict):
    """`missing` has the indexes of the first chunks that were not received."""

    code = "chunks_missing"
    message = "Chunks are missing"

    def __init__(self, detail: str, *, missing: Sequence[int], hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.missing = tuple(missing)


class ChunksLeftOver(Conflict):
    """`left_over` has the indexes of the first chunks beyond the announced number."""

    code = "chunks_left_over"
    message = "There are more chunks than announced"

    def __init__(self, detail: str, *, left_over: Sequence[int], hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.left_over = tuple(left_over)


class IdempotencyMismatch(Conflict):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used for another request"
    hint = "Send a new Idempotency-Key with every new request, and the same one only to repeat a request."


class AudioNotReady(Conflict):
    """`state` is the state of the MP3, `reason` why it failed."""

    code = "audio_not_ready"
    message = "The MP3 is not ready"

    def __init__(self, detail: str, *, state: str, reason: str | None = None, hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.state = state
        self.reason = reason


class AudioImpossible(Conflict):
    """`reason` says why."""

    code = "audio_impossible"
    message = "There can be no MP3 of this file"

    def __init__(self, detail: str, *, reason: str) -> None:
        super().__init__(detail)
        self.reason = reason


class NotPackaged(Conflict):
    """`reason` says why; for viewers, `state` is that of its HLS."""

    code = "not_packaged"
    message = "This video does not play in pieces"
    hint = "It can be played as one file."

    def __init__(self, detail: str, *, reason: str | None, state: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.state = state


class TooManyConversions(ReelgateError):
    """The user's conversions of the day are used up; `retry_at` is when the next day begins."""

    code = "too_many_conversions"
    message = "Too many conversions today"
    hint = "Send the request again at `retry_at`."

    def __init__(self, detail: str, *, retry_at: datetime) -> None:
        super().__init__(detail)
        self.retry_at = retry_at
