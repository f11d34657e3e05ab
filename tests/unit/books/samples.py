"""Records for tests that only need some."""

from __future__ import annotations

from datetime import UTC, datetime

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
