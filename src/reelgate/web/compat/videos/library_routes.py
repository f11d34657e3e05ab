"""Routes of the `library` function: videos, their MP3s, and the trash."""

from __future__ import annotations

import asyncio
from typing import Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.files import names
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.storage import HasSigner
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.media.describe_videos import describe_video, list_described_videos, show_video
from reelgate.use_cases.media.request_audio import request_audio
from reelgate.use_cases.uploads.check_uploads import current_account
from reelgate.use_cases.videos.delete_video import delete_video, restore_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.list_videos import list_trash
from reelgate.use_cases.videos.set_title import set_title
from reelgate.web.compat.json_fields import check_fields
from reelgate.web.compat.videos.media_answers import audio_json, file_json
from reelgate.web.compat.videos.video_answers import trash_json, video_json
from reelgate.web.http.answers.json_answers import as_json, instant
from reelgate.web.http.calls import LIST, Call, Route


class Services(CommitServices, HasDerivedBucket, HasDerivedMedia, HasSigner, Protocol):
    """What these routes need."""


async def delete_file(call: Call[Services]) -> Response:
    """Move a video to the trash (video storage)."""
    body = await call.json(may_be_empty=True)
    filename = names.clean_filename(body.get("filename"), missing="No filename provided")
    call.note(filename=filename)
    moved = await delete_video(call.services, call.caller, by_name(filename), audit=call.audit)
    day = moved.account.today
    return as_json(
        {
            "message": "File deleted successfully",
            "email": call.caller.email or moved.account.email,
            "file_deleted": moved.video.filename,
            "file_size": moved.video.size,
            "timestamp": instant(moved.video.deleted_at),
            "date": day.date.isoformat(),
            "updated_deletion_volume": day.deleted_bytes,
            "total_deletion_count": day.deletion_count,
            "file_id": moved.video.file_id,
            "purge_at": instant(moved.video.purge_at),
        }
    )


async def get_files(call: Call[Services]) -> Response:
    """List the caller's videos, newest first."""
    page = await list_described_videos(call.services, call.caller, limit=call.limit(), cursor=call.cursor())
    return as_json({"files": [file_json(one) for one in page.items], "next_cursor": call.next_cursor(page.next_cursor)})


async def get_file(call: Call[Services]) -> Response:
    """Show one of the caller's videos, with a URL of its poster."""
    return as_json(file_json(await show_video(call.services, call.caller, by_name(call.filename()))))


async def patch_file(call: Call[Services]) -> Response:
    """Set or remove a video's title."""
    filename, body = call.filename(), await call.json()
    check_fields(body, {"title"}, hint="only 'title' can be changed")
    if "title" not in body:
        raise errors.InvalidRequest(
            "The title is missing.", field="title", hint="Send 'title' with the new title, or null to remove it."
        )
    title = names.clean_title(body["title"])
    call.note(title=title)
    video = await set_title(call.services, call.caller, by_name(filename), title, audit=call.audit)
    call.note(file_id=video.file_id, filename=video.filename, title=video.title)
    return as_json(file_json(await describe_video(call.services, video)))


async def post_audio(call: Call[Services]) -> Response:
    """Ask for a video's MP3: 202 if that started a conversion, 200 if the MP3 is ready or being made."""
    requested = await request_audio(call.services, call.caller, by_name(call.filename()), audit=call.audit)
    call.note(file_id=requested.video.file_id, filename=requested.video.filename)
    video = {"file_id": requested.video.file_id, "filename": requested.video.filename}
    return as_json(video | {"audio": audio_json(requested.record)}, 202 if requested.ordered else 200)


async def get_trash(call: Call[Services]) -> Response:
    """List the caller's trash, most recently deleted first."""
    page, account = await asyncio.gather(
        list_trash(call.services, call.caller, limit=call.limit(), cursor=call.cursor()),
        current_account(call.services, call.caller),
    )
    return as_json(
        {
            "files": [video_json(video) for video in page.items],
            "next_cursor": call.next_cursor(page.next_cursor),
            **trash_json(account, call.services.policy),
        }
    )


async def post_restore(call: Call[Services]) -> Response:
    """Take a video out of the trash."""
    file_id = call.file_id("file_id", errors.VideoNotFound)
    call.note(file_id=file_id)  # the audit log names it also when there is no room to restore it
    moved = await restore_video(call.services, call.caller, file_id, audit=call.audit)
    return as_json({"message": "File restored successfully", "file": video_json(moved.video)})


ROUTES = (
    Route("DELETE", "/delete-file", delete_file, action="file.deleted"),
    Route("GET", "/files", get_files, query=LIST),
    Route("GET", "/files/{filename}", get_file),
    Route("PATCH", "/files/{filename}", patch_file, action="file.titled", named=("file_id", "filename")),
    Route("POST", "/files/{filename}/audio", post_audio, action="audio.requested"),
    Route("GET", "/trash", get_trash, query=LIST),
    Route("POST", "/trash/{file_id}/restore", post_restore, action="file.restored"),
)
