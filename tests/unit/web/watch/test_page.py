"""The watch page as HTML: what people, other programs and browsers read in it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from reelgate.web.http.answers.content_security import page_headers
from reelgate.web.watch.messages import MESSAGES, UNKNOWN, message_of
from reelgate.web.watch.page import WatchedVideo, clock, message_page, watch_page

ASSETS = "/watch/assets/0123456789abcdef"
API = "https://api.example.com"
NASTY = "</script><script>alert(1)</script>\"' & $title ${x}"


def video(**changes: Any) -> WatchedVideo:
    """Return a video with everything."""
    values: dict[str, Any] = {
        "title": "Holiday",
        "watch_url": f"{API}/watch/rgp_1",
        "play_url": f"{API}/v1/play/rgp_1",
        "poster_url": f"{API}/v1/posters/ada/1/2",
        "width": 1920,
        "height": 1080,
        "duration_seconds": 83.4,
        "expires_at": datetime(2026, 12, 3, 10, tzinfo=UTC),
    }
    return WatchedVideo(**values | changes)


def page_of(**changes: Any) -> str:
    """Return the page of such a video."""
    return watch_page(video(**changes), assets=ASSETS, api_url=API, embedded=False)


class Elements(HTMLParser):
    """Elements with their attributes, and the text in scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "script" and data.strip():
            self.scripts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.found if name == tag]


def test_other_programs_can_show_a_card_of_it() -> None:
    elements = Elements(page_of())
    properties = {meta.get("property"): meta["content"] for meta in elements.all("meta") if "property" in meta}
    assert properties == {
        "og:type": "video.other",
        "og:site_name": "Reelgate",
        "og:title": "Holiday",
        "og:url": f"{API}/watch/rgp_1",
        "og:image": f"{API}/v1/posters/ada/1/2",
        "og:image:alt": "A picture from Holiday",
        "og:video": f"{API}/watch/rgp_1?embed=1",
        "og:video:type": "text/html",
        "og:video:width": "1920",
        "og:video:height": "1080",
        "video:duration": "83",
    }
    [oembed] = [link for link in elements.all("link") if link.get("type") == "application/json+oembed"]
    assert oembed["href"] == f"{API}/v1/oembed?url=https%3A%2F%2Fapi.example.com%2Fwatch%2Frgp_1"


def test_people_see_title_length_and_the_end_of_the_link() -> None:
    page = page_of()
    assert "<title>Holiday</title>" in page
    assert '<h1 dir="auto">Holiday</h1>' in page
    assert '1:23 · Link works until <time datetime="2026-12-03T10:00:00+00:00">3 December 2026</time>' in page
    assert '<html lang="en">' in page


def test_what_is_not_known_is_left_out() -> None:
    elements = Elements(page_of(poster_url=None, width=None, height=None, duration_seconds=None))
    properties = {meta.get("property") for meta in elements.all("meta")}
    assert not properties & {"og:image", "og:image:alt", "og:video:width", "video:duration"}
    assert elements.all("img") == []
    assert elements.all("video")[0]["width"] == "1280"  # the shape that most videos have


def test_a_title_is_never_markup() -> None:
    page = page_of(title=NASTY)
    elements = Elements(page)
    assert [script.get("src") for script in elements.all("script")] == [
        f"{ASSETS}/hls.light.min.js",
        f"{ASSETS}/player.js",
        None,
    ]
    assert elements.all("section")[0]["aria-label"] == f"Video player: {NASTY}"
    assert "<script>alert" not in page


def test_nothing_is_loaded_from_others_and_no_script_or_style_is_in_the_page() -> None:
    elements = Elements(page_of())
    for tag, attributes in elements.found:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}, tag
        loads = attributes.get("src") or (attributes.get("href") if attributes.get("rel") in {"stylesheet", "icon"} else None)
        assert loads is None or loads.startswith((f"{ASSETS}/", f"{API}/")), loads
    [data] = elements.scripts
    assert json.loads(data) == {code: one._asdict() for code, one in MESSAGES.items()}


def test_in_a_frame_it_is_the_player_alone() -> None:
    assert '<html lang="en" class="embed">' in watch_page(video(), assets=ASSETS, api_url=API, embedded=True)


def test_a_link_that_is_over_is_a_page_without_scripts() -> None:
    page = message_page(message_of("grant_revoked"), assets=ASSETS, embedded=False)
    elements = Elements(page)
    assert elements.all("script") == elements.all("video") == []
    assert "<h1>This link was taken back</h1>" in page
    assert message_of("something_new") == UNKNOWN


def test_every_message_says_what_to_do() -> None:
    for code, message in MESSAGES.items():
        assert re.fullmatch(r"[A-Z][^.]+", message.title), code
        assert message.text.endswith("."), code


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (59.6, "1:00"), (3723, "1:02:03"), (1e12, "100:00:00")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


class TestPolicy:
    """What browsers are told of the page."""

    def policy(self, framed_by: tuple[str, ...] | None) -> dict[str, str]:
        """Return the directives."""
        text = page_headers(loads_from=("https://storage.googleapis.com",), framed_by=framed_by)["Content-Security-Policy"]
        return dict(one.split(" ", 1) for one in text.split("; "))

    def test_nothing_but_the_api_and_the_bucket(self) -> None:
        policy = self.policy(None)
        sources = {source for name, value in policy.items() if name.endswith("-src") for source in value.split()}
        assert sources == {"'none'", "'self'", "blob:", "https://storage.googleapis.com"}
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["default-src"] == "'none'"

    @pytest.mark.parametrize(
        ("framed_by", "ancestors"),
        [
            (None, "'none'"),
            ((), "*"),
            (("https://a.example", "http://localhost:3000"), "https://a.example http://localhost:3000"),
        ],
    )
    def test_who_may_show_it_in_a_frame(self, framed_by: tuple[str, ...] | None, ancestors: str) -> None:
        assert self.policy(framed_by)["frame-ancestors"] == ancestors

    def test_the_address_is_told_to_nobody(self) -> None:
        headers = page_headers(loads_from=("https://storage.googleapis.com",), framed_by=None)
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]
