"""Routes of version 1 in the `library` function: videos, their MP3s, and the trash."""

from __future__ import annotations

import asyncio
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.limits import trash_limit
from reelgate.domain.books.video import VideoOrder
from reelgate.domain.videos.video_search import VideoSearch
from reelgate.ports.media import HasConversion, HasDerivedBucket, HasDerivedMedia
from reelgate.ports.runtime import HasApiUrl, HasFunctionName
from reelgate.ports.storage import HasSigner
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.media import describe_videos as describing
from reelgate.use_cases.media import request_audio as requesting
from reelgate.use_cases.media.request_hls import request_hls as request_packaging
from reelgate.use_cases.media.search_videos import VideoQuery, search_videos
from reelgate.use_cases.uploads.check_uploads import current_account
from reelgate.use_cases.videos import delete_video as deleting
from reelgate.use_cases.videos import empty_trash as emptying
from reelgate.use_cases.videos.find_video import by_id
from reelgate.use_cases.videos.set_title import set_title
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import Answer, ListQuery, v1
from reelgate.web.v1.videos.video_shapes import (
    EmptiedTrash,
    Trash,
    Video,
    VideoChanges,
    VideoList,
    VideoListQuery,
    video_of,
)


class Services(
    CommitServices, HasApiUrl, HasConversion, HasDerivedBucket, HasDerivedMedia, HasFunctionName, HasSigner, Protocol
):
    """What these routes need."""


_ORDERS = {
    "uploaded_at": VideoOrder("uploaded_at", descending=False),
    "-uploaded_at": VideoOrder("uploaded_at", descending=True),
    "title": VideoOrder("title_key", descending=False),
    "-title": VideoOrder("title_key", descending=True),
    "size": VideoOrder("size", descending=False),
    "-size": VideoOrder("size", descending=True),
}


async def list_videos(call: Call[Services], query: VideoListQuery) -> VideoList:
    """List your videos.

    Searched, filtered and sorted. A page of a search may be short, even empty, although there are more: continue until
    `next_cursor` is null. At most 500 videos are examined for a page, or `limit`, if that is larger.
    """
    wanted = VideoQuery(order=_ORDERS[query.sort], search=VideoSearch.of(query.search, query.type), state=query.state)
    page = await search_videos(call.services, call.caller, wanted, limit=query.limit, cursor=call.cursor())
    return VideoList(items=[video_of(one) for one in page.items], next_cursor=call.next_cursor(page.next_cursor))


async def get_video(call: Call[Services]) -> Video:
    """Show one of your videos, also one in the trash.

    It has `deleted_at` and `purge_at` then, and no URL until it is restored.
    """
    return video_of(await describing.show_video_by_id(call.services, call.caller, _video_id(call)))


async def update_video(call: Call[Services], changes: VideoChanges) -> Video:
    """Change a video's title.

    The file keeps its name. The title is shown in lists and found by searches.
    """
    video_id = _video_id(call)
    call.note(file_id=video_id, title=changes.title)
    video = await set_title(call.services, call.caller, by_id(video_id), changes.title, audit=call.audit)
    call.note(filename=video.filename, title=video.title)
    return video_of(await describing.link_video(call.services, video))


async def delete_video(call: Call[Services]) -> None:
    """Move a video to the trash.

    It no longer counts as stored, and can be restored until it is purged. Deleting it again changes nothing.
    """
    video_id = _video_id(call)
    call.note(file_id=video_id)
    await deleting.delete_video_once(call.services, call.caller, video_id, audit=call.audit)


async def restore_video(call: Call[Services]) -> Video:
    """Take a video out of the trash.

    It needs its file name and its room in your storage back. Restoring it again changes nothing.
    """
    video_id = _video_id(call)
    call.note(file_id=video_id)  # the audit log names it also when there is no room to restore it
    video = await deleting.restore_video_once(call.services, call.caller, video_id, audit=call.audit)
    return video_of(await describing.link_video(call.services, video))


async def request_audio(call: Call[Services]) -> Answer[Video]:
    """Request a video's MP3.

    200: it is ready. 202: it is being made; `audio.state` says how far it is. A request while it is being made changes nothing.
    """
    video_id = _video_id(call)
    call.note(file_id=video_id)
    requested = await requesting.request_audio(call.services, call.caller, by_id(video_id), audit=call.audit)
    [shown] = await describing.link_videos(call.services, [(requested.video, requested.record)])
    return Answer(video_of(shown), status=200 if requested.record.audio.state == "ready" else 202)


