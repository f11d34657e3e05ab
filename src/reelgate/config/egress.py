"""Settings of settling what was charged with what was sent."""

from __future__ import annotations

from reelgate.config.reader import BUCKET, Reader
from reelgate.domain.value_types import value_type


@value_type
class EgressSettings:
    """`settles`: whether charges are settled with usage logs, which lie in the bucket `logs_bucket`, or stay estimates."""

    settles: bool
    logs_bucket: str


def egress_from(read: Reader, media_bucket: str) -> EgressSettings:
    """Return the settings."""
    logs = read.parsed("REELGATE_USAGE_LOGS_BUCKET", f"{media_bucket}-usage-logs", _bucket)
    if logs == media_bucket:
        read.problems.append("REELGATE_USAGE_LOGS_BUCKET must not be the bucket with the videos")
    return EgressSettings(
        settles=read.choice("REELGATE_EGRESS", "estimate", ("estimate", "settle")) == "settle", logs_bucket=logs
    )


def _bucket(text: str) -> str:
    if not BUCKET.fullmatch(text):
        raise ValueError(f"'{text}' is not the name of a bucket")
    return text
