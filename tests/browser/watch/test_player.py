"""The watch page's player in a browser, over an API that a test can make refuse, and a bucket whose URLs end in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from reelgate.web.watch.messages import MESSAGES
from tests.browser.support.chromium import PHONE, Page
from tests.browser.support.fake_site import FakeSite
from tests.fixtures.eventually import eventually

TIME = "document.querySelector('video').currentTime"
SAID = "document.querySelector('.message:not([hidden])')?.dataset.code"
SHOWN = "[...document.querySelector('video').textTracks].find(one => one.mode === 'showing')"


@pytest.fixture
def watch(site: FakeSite, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open the page, by default as it is at a desk."""

    def open_it(query: str = "", **options: Any) -> Page:
        page = open_page(**options)
        page.goto(site.watch_url + query)
        return page

    return open_it


def play(page: Page) -> None:
    """Press the large button, once the page can answer, and wait for the first pictures."""
    page.click(".start")
    page.wait_for(f"{TIME} > 0.3")


def no_errors(page: Page) -> None:
    """Nothing was refused by the page's own policy, and no exception was lost."""
    assert [line for line in page.said() if line.startswith(("error", "uncaught", "warning"))] == []


def test_it_costs_nothing_before_it_is_started(site: FakeSite, watch: Callable[..., Page]) -> None:
    page = watch()
    page.wait_for(
        "document.querySelector('#player').dataset.state === 'idle' && document.querySelector('video').textTracks.length === 2"
    )
    assert (site.leases, site.bucket) == ([], [])
    assert page.evaluate("document.title") == "A test film"
    no_errors(page)


def test_it_plays_and_seeks_forward_and_back(site: FakeSite, watch: Callable[..., Page]) -> None:
    page = watch()
    play(page)
    page.evaluate("document.querySelector('[data-part=play]').focus()")
    page.press("8")
    page.wait_for(f"{TIME} > 48.3")
    page.press("1")
    page.wait_for(f"{TIME} > 6.3 && {TIME} < 20")
    assert page.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames") > 10
    assert {status for status, _ in site.bucket} == {206}
    no_errors(page)


def test_leases_are_renewed_in_time(site: FakeSite, watch: Callable[..., Page]) -> None:
    """URLs end after two seconds; three renewals later nothing has been refused, and it has not stopped."""
    site.lease_seconds = 2
    page = watch()
    play(page)
    page.evaluate("window.stops = 0; document.querySelector('video').addEventListener('waiting', () => window.stops++)")
    page.wait_for(f"{TIME} > 12")
    assert len(site.leases) >= 4
    assert [lease["number"] for lease in site.leases] == list(range(1, len(site.leases) + 1))
    assert {lease.get("view") for lease in site.leases[1:]} == {"view-1"}
    assert {status for status, _ in site.bucket} == {206}
    assert page.evaluate("window.stops") == 0
    no_errors(page)


