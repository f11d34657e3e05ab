"""`<reelgate-player>` in a browser, over an API that a test can make refuse, and a bucket whose URLs end in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from reelgate.web.watch.messages import LANGUAGES
from tests.browser.player.player_page import PLAYER, SHOWN, TIME, VIDEO, inside, nothing_blocked, play, show, told
from tests.browser.support.axe import violations
from tests.browser.support.chromium import PHONE, Page
from tests.browser.support.fake_site import FakeSite
from tests.fixtures.eventually import eventually

MESSAGE = inside(".message:not([hidden])")


def test_a_view_from_the_link_to_the_end(site: FakeSite, open_page: Callable[..., Page]) -> None:
    """What a viewer does, under a policy that forbids styles in the page, with axe looking on."""
    page = open_page()
    show(site, page)
    page.wait_for("told.some((event) => event.type === 'ready')")
    assert told(page, "ready")[0] | {"type": None} == {
        "type": None,
        "title": "A test film",
        "duration": 60,
        "width": 640,
        "height": 360,
    }
    assert (site.leases, site.bucket) == ([], [])
    assert violations(page) == []

    play(page)
    page.press("8")
    page.wait_for(f"{TIME} > 48.3")
    page.press("ArrowLeft")
    page.wait_for(f"{TIME} > 43 && {TIME} < 48")
    page.press("Home")
    page.wait_for(f"{TIME} > 0.3 && {TIME} < 10")
    page.press("m")
    level = f"{inside('media-mute-button')}.getAttribute('mediavolumelevel')"  # by which the key knows what to do next
    page.wait_for(f"{VIDEO}.muted && {level} === 'off'")
    page.press("m")
    page.wait_for(f"!{VIDEO}.muted")
    page.press("ArrowDown")
    page.wait_for(f"Math.abs({VIDEO}.volume - 0.9) < 0.01")
    page.press(">")
    page.wait_for(f"{VIDEO}.playbackRate === 1.25")
    page.press("f")
    full = f"{inside('media-controller')}.hasAttribute('mediaisfullscreen')"
    page.wait_for(f"document.fullscreenElement?.localName === 'reelgate-player' && {full}")
    page.press("f")
    page.wait_for("document.fullscreenElement === null")

    page.press("c")
    page.wait_for(f"{SHOWN}?.label === 'English' && {SHOWN}.activeCues?.[0]?.text.startsWith('Caption of second')")
    page.click("reelgate-player media-captions-menu-button")
    page.do("click", "reelgate-player media-captions-menu >> text=Deutsch")
    page.wait_for(f"{SHOWN}?.label === 'Deutsch' && {SHOWN}.activeCues?.[0]?.text === 'Guten Tag'")

    bar = page.evaluate(f"{inside('media-time-range')}.getBoundingClientRect().toJSON()")
    page.do("mouse.move", bar["x"] + bar["width"] * 0.4, bar["y"] + bar["height"] / 2)  # what makes the pictures load
    page.wait_for(f"{VIDEO}.querySelector('track[label=thumbnails]')?.track.cues?.length === 12")
    page.do("mouse.down")  # the browser of this test has no pointer that hovers: it shows the picture to who drags
    page.do("mouse.move", bar["x"] + bar["width"] * 0.5, bar["y"] + bar["height"] / 2)
    thumbnail = f"{inside('media-time-range')}.shadowRoot.querySelector('media-preview-thumbnail')"
    page.wait_for(f"{thumbnail}.getAttribute('mediapreviewcoords') === '320 90 160 90'")  # the seventh of twelve
    page.wait_for(f"{thumbnail}.shadowRoot.querySelector('img').naturalWidth === 640 && {thumbnail}.checkVisibility()")
    page.do("mouse.up")
    page.wait_for(f"{TIME} > 30.3")

    assert violations(page) == []
    nothing_blocked(page)
    page.do("reload")
    page.wait_for(f"window.told?.length > 0 && Math.abs({VIDEO}.volume - 0.9) < 0.01")


def test_leases_are_renewed_until_the_link_is_taken_back(site: FakeSite, open_page: Callable[..., Page]) -> None:
    site.lease_seconds = 2
    page = open_page()
    show(site, page, lang="de")
    assert page.evaluate(f"{inside('[part=start]')}.ariaLabel") == "abspielen"
    play(page)
    page.wait_for(f"{TIME} > 6")
    assert len(site.leases) >= 3
    assert {status for status, _ in site.bucket} == {206}

    began = time.monotonic()
    site.refusal = (410, "grant_revoked")
    page.wait_for("told.some((event) => event.type === 'revoked')", seconds=2 + 6)
    assert time.monotonic() - began < 2 + 6
    said = LANGUAGES["de"]["grant_revoked"]
    assert told(page, "revoked") == [
        {"type": "revoked", "code": "grant_revoked", "message": f"{said.title}. {said.text}", "retryAt": None}
    ]
    assert page.evaluate(f"{VIDEO}.paused")
    assert page.evaluate(f"{MESSAGE}.querySelector('h2').textContent") == said.title
    assert page.evaluate(f"{MESSAGE}.querySelector('button').hidden")
    assert violations(page) == []
    nothing_blocked(page)


def test_a_used_up_day_and_another_grant_in_the_same_element(site: FakeSite, open_page: Callable[..., Page]) -> None:
    """What is loaded plays on, as it is paid for; then the element says so, and plays the next grant that it is given."""
    site.lease_seconds = 2
    page = open_page()
    show(site, page)
    play(page)
    eventually(lambda: len(site.leases) >= 2, "a renewal")
    site.refusal = (403, "bandwidth_limit_exceeded")
    loaded = page.evaluate(f"{VIDEO}.buffered.end(0)")
    page.wait_for("told.some((event) => event.type === 'budgetexhausted')")
    assert page.evaluate(TIME) > loaded - 0.5
    assert page.evaluate(f"{PLAYER}.refusal.code") == "bandwidth_limit_exceeded"

    site.refusal, before = None, len(site.leases)
    page.evaluate(f"{PLAYER}.grant = 'rgp_token'")  # a token: the page's own origin is the API
    page.wait_for("told.filter((event) => event.type === 'ready').length === 2")
    assert page.evaluate(f"{MESSAGE} ?? null") is None
    assert page.evaluate(f"[...{VIDEO}.textTracks].filter((one) => one.kind === 'captions').length") == 2
    assert len(site.leases) == before
    play(page)
    assert page.evaluate(TIME) < loaded
    site.refusal = (404, "grant_not_found")
    page.evaluate(f"{PLAYER}.grant = 'not a token'")
    page.wait_for("told.at(-1).code === 'grant_not_found'")
    nothing_blocked(page)


def test_a_lost_connection_is_waited_out_and_a_server_tried_again(site: FakeSite, open_page: Callable[..., Page]) -> None:
    site.lease_seconds = 2
    site.refusal = (503, "unavailable")
    page = open_page()
    show(site, page)
    page.wait_for("told.at(-1)?.code === 'unavailable'")
    site.refusal = None
    page.click("reelgate-player [part=retry]")
    play(page)
    page.do("setOffline", True)
    page.evaluate(f"{VIDEO}.playbackRate = 4")  # what is loaded is over sooner
    page.wait_for("told.at(-1).code === 'network'", seconds=60)
    stopped = page.evaluate(TIME)
    page.do("setOffline", False)
    page.wait_for(f"{TIME} > {stopped} + 0.5")
    assert page.evaluate(f"{MESSAGE} ?? null") is None


def test_many_players_lease_only_what_is_played_and_a_removed_one_nothing(
    site: FakeSite, open_page: Callable[..., Page]
) -> None:
    site.lease_seconds = 1
    page = open_page()
    show(site, page, *(f'grant="rgp_token" api="{site.origin}" id="player{one}" muted' for one in range(3)))
    page.wait_for("told.filter((event) => event.type === 'ready').length === 3")
    assert (site.leases, site.bucket) == ([], [])
    page.evaluate("window.removed = player1, removed.currentTime = 40, removed.play()")
    page.wait_for("removed.currentTime > 40.3")
    assert page.evaluate("[player0, player2].map((one) => one.video.currentSrc)") == ["", ""]

    page.evaluate("document.querySelector('main').append(removed)")  # moved: it plays on
    page.wait_for("removed.currentTime > 41 && !removed.paused")
    page.evaluate("removed.remove()")
    page.wait_for("removed.paused && removed.video.networkState === HTMLMediaElement.NETWORK_EMPTY")

    def asked_at_40() -> int:
        return len([lease for lease in site.leases if lease["position"] >= 40])

    asked = asked_at_40()
    page.evaluate("player0.play()")
    page.wait_for("player0.currentTime > 3")  # three leases long
    assert asked_at_40() == asked
    page.evaluate("document.querySelector('main').append(removed)")
    page.wait_for("told.filter((event) => event.type === 'ready').length === 4")
    nothing_blocked(page)


@pytest.mark.parametrize("kind", ["file", "playlist"])
def test_what_is_open_to_all(site: FakeSite, open_page: Callable[..., Page], kind: str) -> None:
    address = f"{site.storage}/v0.mp4?until=9e9"
    site.pages["/open.m3u8"] = (
        site.media_playlist().replace(f"{site.storage}/v0.mp4", address),
        "application/vnd.apple.mpegurl",
    )
    page = open_page(**PHONE)
    show(site, page, f'src="{address if kind == "file" else "/open.m3u8"}" poster="{site.storage}/sheet.jpg"')
    assert site.bucket == []
    play(page)
    page.evaluate(f"{PLAYER}.currentTime = 40")
    page.wait_for(f"{TIME} > 40.3")
    assert site.leases == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    nothing_blocked(page)
