"""What the S3-shaped routes take, and the XML that they answer with."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from reelgate.domain.books.video import Video
from reelgate.domain.files.names import MAX_SIZE_BYTES, MAX_TITLE_CHARACTERS, clean_filename, clean_title
from reelgate.domain.files.part_names import MAX_CHUNKS
from reelgate.use_cases.uploads.chunks.list_upload_parts import UploadParts
from reelgate.web.http.answers.xml_answers import Element, xml_answer
from reelgate.web.http.shapes import checked_by
from reelgate.web.v1.uploads.upload_shapes import Size

BUCKET = "reelgate"
"""The bucket that answers name. It is none of Cloud Storage: S3's clients only expect that there is a name."""


class NewMultipartUpload(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file that is to be uploaded in parts. S3's clients send nothing in the body."""

    filename: Annotated[
        str,
        Meta(description="A plain name, without a path. It is taken until the upload ends.", examples=["holiday.mp4"]),
        checked_by(clean_filename),
    ]
    size: Size
    part_size: Annotated[
        int,
        Meta(
            ge=1,
            le=MAX_SIZE_BYTES,
            description=f"Bytes of every part but the last; at most {MAX_CHUNKS} parts.",
            examples=[16777216],
        ),
    ]
    content_type: Annotated[
        str | None, Meta(description="By default, the one that the name's ending stands for.", examples=["video/mp4"])
    ] = None
    title: Annotated[
        str | None,
        Meta(description=f"One line of 1 to {MAX_TITLE_CHARACTERS} characters.", examples=["Our holiday"]),
        checked_by(clean_title),
    ] = None


def initiated(upload_id: str) -> Response:
    """Return the answer about a new upload."""
    members = [("Bucket", BUCKET), ("Key", upload_id), ("UploadId", upload_id)]
    return xml_answer("InitiateMultipartUploadResult", members)


def listed(upload_id: str, parts: UploadParts) -> Response:
    """Return the list of parts: one page, whatever their number, because S3's clients in browsers read no second one."""
    members: list[Element] = [
        ("Bucket", BUCKET),
        ("Key", upload_id),
        ("UploadId", upload_id),
        ("MaxParts", MAX_CHUNKS),
        ("IsTruncated", "false"),
    ]
    for index, crc32c in parts.items():
        members.append(("Part", [("PartNumber", index + 1), ("ETag", f'"{crc32c}"')]))
    return xml_answer("ListPartsResult", members)


def completed(video: Video) -> Response:
    """Return the answer about an upload that has become a video."""
    return xml_answer(
        "CompleteMultipartUploadResult",
        [
            ("Location", f"/v1/videos/{video.file_id}"),
            ("Bucket", BUCKET),
            ("Key", video.file_id),
            ("ETag", f'"{video.crc32c}"'),
        ],
    )
