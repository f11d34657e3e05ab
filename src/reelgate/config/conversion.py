"""Settings of converting videos."""

from __future__ import annotations

from reelgate.config.reader import BUCKET, Reader
from reelgate.domain.media.conversion import ConversionRules
from reelgate.domain.value_types import value_type


@value_type
class ConversionSettings:
    """The rules, and the bucket for posters and MP3s."""

    derived_bucket: str
    rules: ConversionRules


def conversion_from(read: Reader, media_bucket: str) -> ConversionSettings:
    """Return the settings. Derived media need their own bucket: in the bucket with the videos they would trigger `finalize`."""
    derived = read.parsed("REELGATE_DERIVED_BUCKET", f"{media_bucket}-derived", _bucket)
    if derived == media_bucket:
        read.problems.append("REELGATE_DERIVED_BUCKET must not be the bucket with the videos")
    return ConversionSettings(
        derived_bucket=derived,
        rules=ConversionRules(
            automatic=read.choice("REELGATE_AUDIO", "automatic", ("automatic", "on_request")) == "automatic",
            max_seconds=read.whole("REELGATE_CONVERT_MAX_SECONDS", 4 * 3600, maximum=86_400),
            attempts=read.whole("REELGATE_CONVERT_ATTEMPTS", 3, maximum=10),
            # With up to 25 seconds of waiting for a processor, this stays below the 600 that Pub/Sub waits for an answer.
            deadline_seconds=read.whole("REELGATE_CONVERT_DEADLINE_SECONDS", 540, maximum=560),
        ),
    )


def _bucket(text: str) -> str:
    if not BUCKET.fullmatch(text):
        raise ValueError(f"'{text}' is not the name of a bucket")
    return text
