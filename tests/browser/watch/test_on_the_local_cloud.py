"""A shared video in a real browser, from the local cloud: real packaging, grants, leases, signed URLs and books."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from reelgate.domain.usage.egress_tags import EgressTag
from tests.browser.support.chromium import Page
from tests.browser.support.shared_film import LEASE_SECONDS, OwnedVideo, problems
from tests.e2e.people import Person
from tests.fixtures.eventually import eventually
from tests.fixtures.later import LaterServices, sent_by_the_logs, settle_when_due, write_logs

TIME = "document.querySelector('video').currentTime"
SAID = "document.querySelector('.message:not([hidden])')?.dataset.code"
SHOWN = "[...document.querySelector('video').textTracks].find(one => one.mode === 'showing')"
ENGLISH = "WEBVTT\n\n00:00.000 --> 00:59.000\nGood evening, <i>ladies</i> &amp; gentlemen\n"
GERMAN = "WEBVTT\n\n00:00.000 --> 00:30.000\nGrüße aus Köln\n\n00:30.000 --> 00:59.000\nUnd auf Wiedersehen\n"


def test_it_plays_by_leases_until_it_is_taken_back(
    cloud: Mapping[str, str], person: Person, video_id: str, short_leases: str, open_page: Callable[..., Page]
) -> None:
    grant = person.share(video_id)
    page = open_page()
    page.goto(f"{short_leases}/watch/{grant['token']}")
    assert page.evaluate("document.querySelector('h1').textContent") == "A minute"
    page.click(".start")
    page.wait_for(f"{TIME} > 0.3", seconds=60)
    page.press("5")
    page.wait_for(f"{TIME} > 30.3 && {TIME} < 40")
    page.press("0")
    page.wait_for(f"{TIME} > 0.3 && {TIME} < 10")

    def charges() -> list[dict[str, Any]]:
        return [entry for entry in person.ledger() if entry["streamed"] > 0]

    eventually(lambda: len(charges()) >= 4, "the first lease and three renewals", seconds=60)
    assert page.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames") > 50
    assert problems(page) == []
    assert page.evaluate(SAID) is None

    assert person.api.delete(f"/v1/grants/{grant['grant_id']}").status_code == 204
    page.wait_for(f"{SAID} === 'grant_revoked'", seconds=LEASE_SECONDS + 6 + 5)
    assert page.evaluate("document.querySelector('.message h2').textContent") == "This link was taken back"
    assert page.evaluate("document.querySelector('video').paused")

    shown = person.api.get(f"/v1/grants/{grant['grant_id']}").json()
    assert (shown["plays"], shown["state"]) == (1, "revoked")
    assert shown["charged_bytes"] == sum(entry["streamed"] for entry in charges())
    person.assert_books_right()

    page.goto(f"{short_leases}/watch/{grant['token']}")
    assert page.evaluate("document.querySelector('h1').textContent") == "This link was taken back"

    write_logs(cloud)
    sent = sum(sent_by_the_logs(cloud, f"{person.uid}/{video_id}/", derived=True, ending="/v0.mp4").values())
    days = {entry["date"] for entry in charges()}
    tags = [EgressTag.leased(grant["grant_id"], date.fromisoformat(day)) for day in days]  # two if midnight passed
    settled = [asyncio.run(settle_when_due(LaterServices.of(cloud), person.uid, tag)) for tag in tags]
    assert sum(one.sent for one in settled) == sent > 0
    assert person.api.get(f"/v1/grants/{grant['grant_id']}").json()["charged_bytes"] == sent
    first, last = min(days), max(days)
    shown_days = person.api.get("/v1/usage/days", params={"from": first, "to": last}).json()["items"]
    assert sum(day["usage"]["settled"] for day in shown_days) == sent


def test_small_pictures_to_seek_by(a_minute: OwnedVideo, short_leases: str, open_page: Callable[..., Page]) -> None:
    person, video_id = a_minute.owner, a_minute.video_id
    page = open_page()
    page.goto(f"{short_leases}/watch/{person.share(video_id)['token']}")
    page.click(".start")
    page.wait_for(f"{TIME} > 0.3", seconds=60)
    bar = page.evaluate("document.querySelector('[data-part=seek]').getBoundingClientRect().toJSON()")
    page.do("mouse.move", bar["x"] + bar["width"] * 0.5, bar["y"] + bar["height"] / 2)
    tile = "document.querySelector('[data-part=tile]')"
    page.wait_for(f"!{tile}.hidden")
    address = page.evaluate(f"{tile}.style.backgroundImage.slice(5, -2)")
    assert page.evaluate(f"Object.assign(new Image(), {{src: {address!r}}}).decode().then(() => true)")


def test_captions_that_the_owner_has_put(a_minute: OwnedVideo, short_leases: str, open_page: Callable[..., Page]) -> None:
    person, video_id = a_minute.owner, a_minute.video_id
    for language, label, text in (("en", "English", ENGLISH), ("de", "Deutsch", GERMAN)):
        person.put_captions(video_id, language, text, label=label, default=language == "de")
    page = open_page()
    page.goto(f"{short_leases}/watch/{person.share(video_id)['token']}")
    page.click(".start")
    page.wait_for(f"{TIME} > 0.3", seconds=60)
    page.wait_for(f"{SHOWN}?.label === 'Deutsch' && {SHOWN}.activeCues?.[0]?.text === 'Grüße aus Köln'")
    page.press("7")
    page.wait_for(f"{TIME} > 42 && {SHOWN}.activeCues?.[0]?.text === 'Und auf Wiedersehen'")
    page.click("[data-part=captions]")
    page.do("click", "text=English")
    text = f"{SHOWN}.activeCues?.[0]?.getCueAsHTML().textContent"
    page.wait_for(f"{SHOWN}?.label === 'English' && {text} === 'Good evening, ladies & gentlemen'")
    assert problems(page) == []
