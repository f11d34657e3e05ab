from __future__ import annotations

import pytest

from reelgate.domain.media_types import media_type_for


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("film.mp4", "video/mp4"),
        ("talk.MP3", "audio/mpeg"),
        ("talk.m4a", "audio/mp4"),
        ("talk.wav", "audio/wav"),
        ("talk.flac", "audio/flac"),
        ("talk.ogg", "audio/ogg"),
        ("film.ogv", "video/ogg"),
        ("talk.opus", "audio/ogg"),
        ("a.b.webm", "video/webm"),
        ("notes.txt", "application/octet-stream"),
        ("mp3", "application/octet-stream"),
        (".mp3", "audio/mpeg"),
    ],
)
def test_the_ending_says_it_where_nobody_else_does(name: str, expected: str) -> None:
    assert media_type_for(name, None) == media_type_for(name, "application/octet-stream") == expected


def test_what_a_client_says_counts() -> None:
    assert media_type_for("film.mp4", "video/webm") == "video/webm"
