"""Videos with their audio, poster and technical facts, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reelgate.domain.media.audio import Audio
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.use_cases.media.describe_videos import DescribedVideo
from reelgate.web.compat.videos.video_answers import video_json
from reelgate.web.http.answers.json_answers import instant


def media_json(record: DerivedMedia | None, *, poster_url: str | None = None) -> dict[str, Any]:
    """Return the members `media` and `audio` of a video: `pending` and `none` before it was examined."""
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
    """Return the state of a video's MP3."""
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


def file_json(described: DescribedVideo) -> dict[str, Any]:
    """Return a video with its members `media` and `audio`."""
    return video_json(described.video) | media_json(
        described.record, poster_url=described.poster.url if described.poster else None
    )
