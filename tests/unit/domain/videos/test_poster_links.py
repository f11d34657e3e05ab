"""Links to posters: who made them, and until when they work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reelgate.domain.videos.poster_links import capability, is_capability, poster_path, window_of_link
from reelgate.domain.videos.stream_windows import StreamWindow
from tests.fixtures.bookkeeping import NOON

SECRET = "0123456789abcdef0123456789abcdef"
HOUR = StreamWindow.of("f1", NOON, seconds=3600)


def test_a_link_names_its_poster_and_is_the_same_during_a_window() -> None:
    path = poster_path("auth0|ada", HOUR, SECRET)
    assert path == f"/v1/posters/auth0%7Cada/f1/{capability(HOUR, SECRET)}"
    later = StreamWindow.of("f1", HOUR.ends_at - timedelta(seconds=1), seconds=3600)
    assert poster_path("auth0|ada", later, SECRET) == path


def test_a_link_works_as_long_as_the_signed_urls_of_its_window() -> None:
    given = capability(HOUR, SECRET)
    for age, works in ((0, True), (3600, True), (7199, True), (7200, False), (10_800, False)):
        now = HOUR.starts_at + timedelta(seconds=age)
        found = window_of_link(given, StreamWindow.of("f1", now, seconds=3600), SECRET)
        assert found == (HOUR if works else None), age


@pytest.mark.parametrize(
    "wrong",
    [
        capability(HOUR, SECRET[:-1] + "0"),
        capability(StreamWindow.of("f2", NOON, seconds=3600), SECRET),
        capability(StreamWindow.of("f1", NOON, seconds=1800), SECRET),
        capability(HOUR, SECRET)[:-1] + "~",
    ],
)
def test_another_secret_file_or_window_makes_another_link(wrong: str) -> None:
    assert window_of_link(wrong, HOUR, SECRET) is None


def test_the_form_of_a_capability() -> None:
    assert is_capability(capability(HOUR, SECRET))
    assert not any(map(is_capability, ("", "x" * 23, "x" * 25, "x" * 23 + "=", "ä" * 24, "x" * 23 + "\n")))
