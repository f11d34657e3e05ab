"""A shared video on somebody else's pages, from the local cloud: in a frame, and by a player of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.browser.support.chromium import Page
from tests.browser.support.other_site import Site, site
from tests.browser.support.shared_film import LEASE_SECONDS, OwnedVideo
from tests.fixtures.eventually import eventually
from tests.fixtures.node_packages import node_packages
from tests.fixtures.openapi_document import ROOT

TIME = "document.querySelector('video').currentTime"
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:59.000\nGrüße aus Köln\n"
SHOWN = "[...document.querySelector('video').textTracks].find(one => one.mode === 'showing')"


@pytest.fixture
def allowed() -> Iterator[Site]:
    """The site that a grant names."""
    with site() as found:
        yield found


@pytest.fixture
def other() -> Iterator[Site]:
    """One that it does not name."""
    with site() as found:
        yield found


def test_in_a_frame_of_a_page_that_may_show_it(
    a_minute: OwnedVideo, short_leases: str, open_page: Callable[..., Page], allowed: Site, other: Site
) -> None:
    person, video_id = a_minute.owner, a_minute.video_id
    grant = person.share(video_id, origins=[allowed.origin])
    frame = f'<iframe src="{short_leases}/watch/{grant["token"]}?embed=1" width="640" height="360" allow="autoplay"></iframe>'
    allowed.files = other.files = {"/": f"<!doctype html><title>A blog</title>{frame}".encode()}
    page = open_page()
    page.goto(allowed.origin)
    inside = page.in_frame("/watch/")
    inside.click(".start")
    inside.wait_for(f"{TIME} > 0.3", seconds=60)
    assert not inside.evaluate("document.querySelector('h1').checkVisibility()")

    refused = open_page()
    refused.goto(other.origin)
    refused.wait_for("window.frames.length === 1")
    assert any("frame-ancestors" in line for line in refused.said())


def own_player(grant: dict[str, str]) -> dict[str, bytes]:
    """Return the files of a page that plays with hls.js, as the documentation has it."""
    [page] = re.findall(r"```html\n(.*?)```", (ROOT / "docs" / "playback.md").read_text(encoding="utf-8"), re.DOTALL)
    page, replaced = re.subn(r'(?<=PLAY_URL = ")[^"]+', grant["play_url"], page)
    assert replaced == 1
    library = node_packages(ROOT / "functions" / "stream_url") / "hls.js" / "dist" / "hls.min.js"
    return {"/": f"<!doctype html><title>A blog</title>{page}".encode(), "/hls.min.js": library.read_bytes()}


def test_a_player_of_their_own(
    a_minute: OwnedVideo, short_leases: str, open_page: Callable[..., Page], allowed: Site, other: Site
) -> None:
    person, video_id = a_minute.owner, a_minute.video_id
    person.put_captions(video_id, "de", CAPTIONS, label="Deutsch", default=True)
    grant, before = person.share(video_id, origins=[allowed.origin]), len(person.ledger())
    grant["play_url"] = f"{short_leases}/v1/play/{grant['token']}"
    allowed.files = other.files = own_player(grant)

    refused = open_page()
    refused.goto(other.origin)
    eventually(lambda: any("CORS" in line for line in refused.said()), "the browser's refusal")
    assert len(person.ledger()) == before

    page = open_page()
    page.goto(allowed.origin)
    page.wait_for("document.querySelector('video').readyState > 0")  # the page has asked what to play, and given it to hls.js
    page.evaluate("document.querySelector('video').muted = true, document.querySelector('video').play()")
    page.wait_for(f"{TIME} > 0.3", seconds=60)
    page.evaluate(f"{TIME} = 40")
    page.wait_for(f"{TIME} > 40.3")
    page.evaluate(f"{TIME} = 5")
    page.wait_for(f"{TIME} > 5.3 && {TIME} < 20")
    page.wait_for(f"{SHOWN}?.label === 'Deutsch' && {SHOWN}.activeCues?.[0]?.text === 'Grüße aus Köln'")

    def charged() -> list[int]:
        return [entry["streamed"] for entry in person.ledger() if entry["streamed"] > 0 and entry["sequence"] > before]

    eventually(lambda: len(charged()) >= 4, "the first lease and three renewals", seconds=60)
    assert [line for line in page.said() if line.startswith("uncaught")] == []

    assert person.api.delete(f"/v1/grants/{grant['grant_id']}").status_code == 204
    page.wait_for("document.querySelector('p').textContent !== ''", seconds=LEASE_SECONDS + 6 + 5)
    shown = person.api.get(f"/v1/grants/{grant['grant_id']}").json()
    assert (shown["plays"], shown["state"], shown["charged_bytes"]) == (1, "revoked", sum(charged()))
    person.assert_books_right()