def test_what_a_lease_has_paid_for_is_not_paid_again(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.lease_seconds = 60
    page = watch()
    play(page)
    page.press("3")
    page.wait_for(f"{TIME} > 18.5")
    page.press("0")
    page.wait_for(f"{TIME} > 0.5 && {TIME} < 10")
    assert [(lease["number"], lease["position"]) for lease in site.leases] == [(1, 0)]


def test_a_lost_answer_is_asked_for_again_under_its_number(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.lease_seconds, site.lost_answers = 60, 1
    page = watch()
    play(page)
    assert [lease["number"] for lease in site.leases] == [1]


def test_a_lost_answer_whose_time_is_over_is_not_waited_for(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.lease_seconds, site.lost_answers = 0.2, 1
    page = watch()
    page.click(".start")
    eventually(lambda: len(site.leases) >= 2, "the second number")
    site.lease_seconds = 60
    page.wait_for(f"{TIME} > 0.3")
    assert [lease["number"] for lease in site.leases][:2] == [1, 2]


def test_a_url_that_the_bucket_refuses_is_replaced(site: FakeSite, watch: Callable[..., Page]) -> None:
    """The viewer's clock, or a laptop that slept: the player takes for fresh what is over."""
    site.lease_seconds = 60
    page = watch()
    play(page)
    site.void = frozenset({"1"})
    page.press("7")
    page.wait_for(f"{TIME} > 42.3")
    assert {status for status, _ in site.bucket} == {206, 400}
    assert len(site.leases) >= 2


@pytest.mark.parametrize("code", ["grant_revoked", "video_unavailable"])
def test_taking_back_stops_it_at_the_next_lease(site: FakeSite, watch: Callable[..., Page], code: str) -> None:
    site.lease_seconds = 2
    page = watch()
    play(page)
    began = time.monotonic()
    site.refusal = (410, code)
    page.wait_for(f"{SAID} === '{code}'", seconds=2 + 6)
    assert time.monotonic() - began < 2 + 6
    assert page.evaluate("document.querySelector('video').paused")
    assert page.evaluate("document.querySelector('.message h2').textContent") == MESSAGES[code].title


@pytest.mark.parametrize("code", ["grant_used_up", "grant_expired", "bandwidth_limit_exceeded"])
def test_what_is_loaded_plays_on_when_a_budget_ends(site: FakeSite, watch: Callable[..., Page], code: str) -> None:
    site.lease_seconds = 2
    page = watch()
    play(page)
    eventually(lambda: len(site.leases) >= 2, "a renewal")
    site.refusal = (403, code)
    loaded = page.evaluate("document.querySelector('video').buffered.end(0)")
    page.wait_for(f"{SAID} === '{code}'")
    assert page.evaluate(TIME) > loaded - 0.5
    assert page.evaluate("document.querySelector('.message p').textContent") == MESSAGES[code].text


@pytest.mark.parametrize("code", ["grant_not_found", "grant_expired", "grant_revoked", "grant_used_up", "origin_not_allowed"])
def test_a_link_that_is_over_says_so_before_it_is_started(site: FakeSite, watch: Callable[..., Page], code: str) -> None:
    site.refusal = (410, code)
    page = watch()
    page.wait_for(f"{SAID} === '{code}'")
    assert page.evaluate("document.querySelector('.message h2').textContent") == MESSAGES[code].title
    assert not page.evaluate("document.querySelector('.start').checkVisibility()")


def test_a_video_that_is_being_prepared_begins_by_itself(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.play = {"hls": None, "playback": {"state": "running"}}
    page = watch()
    page.wait_for(f"{SAID} === 'preparing'")
    site.play = {}
    page.wait_for("document.querySelector('#player').dataset.state === 'idle' && document.querySelector('.message').hidden")
    play(page)


def test_what_could_not_be_packaged_plays_as_it_was_uploaded(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.play = {"hls": None, "playback": {"state": "failed"}, "sources": [{"type": "video/mp4"}], "captions": []}
    page = watch()
    play(page)
    assert site.leases == []


def test_a_whole_file_is_not_charged_again_when_it_goes_on(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.play = {"hls": None, "playback": {"state": "failed"}, "sources": [{"type": "video/mp4"}], "captions": []}
    page = watch()
    play(page)
    page.do("setOffline", True)
    page.do("setOffline", False)
    eventually(lambda: len(site.files) == 2)
    first, second = site.files
    assert first is not None
    assert first == second


def test_what_no_browser_plays_says_so(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.play = {"hls": None, "playback": {"state": "failed"}, "sources": []}
    watch().wait_for(f"{SAID} === 'not_playable'")


def test_a_lost_connection_is_named_and_waited_out(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.lease_seconds = 2
    page = watch()
    play(page)
    page.do("setOffline", True)
    page.evaluate("document.querySelector('video').playbackRate = 4")  # what is loaded is over sooner
    page.wait_for(f"{SAID} === 'network'", seconds=60)
    stopped = page.evaluate(TIME)
    page.do("setOffline", False)
    page.wait_for(f"{TIME} > {stopped} + 0.5")
    assert page.evaluate("document.querySelector('.message').hidden")


def test_captions_by_key_and_by_menu(watch: Callable[..., Page]) -> None:
    page = watch()
    play(page)
    page.press("c")
    page.wait_for(f"{SHOWN}?.label === 'English' && {SHOWN}.activeCues?.[0]?.text.startsWith('Caption of second')")
    assert page.evaluate("document.querySelector('[data-part=captions]').ariaPressed") == "true"
    page.click("[data-part=captions]")
    page.press("ArrowDown", "Enter")
    page.wait_for(f"{SHOWN}?.label === 'Deutsch' && {SHOWN}.activeCues?.[0]?.text === 'Guten Tag'")
    page.press("c")
    assert page.evaluate(f"{SHOWN} ?? null") is None
    no_errors(page)


def test_a_picture_of_the_moment_under_the_pointer(site: FakeSite, watch: Callable[..., Page]) -> None:
    page = watch()
    play(page)
    bar = page.evaluate("document.querySelector('[data-part=seek]').getBoundingClientRect().toJSON()")
    page.do("mouse.move", bar["x"] + bar["width"] * 0.5, bar["y"] + bar["height"] / 2)
    page.wait_for("document.querySelector('[data-part=preview]').hasAttribute('data-shown')")
    tile = "document.querySelector('[data-part=tile]')"
    assert (
        page.evaluate(f"{tile}.style.backgroundPosition") == "-320px -90px"
    )  # the seventh of twelve: second row, third column
    assert page.evaluate("document.querySelector('[data-part=preview-time]').textContent") == "0:30"
    image = f"Object.assign(new Image(), {{src: '{site.storage}/sheet.jpg'}})"
    assert page.evaluate(f"{image}.decode().then(() => true)")
    no_errors(page)


def test_keys(watch: Callable[..., Page]) -> None:
    page = watch()
    page.wait_for(
        "document.querySelector('[data-part=seek]').hasAttribute('aria-valuetext')"
    )  # before, there is nothing to play
    page.press(" ")
    page.wait_for(f"{TIME} > 0.3")
    page.press(" ")
    page.wait_for("document.querySelector('video').paused")
    before = page.evaluate(TIME)
    page.press("ArrowRight")
    page.wait_for(f"Math.abs({TIME} - {before} - 5) < 0.1")
    page.press("ArrowLeft")
    page.wait_for(f"Math.abs({TIME} - {before}) < 0.1")
    page.press("m")
    page.wait_for(
        "document.querySelector('video').muted && document.querySelector('[data-part=mute]').ariaLabel === 'Sound on (m)'"
    )
    page.press("m", "ArrowDown", "ArrowDown")
    page.wait_for("Math.abs(document.querySelector('video').volume - 0.8) < 0.01")
    page.press("f")
    page.wait_for("document.fullscreenElement?.id === 'player'")
    page.press("f")
    page.wait_for("document.fullscreenElement === null")


def test_every_control_has_a_name_and_a_visible_focus(watch: Callable[..., Page]) -> None:
    page = watch()
    play(page)
    reached = []
    for _ in range(8):
        page.press("Tab")
        if not page.evaluate("document.activeElement.matches('#player *')"):
            continue  # around the end of the page
        reached.append(page.evaluate("document.activeElement.ariaLabel"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert {"Position", "Pause (space)", "Sound off (m)", "Volume", "Captions (c)", "Full screen (f)"} <= set(reached)
    assert page.evaluate("document.querySelector('[data-part=seek]').getAttribute('aria-valuetext')").endswith(" of 1:00")


def test_on_a_phone_nothing_is_wider_than_the_screen(watch: Callable[..., Page]) -> None:
    page = watch(**PHONE)
    play(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    shown = "[...document.querySelectorAll('.controls button')].filter(one => one.checkVisibility())"
    assert min(page.evaluate(f"{shown}.map(one => one.getBoundingClientRect().width)")) >= 44
    assert not page.evaluate("document.querySelector('.volume').checkVisibility()")


def test_a_title_is_text_and_never_code(site: FakeSite, watch: Callable[..., Page]) -> None:
    site.play = {"title": "</title><script>window.bad = 1</script>\"'><img src=x onerror=window.bad=1>"}
    page = watch()
    page.wait_for("document.querySelector('video').textTracks.length === 2")
    assert page.evaluate("document.title") == site.play["title"]
    assert page.evaluate("document.querySelector('h1').textContent") == site.play["title"]
    assert page.evaluate("window.bad ?? null") is None
    no_errors(page)


def test_scripts_in_the_page_are_not_run(watch: Callable[..., Page]) -> None:
    page = watch()
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.bad = 1'}))")
    assert page.evaluate("window.bad ?? null") is None
    assert any("Content Security Policy" in line for line in page.said())
