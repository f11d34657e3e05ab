"""Settings of converting videos."""

from __future__ import annotations

import re

from reelgate.config.reader import BUCKET, Reader, words
from reelgate.domain.media.conversion import MAX_POSTER_BYTES, ConversionRules, HlsMode
from reelgate.domain.playback.renditions.kinds import KINDS
from reelgate.domain.value_types import value_type

DATABASE = re.compile(r"\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9]")
"""The id of a Firestore database (Firestore docs, "Create and manage databases")."""


ENCODER = re.compile(r"[a-z0-9_]{1,64}")
"""FFmpeg's name of an encoder."""
HLS_MODES: tuple[HlsMode, ...] = ("automatic", "on_request", "off")


@value_type
class ConversionSettings:
    """The rules, and where results go: the bucket for posters and MP3s, the database for the records of derived media."""

    derived_bucket: str
    media_database: str
    rules: ConversionRules


def conversion_from(read: Reader, media_bucket: str) -> ConversionSettings:
    """Return the settings. Derived media need their own bucket: in the bucket with the videos they would trigger `finalize`."""
    derived = read.parsed("REELGATE_DERIVED_BUCKET", f"{media_bucket}-derived", _bucket)
    if derived == media_bucket:
        read.problems.append("REELGATE_DERIVED_BUCKET must not be the bucket with the videos")
    # With up to 25 seconds of waiting for a processor, this stays below the 600 that Pub/Sub waits for an answer.
    deadline_seconds = read.whole("REELGATE_CONVERT_DEADLINE_SECONDS", 540, maximum=560)
    day_seconds = read.whole("REELGATE_CONVERT_DAY_SECONDS", 3600)
    if day_seconds < deadline_seconds:
        read.problems.append("REELGATE_CONVERT_DAY_SECONDS must be at least REELGATE_CONVERT_DEADLINE_SECONDS")
    return ConversionSettings(
        derived_bucket=derived,
        media_database=read.parsed("REELGATE_MEDIA_DATABASE", "reelgate-media", _database),
        rules=ConversionRules(
            automatic=read.choice("REELGATE_AUDIO", "automatic", ("automatic", "on_request")) == "automatic",
            hls=read.choice("REELGATE_HLS", "automatic", HLS_MODES),
            max_seconds=read.whole("REELGATE_CONVERT_MAX_SECONDS", 4 * 3600, maximum=86_400),
            attempts=read.whole("REELGATE_CONVERT_ATTEMPTS", 3, maximum=10),
            deadline_seconds=deadline_seconds,
            audio_percent=read.whole("REELGATE_AUDIO_MAX_PERCENT", 200, maximum=10_000),
            audio_floor_bytes=read.whole("REELGATE_AUDIO_FLOOR_BYTES", 8 * 1024 * 1024),
            poster_bytes=read.whole("REELGATE_POSTER_MAX_BYTES", 256 * 1024, minimum=16 * 1024, maximum=MAX_POSTER_BYTES),
            derived_percent=read.whole("REELGATE_DERIVED_LIMIT_PERCENT", 100, minimum=0, maximum=10_000),
            day_seconds=day_seconds,
            runs_at_once=read.whole("REELGATE_CONVERT_RUNS_PER_USER", 2, maximum=100),
            renditions=read.parsed("REELGATE_HLS_RENDITIONS", (), _renditions),
            encoder=read.parsed("REELGATE_HLS_ENCODER", "libx264", _encoder),
        ),
    )


def _renditions(text: str) -> tuple[str, ...]:
    labels = () if text == "none" else words(text)
    known = [kind.label for kind in KINDS]
    if not set(labels) <= set(known):
        raise ValueError(f"'{text}' is neither none nor a list of {', '.join(known)}")
    return labels


def _encoder(text: str) -> str:
    if not ENCODER.fullmatch(text):
        raise ValueError(f"'{text}' is not the name of an encoder")
    return text


def _database(text: str) -> str:
    if not DATABASE.fullmatch(text):
        raise ValueError(f"'{text}' is not the id of a database")
    return text


def _bucket(text: str) -> str:
    if not BUCKET.fullmatch(text):
        raise ValueError(f"'{text}' is not the name of a bucket")
    return text
