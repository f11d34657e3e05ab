"""Complete a chunked upload: check that all chunks have arrived, seal the upload, and compose one object from them.

Each step may be repeated: after a crash at any point, by two requests at once, and after success.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.files import names
from reelgate.domain.uploads import chunked_uploads
from reelgate.domain.uploads.divided_uploads import check_divided
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.objects.compose_upload import compose_upload
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.objects.list_parts import list_parts, remove_parts
from reelgate.use_cases.uploads.inspect_upload import finished_video


class Services(CommitServices, HasFunctionName, Protocol):
    """What completing a chunked upload needs."""


@value_type
class Completion:
    """A client's request to complete an upload. `crc32c` is of the whole file; None if the client does not send it.

    `total_chunks` is None for an upload that was divided at its start; `main_service_file_id` is not compared if it is None.
    """

    upload_id: str
    total_chunks: int | None = None
    main_service_file_id: int | str | None = None
    crc32c: str | None = None


async def complete_upload(
    services: Services, caller: Caller, completion: Completion, *, audit: AuditEvent | None = None
) -> Video:
    """Return the finished file. Its message `video.ready` is written in the same commit.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        InvalidRequest: it is not a chunked upload, or `completion` differs from an earlier request.
        UploadNotDivided: the number of its chunks is not known, and `completion` does not say it.
        ChunksMissing, ChunksLeftOver: the chunks in the bucket are not those announced. Nothing was changed.
        ChunkDiffers: the CRC32C of the whole file is not the announced one. Nothing was changed.
        UploadFinished: it was cancelled, rejected or deleted, or has expired.
        BooksBusy, Unavailable: the same call again continues where this one stopped.
    """
    uid = caller.uid
    upload = (await services.books.read(uid, ReadSet(upload_id=completion.upload_id))).upload
    counted = completion
    if upload is not None:
        counted = _check(upload, completion)
        if upload.sealed_chunks is None:
            upload = await _seal(services, uid, counted, audit)
    if upload is not None:
        _check(upload, completion)  # another request can have sealed it
        await compose_upload(services, uid, upload)
        finished = await finish_upload(services, names.object_name(uid, upload.upload_id, upload.filename))
        if finished.verdict is Verdict.ABSENT:
            await _explain(services, uid, counted)
    try:
        video = await finished_video(services, uid, completion.upload_id)
    except errors.UploadFinished:  # cancelled or rejected meanwhile: objects composed since then are left over
        await remove_parts(services, uid, completion.upload_id)
        raise
    await remove_parts(services, uid, completion.upload_id, sealed=upload.sealed_chunks if upload is not None else None)
    _check_file_id(video.main_service_file_id, completion)
    return video


def _check(upload: OpenUpload, completion: Completion) -> Completion:
    """Return the completion with the number of chunks."""
    if completion.total_chunks is None:
        return replace(completion, total_chunks=check_divided(upload))
    chunked_uploads.check_chunked(upload)
    _check_file_id(upload.main_service_file_id, completion)
    if upload.sealed_chunks not in {None, completion.total_chunks}:
        raise errors.InvalidRequest(
            f"The upload is being completed with {upload.sealed_chunks} parts, not {completion.total_chunks}.",
            field="total_chunks",
        )
    return completion


def _check_file_id(granted: int | str | None, completion: Completion) -> None:
    asked = completion.main_service_file_id
    if asked is not None and (
        granted is None or str(granted) != str(asked)
    ):  # clients that build JSON by hand mix 123 and "123"
        raise errors.InvalidRequest(
            "This upload was started for another file.",
            field="main_service_file_id",
            hint="'main_service_file_id' is not the one that the upload was started with.",
        )


async def _seal(services: Services, uid: str, completion: Completion, audit: AuditEvent | None) -> OpenUpload | None:
    """Return the sealed upload; None if it is no longer open."""
    found = await list_parts(services, uid, completion.upload_id)
    result = await commit(services, uid, sealing(completion, found), audit=audit)
    return result.snapshot.upload if result.change is None else result.change.replace_upload


def sealing(completion: Completion, found: Mapping[int, StoredObject]) -> Transaction:
    """Return the transaction that seals an upload with the parts found, by index; once per upload.

    It writes nothing when the upload is not open. Raises as `complete_upload`.
    """

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or snapshot.upload is None:
            return None
        total = completion.total_chunks or 0
        chunked_uploads.check_parts(list(found), total)
        parts = [found[index] for index in range(total)]
        return chunked_uploads.seal(ledger, snapshot.account, snapshot.upload, parts, announced_crc32c=completion.crc32c)

    return Transaction(decide, ReadSet(upload_id=completion.upload_id, entry_id=EntryId.seal(completion.upload_id)))


async def _explain(services: Services, uid: str, completion: Completion) -> None:
    """Raise the reason why there is no object, if the upload is still open."""
    if (await services.books.read(uid, ReadSet(upload_id=completion.upload_id))).upload is not None:
        chunked_uploads.check_parts(list(await list_parts(services, uid, completion.upload_id)), completion.total_chunks or 0)
        raise errors.Unavailable("The parts of the file could not be joined. Try again.")
