"""List the parts of a divided upload that need not be sent any more, by their indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from reelgate.domain.files.part_names import MAX_CHUNKS
from reelgate.domain.uploads.divided_uploads import check_divided
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.objects.list_parts import list_parts
from reelgate.use_cases.uploads.inspect_upload import finished_video

type UploadParts = Mapping[int, str]
"""The CRC32C of each part by its index; of the whole file where the parts have been joined."""

MIN_JOINED_BYTES = 5 * 1024 * 1024
"""Parts of a file that is finished are listed as if they had had this size: S3's clients send no smaller ones."""


class Services(HasBooks, HasMedia, Protocol):
    """What listing parts needs."""


async def list_upload_parts(services: Services, caller: Caller, upload_id: str) -> UploadParts:
    """Return the parts that have arrived: those in the bucket, or all of an upload that is sealed or has become a video.

    So whoever did not get the answer to a completion finds nothing missing, and completes again. How many parts a finished
    file was sent in is not kept; there can be more in the list than there were.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        UploadNotDivided: it is open, and was not divided at its start.
        UploadFinished: it was cancelled, rejected or deleted, or has expired.
        Unavailable: the bucket cannot be reached.
    """
    upload = (await services.books.read(caller.uid, ReadSet(upload_id=upload_id))).upload
    if upload is None:
        video = await finished_video(services, caller.uid, upload_id)
        return dict.fromkeys(range(min(MAX_CHUNKS, -(-video.size // MIN_JOINED_BYTES))), video.crc32c)
    count = check_divided(upload)
    if upload.sealed_chunks is not None:
        return dict.fromkeys(range(count), upload.crc32c or "")
    return {index: part.crc32c for index, part in (await list_parts(services, caller.uid, upload_id)).items()}
