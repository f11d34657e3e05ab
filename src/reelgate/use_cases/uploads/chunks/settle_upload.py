"""End an upload whose bytes have been sent, without waiting for the bucket's event: join its parts, or look at its object."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.domain.files import names
from reelgate.ports.books import ReadSet
from reelgate.ports.identity import Caller
from reelgate.use_cases.books.commit import AuditEvent
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.uploads.chunks.complete_upload import Completion, Services, complete_upload
from reelgate.use_cases.uploads.inspect_upload import finished_video


async def settle_upload(
    services: Services, caller: Caller, upload_id: str, *, crc32c: str | None = None, audit: AuditEvent | None = None
) -> Video:
    """Return the video that an upload has become. Repeating it changes nothing.

    Args:
        crc32c: of the whole file; compared before parts are joined, and with the stored file.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        UploadIncomplete: its bytes have not arrived.
        UploadFinished: it was cancelled, rejected or deleted, or has expired.
        ChunkDiffers: the file has another CRC32C. If it was not sent in parts, it is a video all the same.
        All errors of `complete_upload`.
    """
    video = await _settled(services, caller, upload_id, crc32c, audit)
    if crc32c not in {None, video.crc32c}:
        raise errors.ChunkDiffers(
            "The file that is stored is not the one that was announced. Delete the video, and send the file again.",
            hint=f"Its CRC32C is {video.crc32c}.",
        )
    return video


async def _settled(services: Services, caller: Caller, upload_id: str, crc32c: str | None, audit: AuditEvent | None) -> Video:
    upload = (await services.books.read(caller.uid, ReadSet(upload_id=upload_id))).upload
    if upload is None or upload.chunked:
        return await complete_upload(services, caller, Completion(upload_id=upload_id, crc32c=crc32c), audit=audit)
    finished = await finish_upload(services, names.object_name(caller.uid, upload_id, upload.filename))
    if finished.verdict is Verdict.ABSENT:
        raise errors.UploadIncomplete("The file has not arrived completely. Send the rest, then try again.")
    return await finished_video(services, caller.uid, upload_id)
