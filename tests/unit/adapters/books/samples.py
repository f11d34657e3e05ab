"""Records for tests that only need some."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.video import Video

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
VIDEO = Video(
    uid="ada",
    file_id="u1",
    filename="a.mp4",
    size=100,
    content_type="video/mp4",
    crc32c="AAAAAA==",
    generation=7,
    uploaded_at=AT,
    created_at=AT,
)
GRANT = PlaybackGrant(
    grant_id="OHZoiDQiNhtUVA0z",
    uid="ada",
    file_id="u1",
    digest="0" * 64,
    created_at=AT,
    expires_at=AT + timedelta(days=7),
    origins=("https://a.example", "https://b.example:8443"),
)
