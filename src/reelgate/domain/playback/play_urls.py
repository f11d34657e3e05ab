"""The addresses below that of a play: what the play answer and playlists name."""

from __future__ import annotations

from dataclasses import field
from urllib.parse import quote

from reelgate.domain.value_types import positional_value_type

PLAY_PATH = "/v1/play/{token}"


@positional_value_type
class PlayUrls:
    """The addresses of one token. `api_url` is as in `HasApiUrl`: without it they are relative to the API."""

    api_url: str
    token: str = field(repr=False)

    @property
    def play(self) -> str:
        """Of the play answer."""
        return self.api_url + PLAY_PATH.format(token=self.token)

    def master(self, *, leased: bool) -> str:
        """Of the master playlist, for players that exchange URLs, or for those that do not."""
        return f"{self.play}/master.m3u8{_query(leased)}"

    def rendition(self, name: str, *, leased: bool) -> str:
        """Of a rendition's playlist, likewise."""
        return f"{self.play}/{name}.m3u8{_query(leased)}"

    @property
    def lease(self) -> str:
        """Of leases."""
        return f"{self.play}/lease"

    @property
    def file(self) -> str:
        """Of the URL of the whole file."""
        return f"{self.play}/url"

    @property
    def sprites(self) -> str:
        """Of the cues of the small pictures."""
        return f"{self.play}/sprites.vtt"

    def captions(self, language: str) -> str:
        """Of captions."""
        return f"{self.play}/captions/{quote(language, safe='')}.vtt"

    def captions_playlist(self, language: str) -> str:
        """Of the playlist of captions."""
        return f"{self.play}/captions/{quote(language, safe='')}.m3u8"


def _query(leased: bool) -> str:
    return "?lease=1" if leased else ""
