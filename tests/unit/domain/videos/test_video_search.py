"""Which videos a search finds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain.videos.video_search import VideoSearch, VideoType, type_of
from tests.unit.adapters.books.samples import VIDEO

HOLIDAY = replace(VIDEO, filename="2026-07 Été à Nîmes.MP4", title="Our holiday")


@pytest.mark.parametrize(
    "text", [None, "", "  ", "ete", "ÉTÉ", "e\u0301te\u0301", "holi", "HOLIDAY our", "nimes holiday", "07", ".mp4", "day"]
)
def test_every_word_is_in_the_title_or_the_file_name(text: str | None) -> None:
    assert VideoSearch.of(text).matches(HOLIDAY)


@pytest.mark.parametrize("text", ["hiver", "holiday hiver", "dayour", "holiday2026"])
def test_what_is_in_neither_is_not_found(text: str) -> None:
    assert not VideoSearch.of(text).matches(HOLIDAY)


def test_a_video_without_a_title_is_found_by_its_file_name() -> None:
    assert VideoSearch.of("nimes").matches(replace(HOLIDAY, title=None))
    assert not VideoSearch.of("none").matches(replace(HOLIDAY, title=None))


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [("video/mp4", "video"), ("audio/mpeg", "audio"), ("application/mxf", "other"), ("videos/x", "other")],
)
def test_the_type_is_that_of_the_content_type(content_type: str, kind: VideoType) -> None:
    video = replace(VIDEO, content_type=content_type)
    assert type_of(video) == kind
    kinds: tuple[VideoType, ...] = ("video", "audio", "other")
    assert [one for one in kinds if VideoSearch.of(None, one).matches(video)] == [kind]


def test_only_nothing_finds_all() -> None:
    assert VideoSearch.of(" ").finds_all
    assert not VideoSearch.of("a").finds_all
    assert not VideoSearch.of(None, "audio").finds_all
