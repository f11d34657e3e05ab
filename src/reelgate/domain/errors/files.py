"""Errors about files, uploads and MP3s."""

from __future__ import annotations

from collections.abc import Sequence

from reelgate.domain.errors.base import Conflict, NotFound


class FileNotFound(NotFound):
    code = "file_not_found"
    message = "File not found"


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = "Upload not found"


class UserStorageNotFound(NotFound):
    code = "user_storage_not_found"
    message = "User storage not found"


class NameTaken(Conflict):
    code = "name_taken"
    message = "Name taken"


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
    """`missing` has the indexes of the first chunks that were not received."""

    code = "chunks_missing"
    message = "Chunks are missing"

    def __init__(self, detail: str, *, missing: Sequence[int]) -> None:
        super().__init__(detail)
        self.missing = tuple(missing)


class ChunksLeftOver(Conflict):
    """`left_over` has the indexes of the first chunks beyond the announced number."""

    code = "chunks_left_over"
    message = "There are more chunks than announced"

    def __init__(self, detail: str, *, left_over: Sequence[int]) -> None:
        super().__init__(detail)
        self.left_over = tuple(left_over)


class IdempotencyMismatch(Conflict):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used for another request"


class AudioNotReady(Conflict):
    """`state` is the state of the MP3, `reason` why it failed."""

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
