# Made from aio/playback.py by make_sync.py. Change that file, and run it again.
"""Playback grants of the account, and what the holder of a link gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reelgate_client.sync.api import Api
from reelgate_client.core.calls import Call, given
from reelgate_client.models import CreatedPlaybackGrant, OEmbed, Play, PlaybackGrant, PlaybackGrantList, PlayFile, PlayLease


class GrantsApi:
    """Links by which people without an account watch a video."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(
        self,
        video_id: str,
        *,
        label: str | None = None,
        seconds: int | None = None,
        expires_at: datetime | None = None,
        origins: Sequence[str] | None = None,
        max_plays: int | None = None,
        max_bytes: int | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedPlaybackGrant:
        """Make a link. Its token and URLs are only in this answer, and in that to the same idempotency key."""
        body = given(
            label=label,
            seconds=seconds,
            expires_at=expires_at,
            origins=None if origins is None else list(origins),
            max_plays=max_plays,
            max_bytes=max_bytes,
        )
        call = Call(
            method="POST",
            path="/v1/videos/{video_id}/grants",
            variables={"video_id": video_id},
            body=body,
            idempotency_key=idempotency_key,
        )
        return self._api.fetch(CreatedPlaybackGrant, call)

    def list(self, video_id: str, *, limit: int | None = None, cursor: str | None = None) -> PlaybackGrantList:
        """List the links of a video."""
        query = {"limit": limit, "cursor": cursor}
        call = Call(method="GET", path="/v1/videos/{video_id}/grants", variables={"video_id": video_id}, query=query)
        return self._api.fetch(PlaybackGrantList, call)

    def get(self, grant_id: str) -> PlaybackGrant:
        """Show a link, without its token."""
        return self._api.fetch(
            PlaybackGrant, Call(method="GET", path="/v1/grants/{grant_id}", variables={"grant_id": grant_id})
        )

    def revoke(self, grant_id: str) -> None:
        """End a link."""
        self._api.send(Call(method="DELETE", path="/v1/grants/{grant_id}", variables={"grant_id": grant_id}))

    def revoke_all(self, video_id: str) -> None:
        """End all links of a video."""
        self._api.send(Call(method="DELETE", path="/v1/videos/{video_id}/grants", variables={"video_id": video_id}))


class PlayApi:
    """What the token of a playback grant opens. No account is needed."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, token: str) -> Play:
        """Show the video: title, playlists, captions. Free."""
        return self._api.fetch(Play, self._call("GET", "", token))

    def master_playlist(self, token: str, *, lease: bool | None = None) -> str:
        """Return the HLS master playlist. Without `lease`, the whole file is charged."""
        query = {"lease": None if lease is None else int(lease)}
        return (self._api.send(self._call("GET", "/master.m3u8", token, query=query))).text

    def media_playlist(self, token: str, playlist: str, *, lease: bool | None = None) -> str:
        """Return the HLS playlist of a rendition, for example `v0.m3u8`."""
        query = {"lease": None if lease is None else int(lease)}
        return (self._api.send(self._call("GET", "/{playlist}", token, {"playlist": playlist}, query=query))).text

    def captions(self, token: str, captions_file: str) -> str:
        """Return captions as WebVTT, for example `en.vtt`."""
        call = self._call("GET", "/captions/{captions_file}", token, {"captions_file": captions_file})
        return (self._api.send(call)).text

    def sprites(self, token: str) -> str:
        """Return the small pictures to seek by, as WebVTT."""
        return (self._api.send(self._call("GET", "/sprites.vtt", token))).text

    def lease(
        self,
        token: str,
        rendition: str,
        *,
        number: int | None = None,
        position: float | None = None,
        view: str | None = None,
        idempotency_key: str | None = None,
    ) -> PlayLease:
        """Get a URL for a few minutes of a play; what plays in them is charged. `position` is in seconds."""
        body = {"rendition": rendition, **given(number=number, position=position, view=view)}
        return self._api.fetch(PlayLease, self._call("POST", "/lease", token, body=body, key=idempotency_key))

    def url(self, token: str, *, view: str | None = None, idempotency_key: str | None = None) -> PlayFile:
        """Get a URL of the whole file, which is charged."""
        call = self._call("POST", "/url", token, body=given(view=view), key=idempotency_key)
        return self._api.fetch(PlayFile, call)

    def oembed(
        self, url: str, *, maxwidth: int | None = None, maxheight: int | None = None, format: str | None = None
    ) -> OEmbed:
        """Return how a page shows a link in a frame."""
        query = {"url": url, "maxwidth": maxwidth, "maxheight": maxheight, "format": format}
        return self._api.fetch(OEmbed, Call(method="GET", path="/v1/oembed", query=query, public=True))

    def poster_url(self, user_id: str, video_id: str, capability: str) -> str:
        """Return where a poster link of the API leads. `poster.url` of a video is what to show."""
        variables = {"user_id": user_id, "video_id": video_id, "capability": capability}
        path = "/v1/posters/{user_id}/{video_id}/{capability}"
        response = self._api.send(Call(method="GET", path=path, variables=variables, public=True))
        return str(response.headers["location"])

    def _call(
        self,
        method: str,
        rest: str,
        token: str,
        variables: dict[str, str] | None = None,
        *,
        query: dict[str, int | None] | None = None,
        body: dict[str, object] | None = None,
        key: str | None = None,
    ) -> Call:
        return Call(
            method=method,
            path="/v1/play/{token}" + rest,
            variables={"token": token, **(variables or {})},
            query=query or {},
            body=body,
            idempotency_key=key,
            public=True,
        )
