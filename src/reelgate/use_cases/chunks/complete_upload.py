"""Complete a chunked upload: check that all chunks have arrived, seal the upload, and compose one object from them.

Each step may be repeated: after a crash at any point, by two requests at once, and after success.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.upload_states import UploadState
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.files import names
from reelgate.domain.uploads import chunked_uploads
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.objects.compose_upload import compose_upload
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.objects.list_parts import list_parts, remove_parts
from reelgate.use_cases.uploads.inspect_upload import state_of


class Services(CommitServices, HasFunctionName, Protocol):
    """What completing a chunked upload needs."""


@value_type
class Completion:
    """A client's request to complete an upload. `crc32c` is of the whole file; None if the client does not send it."""

    upload_id: str
    total_chunks: int
    main_service_file_id: int | str
    crc32c: str | None = None


async def complete_upload(
    services: Services, caller: Caller, completion: Completion, *, audit: AuditEvent | None = None
) -> Video:
    """Return the finished file. Its message `video.ready` is written in the same commit.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        InvalidRequest: it is not a chunked upload, or `completion` differs from an earlier request.
        ChunksMissing, ChunksLeftOver: the chunks in the bucket are not those announced. Nothing was changed.
        ChunkDiffers: the CRC32C of the whole file is not the announced one. Nothing was changed.
        UploadFinished: it was cancelled, rejected or deleted, or has expired.
        BooksBusy, Unavailable: the same call again continues where this one stopped.
    """
    uid = caller.uid
    upload = (await services.books.read(uid, ReadSet(upload_id=completion.upload_id))).upload
    if upload is not None:
        _check(upload, completion)
        if upload.sealed_chunks is None:
            upload = await _seal(services, uid, completion, audit)
    if upload is not None:
        await compose_upload(services, uid, upload)
        finished = await finish_upload(services, names.object_name(uid, upload.upload_id, upload.filename))
        if finished.verdict is Verdict.ABSENT:
            await _explain(services, uid, completion)
    try:
        video = await _finished(services, uid, completion)
    except errors.UploadFinished:  # cancelled or rejected meanwhile: objects composed since then are left over
        await remove_parts(services, uid, completion.upload_id)
        raise
    await remove_parts(services, uid, completion.upload_id)
    return video


def _check(upload: OpenUpload, completion: Completion) -> None:
    chunked_uploads.check_chunked(upload)
    _check_file_id(upload.main_service_file_id, completion)
    if upload.sealed_chunks not in {None, completion.total_chunks}:
        raise errors.InvalidRequest(
            f"The upload is being completed with {upload.sealed_chunks} chunks, not {completion.total_chunks}.",
            field="total_chunks",
        )


def _check_file_id(granted: int | str | None, completion: Completion) -> None:
    if str(granted) != str(completion.main_service_file_id):  # clients that build JSON by hand mix 123 and "123"
        raise errors.InvalidRequest(
            "'main_service_file_id' is not the one that the upload was started with.", field="main_service_file_id"
        )


async def _seal(services: Services, uid: str, completion: Completion, audit: AuditEvent | None) -> OpenUpload | None:
    """Return the sealed upload; None if it is no longer open."""
    found = await list_parts(services, uid, completion.upload_id)
    result = await commit(services, uid, sealing(completion, found), audit=audit)
    if result.change is not None:
        return result.change.replace_upload
    upload = result.snapshot.upload
    if upload is not None:  # another request has sealed it
        _check(upload, completion)
    return upload


def sealing(completion: Completion, found: Mapping[int, StoredObject]) -> Transaction:
    """Return the transaction that seals an upload with the parts found, by index; once per upload.

    It writes nothing when the upload is not open. Raises as `complete_upload`.
    """

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or snapshot.upload is None:
            return None
        chunked_uploads.check_parts(list(found), completion.total_chunks)
        parts = [found[index] for index in range(completion.total_chunks)]
        return chunked_uploads.seal(ledger, snapshot.account, snapshot.upload, parts, announced_crc32c=completion.crc32c)

    return Transaction(decide, ReadSet(upload_id=completion.upload_id, entry_id=EntryId.seal(completion.upload_id)))


async def _explain(services: Services, uid: str, completion: Completion) -> None:
    """Raise the reason why there is no object, if the upload is still open."""
    if (await services.books.read(uid, ReadSet(upload_id=completion.upload_id))).upload is not None:
        chunked_uploads.check_parts(list(await list_parts(services, uid, completion.upload_id)), completion.total_chunks)
        raise errors.Unavailable("The chunks could not be joined. Complete again.")


async def _finished(services: Services, uid: str, completion: Completion) -> Video:
    """Return the file that the upload has become. Raises UploadFinished if there is none, or no longer one."""
    status = await state_of(services, uid, completion.upload_id)
    if status.video is not None:
        _check_file_id(status.video.main_service_file_id, completion)
        return status.video
    if status.state == UploadState.OPEN:
        raise errors.Unavailable("The file could not be stored. Complete again.")
    became = "ready, and has been deleted since" if status.state == UploadState.READY else status.state
    why = f" ({status.reason})" if status.state == UploadState.REJECTED else ""
    raise errors.UploadFinished(f"The upload is {became}{why}; start a new one if needed.")
