"""What is known of a file's sound and pictures, as JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from reelgate.domain.books.video import Video
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import poster_name
from reelgate.domain.media.derived_media import Audio, DerivedMedia
from reelgate.ports import Services, UrlToSign
from reelgate.web.http.answers import instant, video_json


def media_json(record: DerivedMedia | None, *, poster_url: str | None = None) -> dict[str, Any]:
    """Return the members `media` and `audio` of a file. Nothing known yet is `pending`, and an MP3 in the state `none`."""
    return {
        "media": {
            "state": record.examination if record else "pending",
            "facts": asdict(record.facts) if record and record.facts else None,
            "poster": record.poster if record else "none",
            "poster_url": poster_url,
        },
        "audio": audio_json(record),
    }


def audio_json(record: DerivedMedia | None) -> dict[str, Any]:
    """Return how far a file's MP3 is."""
    audio = record.audio if record else Audio()
    return {
        "state": audio.state,
        "progress_percent": audio.progress_percent,
        "reason": audio.reason,
        "attempts": record.attempts if record else 0,
        "size": audio.size,
        "duration_seconds": audio.duration_seconds,
        "ready_at": instant(audio.ready_at),
    }


async def files_json(services: Services, uid: str, videos: Sequence[Video]) -> list[dict[str, Any]]:
    """Return files as lists show them, with what is known of their sound and pictures: one read for all of them."""
    records = await services.derived_media.get(uid, *(video.file_id for video in videos))
    return [video_json(video) | media_json(records.get(video.file_id)) for video in videos]


async def file_json(services: Services, video: Video) -> dict[str, Any]:
    """Return one file like that, and a URL for its poster, which works as long as one for streaming."""
    record = (await services.derived_media.get(video.uid, video.file_id)).get(video.file_id)
    url = None
    if record is not None and record.poster == "ready":
        wanted = UrlToSign(
            method="GET",
            bucket=services.derived_bucket,
            object_name=poster_name(video.uid, video.file_id, record.generation),
            expires_seconds=services.policy.stream_url_seconds,
        )
        with contextlib.suppress(Unavailable):  # a file can be looked at without its picture
            url = await services.signer.signed_url(wanted, now=services.now())
    return video_json(video) | media_json(record, poster_url=url)
