"""Videos, their captions, and the trash."""

from __future__ import annotations

from collections.abc import Mapping

from reelgate_client.aio.api import AsyncApi
from reelgate_client.core.calls import Call
from reelgate_client.models import Captions, EmptiedTrash, SignedAudioUrl, SignedVideoUrl, Trash, Video, VideoList


class AsyncVideosApi:
    """The videos of the account."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api
        self.captions = AsyncCaptionsApi(api)

    async def list(
        self,
        *,
        search: str | None = None,
        sort: str | None = None,
        state: str | None = None,
        type: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> VideoList:
        """List videos, by default the last uploaded first. A page of a search can be empty although there are more."""
        query = {"search": search, "sort": sort, "state": state, "type": type, "limit": limit, "cursor": cursor}
        return await self._api.fetch(VideoList, Call(method="GET", path="/v1/videos", query=query))

    async def get(self, video_id: str) -> Video:
        """Show a video, also one in the trash."""
        return await self._api.fetch(Video, _one("GET", "", video_id))

    async def rename(self, video_id: str, title: str | None) -> Video:
        """Give it a title; None removes it."""
        return await self._api.fetch(Video, _one("PATCH", "", video_id, {"title": title}))

    async def delete(self, video_id: str) -> None:
        """Move it to the trash. Its bytes and its name are free at once."""
        await self._api.send(_one("DELETE", "", video_id))

    async def restore(self, video_id: str) -> Video:
        """Take it out of the trash."""
        return await self._api.fetch(Video, _one("POST", "/restore", video_id))

    async def url(self, video_id: str, *, download: bool | None = None) -> SignedVideoUrl:
        """Return a URL of the file that works for at least an hour. The first one of a window charges the file's size."""
        return await self._api.fetch(SignedVideoUrl, _one("GET", "/url", video_id, query={"download": download}))

    async def audio_url(self, video_id: str) -> SignedAudioUrl:
        """Return a URL of its MP3."""
        return await self._api.fetch(SignedAudioUrl, _one("GET", "/audio-url", video_id))

    async def request_audio(self, video_id: str) -> Video:
        """Order its MP3, where there is none."""
        return await self._api.fetch(Video, _one("POST", "/audio", video_id))

    async def package_hls(self, video_id: str) -> Video:
        """Order what makes it play in pieces, where there is none."""
        return await self._api.fetch(Video, _one("POST", "/hls", video_id))


class AsyncCaptionsApi:
    """The captions of a video, as WebVTT, one file in each language."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api

    async def put(
        self, video_id: str, language: str, text: str, *, label: str | None = None, default: bool | None = None
    ) -> Captions:
        """Add captions, or replace those in this language."""
        call = Call(
            method="PUT",
            path="/v1/videos/{video_id}/captions/{language}",
            variables={"video_id": video_id, "language": language},
            query={"label": label, "default": default},
            content=text.encode(),
            content_type="text/vtt",
        )
        return await self._api.fetch(Captions, call)

    async def get(self, video_id: str, language: str) -> str:
        """Return the WebVTT."""
        return (await self._api.send(self._one("GET", video_id, language))).text

    async def delete(self, video_id: str, language: str) -> None:
        """Remove captions."""
        await self._api.send(self._one("DELETE", video_id, language))

    def _one(self, method: str, video_id: str, language: str) -> Call:
        variables = {"video_id": video_id, "language": language}
        return Call(method=method, path="/v1/videos/{video_id}/captions/{language}", variables=variables)


class AsyncTrashApi:
    """Deleted videos that can still be restored."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api

    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> Trash:
        """List them, the last deleted first."""
        return await self._api.fetch(Trash, Call(method="GET", path="/v1/trash", query={"limit": limit, "cursor": cursor}))

    async def empty(self) -> EmptiedTrash:
        """Remove up to 100 videos for good. Repeat it until it is complete."""
        return await self._api.fetch(EmptiedTrash, Call(method="DELETE", path="/v1/trash"))

    async def purge(self, video_id: str) -> None:
        """Remove one video for good."""
        await self._api.send(Call(method="DELETE", path="/v1/trash/{video_id}", variables={"video_id": video_id}))


def _one(
    method: str,
    verb: str,
    video_id: str,
    body: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
) -> Call:
    path = "/v1/videos/{video_id}" + verb
    return Call(
        method=method, path=path, variables={"video_id": video_id}, body=body, query=query or {}, repeatable=verb != "/restore"
    )
