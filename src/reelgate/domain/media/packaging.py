"""The HLS of a video: what was packaged for players, or why nothing was (docs/adr/0037-packaging.md).

A video is packaged by copying its packets into one fragmented MP4, so it plays where its pictures can be decoded. Everything
else still plays as one file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal, cast, get_args

from reelgate.domain.media.audio import EXPENSIVE, MAX_EXPENSIVE_REQUESTS
from reelgate.domain.media.conversion import ORDER_AGAIN_AFTER, Reason, derived_folder
from reelgate.domain.value_types import value_type

HlsState = Literal["none", "queued", "running", "ready", "failed", "skipped"]
HlsReason = Literal[
    "no_picture",
    "codec",
    "key_frames",
    "edit_list",
    "out_of_sync",
    "broken_file",
    "encrypted",
    "unsupported",
    "wrong_type",
    "too_long",
    "too_large",
    "out_of_proportion",
    "no_room",
    "day_used_up",
    "too_slow",
    "attempts_exhausted",
    "gone",
    "switched_off",
    "no_encoder",
]
"""Why a video has no HLS. docs/media.md explains each."""

SKIPPED: frozenset[HlsReason] = frozenset(
    {
        *("no_picture", "codec", "key_frames", "edit_list", "out_of_sync", "encrypted", "unsupported", "wrong_type"),
        *("too_long", "too_large", "out_of_proportion"),
    }
)
"""Nothing went wrong: the file simply cannot be played in pieces."""
PERMANENT: frozenset[HlsReason] = SKIPPED | {"broken_file"}
"""Trying again would give the same result."""

MAX_SYNC_ERROR_SECONDS = 0.040
"""How far sound and pictures may be moved against each other by packaging. Viewers notice more."""
SEGMENT_SECONDS = 4.0
"""Segments end at the first key frame after so much."""
MAX_SEGMENT_SECONDS = 60.0
MAX_SEGMENT_BYTES = 64 * 1024 * 1024
"""A player loads whole segments, so one that is larger or longer makes it wait and fill its memory."""
MAX_SEGMENTS = 20_000
"""22 hours of usual segments, and an index of half a megabyte."""
SPRITE_TILES = 100
MAX_SPRITE_BYTES = 512 * 1024
"""How large the sheet of small pictures may be."""
HLS_TYPE, INDEX_TYPE, SPRITES_TYPE = "video/mp4", "application/json", "image/jpeg"


@value_type
class Sprites:
    """A sheet of small pictures, shown while somebody seeks: row by row, `columns` in each, each of them `width` x `height`
    pixels. `starts` says for each from which millisecond of the video on it is shown.
    """

    width: int
    height: int
    columns: int
    starts: tuple[int, ...]


@value_type
class RenditionSize:
    """A rendition in short: the name of its object, its size in pixels and in bytes."""

    name: str
    width: int
    height: int
    size: int


@value_type
class Hls:
    """What was packaged of a video.

    Attributes:
        reason: why there is nothing, and `retry_at` from when on it can be requested again, if that is only a matter of time.
        bytes: of all objects together.
        request: how often it was requested by a user.
        ordered_at: when the message about that request was last sent.
        expensive_requests: how many requests ended with one of the reasons `EXPENSIVE`.
    """

    state: HlsState = "none"
    reason: HlsReason | None = None
    bytes: int = 0
    renditions: tuple[RenditionSize, ...] = ()
    sprites: Sprites | None = None
    ready_at: datetime | None = None
    retry_at: datetime | None = None
    request: int = 0
    ordered_at: datetime | None = None
    expensive_requests: int = 0

    @property
    def pending(self) -> bool:
        """Whether it was requested and is not finished."""
        return self.state in {"queued", "running"}

    @property
    def impossible(self) -> HlsReason | None:
        """The reason why there will never be any, if there is one."""
        tried = self.reason in EXPENSIVE and self.expensive_requests >= MAX_EXPENSIVE_REQUESTS
        return self.reason if self.reason in PERMANENT or tried else None

    def ordered_lately(self, now: datetime) -> bool:
        """Whether the message about a request that waits was sent so recently that it need not be sent again."""
        return self.pending and self.ordered_at is not None and now < self.ordered_at + ORDER_AGAIN_AFTER

    def requested(self, request: int, *, restored: bool, automatic: bool) -> Hls:
        """Return the state after it is requested: by the deployment, by a user (a higher number), or after a restore.

        A known request, a finished packaging and an impossible one change nothing.
        """
        asked = request > self.request
        again = asked and self.state in {"failed", "skipped"} and self.impossible is None
        first = self.state == "none" and (asked or automatic)
        returned = restored and self.reason == "gone"
        state = replace(self, request=max(request, self.request))
        if first or again or returned:
            return replace(state, state="queued", reason=None, retry_at=None)
        return state

    def running(self) -> Hls:
        """Return the state while a run works on it, if it was requested."""
        return replace(self, state="running") if self.pending else self

    def waiting(self) -> Hls:
        """Return the state after a run that did not come to it, or failed in a way that is tried again."""
        return replace(self, state="queued") if self.pending else self

    def ended(self, reason: HlsReason | Reason, *, retry_at: datetime | None = None) -> Hls:
        """Return the state with the reason why there is nothing, if it was requested."""
        if not self.pending:
            return self
        why = hls_reason(reason)
        expensive = self.expensive_requests + (why in EXPENSIVE and self.request > 0)
        state: HlsState = "skipped" if why in SKIPPED else "failed"
        return replace(self, state=state, reason=why, retry_at=retry_at, expensive_requests=expensive)

    def packaged(self, renditions: tuple[RenditionSize, ...], *, size: int, sprites: Sprites | None, now: datetime) -> Hls:
        """Return the state with what was made: `size` is that of all objects in bytes."""
        return replace(
            self, state="ready", reason=None, retry_at=None, bytes=size, renditions=renditions, sprites=sprites, ready_at=now
        )


class CannotPackage(Exception):
    """A video cannot be packaged, because of the file itself."""

    def __init__(self, reason: HlsReason) -> None:
        super().__init__(reason)
        self.reason = reason


def hls_reason(reason: str) -> HlsReason:
    """Return a reason as one of packaging. What only prevents an MP3 is a broken file here: it does not reach packaging."""
    return cast("HlsReason", reason) if reason in get_args(HlsReason) else "broken_file"


def hls_folder(uid: str, file_id: str, generation: int) -> str:
    """Return the name prefix of the objects that a player needs."""
    return f"{derived_folder(uid, file_id)}{generation}/hls/"


def rendition_object(uid: str, file_id: str, generation: int, name: str) -> str:
    """Return the object name of a rendition (`v0`)."""
    return f"{hls_folder(uid, file_id, generation)}{name}.mp4"


def index_object(uid: str, file_id: str, generation: int) -> str:
    """Return the object name of the index of segments. It is written last: if it is there, everything is."""
    return f"{hls_folder(uid, file_id, generation)}index.json"


def shards_folder(uid: str, file_id: str, generation: int, name: str) -> str:
    """Return the name prefix of what is made of a rendition before it is complete."""
    return f"{hls_folder(uid, file_id, generation)}{name}/"


def sprites_object(uid: str, file_id: str, generation: int) -> str:
    """Return the object name of the sheet of small pictures."""
    return f"{hls_folder(uid, file_id, generation)}thumbs.jpg"