async def request_hls(call: Call[Services]) -> Answer[Video]:
    """Request that a video is prepared for playing in pieces.

    Needed only to try again, or where a deployment prepares videos on request. 200: it is ready. 202: it is being prepared;
    `playback.state` says how far it is. A request meanwhile changes nothing.
    """
    video_id = _video_id(call)
    call.note(file_id=video_id)
    requested = await request_packaging(call.services, call.caller, by_id(video_id), audit=call.audit)
    [shown] = await describing.link_videos(call.services, [(requested.video, requested.record)])
    return Answer(video_of(shown), status=200 if requested.record.hls.state == "ready" else 202)


async def list_trash(call: Call[Services], page: ListQuery) -> Trash:
    """List your trash, the last deleted first.

    Each video has `purge_at`: until then it can be restored, unless the trash has to make room. It has as many bytes as
    `trash_limit` at most; beyond that, what would be purged first is removed for good.
    """
    found, account = await asyncio.gather(
        describing.list_linked_trash(call.services, call.caller, limit=page.limit, cursor=call.cursor()),
        current_account(call.services, call.caller),
    )
    return Trash(
        items=[video_of(one) for one in found.items],
        next_cursor=call.next_cursor(found.next_cursor),
        trash=account.trash,
        trash_limit=trash_limit(account, call.services.policy),
    )


async def empty_trash(call: Call[Services]) -> Answer[EmptiedTrash]:
    """Remove all videos in your trash for good.

    At most 100 with each request. 200: the trash is empty. 202: there are more; send the request again.
    """
    emptied = await emptying.empty_trash(call.services, call.caller, request_id=call.request_id)
    return Answer(EmptiedTrash(purged=emptied.purged, complete=emptied.complete), status=200 if emptied.complete else 202)


async def purge_video(call: Call[Services]) -> None:
    """Remove a video from your trash for good.

    Removing it again changes nothing.
    """
    video_id = _video_id(call)
    call.note(file_id=video_id)
    await deleting.purge_video_once(call.services, call.caller, video_id, audit=call.audit)


def _video_id(call: Call[Services]) -> str:
    return call.file_id("video_id", errors.VideoNotFound)


ROUTES = (
    v1("GET", "/v1/videos", list_videos, takes=VideoListQuery, gives=VideoList),
    v1("GET", "/v1/videos/{video_id}", get_video, gives=Video, refuses=(errors.VideoNotFound,)),
    v1(
        "PATCH",
        "/v1/videos/{video_id}",
        update_video,
        takes=VideoChanges,
        gives=Video,
        action="file.titled",
        named=("file_id", "filename"),
        refuses=(errors.VideoNotFound,),
    ),
    v1("DELETE", "/v1/videos/{video_id}", delete_video, action="file.deleted", refuses=(errors.VideoNotFound,)),
    v1(
        "POST",
        "/v1/videos/{video_id}/restore",
        restore_video,
        gives=Video,
        action="file.restored",
        refuses=(errors.VideoNotFound, errors.NameTaken, errors.StorageLimitExceeded, errors.AccountDisabled),
    ),
    v1(
        "POST",
        "/v1/videos/{video_id}/audio",
        request_audio,
        gives=Video,
        also={202: "It is being made."},
        action="audio.requested",
        refuses=(errors.VideoNotFound, errors.AudioImpossible, errors.TooManyConversions, errors.AccountDisabled),
    ),
    v1(
        "POST",
        "/v1/videos/{video_id}/hls",
        request_hls,
        gives=Video,
        also={202: "It is being prepared."},
        action="hls.requested",
        refuses=(errors.VideoNotFound, errors.NotPackaged, errors.TooManyConversions, errors.AccountDisabled),
    ),
    v1("GET", "/v1/trash", list_trash, takes=ListQuery, gives=Trash),
    v1(
        "DELETE",
        "/v1/trash",
        empty_trash,
        gives=EmptiedTrash,
        also={202: "There are more: send the request again."},
        action="file.purged",
        audits_itself=True,
    ),
    v1("DELETE", "/v1/trash/{video_id}", purge_video, action="file.purged", refuses=(errors.VideoNotFound,)),
)
