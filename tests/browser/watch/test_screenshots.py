"""Pictures of the watch page for README and docs, made by REELGATE_SCREENSHOTS=1; otherwise the test looks whether they fit."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.supervisor.services.watch_assets import fetch
from tests.browser.support.chromium import PHONE, Page
from tests.browser.support.fake_site import fake_site
from tests.browser.support.film import film_of
from tests.browser.support.pictures import pictures_of
from tests.fixtures.openapi_document import ROOT

IMAGES = ROOT / "docs" / "images"
MAX_BYTES = 200_000
PICTURES = "gradients=c0=0x0b1d3a:c1=0xff6a3d:c2=0xf7c59f:c3=0x2a6f97:n=4:seed=7:speed=0.012"
TIME = "document.querySelector('video').currentTime"


def test_pictures_of_the_page(open_page: Callable[..., Page], tmp_path: Path) -> None:
    folder = IMAGES if os.environ.get("REELGATE_SCREENSHOTS") else tmp_path
    fetch()
    film = film_of(seconds=12, pictures=PICTURES, size=(1280, 720))
    with fake_site(film) as site:
        site.lease_seconds, site.play = 60, {"title": "Sunrise from orbit", "width": 1280, "height": 720}
        site.sheet = pictures_of(film.data, "fps=1,scale=160:90,tile=4x3")
        site.poster = pictures_of(film.data, "scale=1280:720")
        desk = open_page(viewport={"width": 1280, "height": 900}, colorScheme="light")
        desk.goto(site.watch_url)
        desk.click(".start")
        desk.wait_for(f"{TIME} > 4")
        desk.press("c")
        desk.wait_for("[...document.querySelector('video').textTracks].some(one => one.activeCues?.length)")
        bar = desk.evaluate("document.querySelector('[data-part=seek]').getBoundingClientRect().toJSON()")
        desk.do("mouse.move", bar["x"] + bar["width"] * 0.85, bar["y"] + bar["height"] / 2)
        desk.wait_for("document.querySelector('[data-part=preview]').hasAttribute('data-shown')")
        desk.screenshot(folder / "watch-page.jpg", type="jpeg", quality=80)

        phone = open_page(**PHONE, colorScheme="dark")
        phone.goto(site.watch_url)
        phone.wait_for("document.querySelector('.poster').complete")
        phone.screenshot(folder / "watch-page-phone.jpg", type="jpeg", quality=75)

        site.refusal = (410, "grant_revoked")
        revoked = open_page(viewport={"width": 1280, "height": 900}, colorScheme="dark")
        revoked.goto(site.watch_url)
        revoked.wait_for("document.querySelector('.message').dataset.code === 'grant_revoked'")
        revoked.screenshot(folder / "watch-page-revoked.jpg", type="jpeg", quality=75)
    for name in ("watch-page.jpg", "watch-page-phone.jpg", "watch-page-revoked.jpg"):
        assert 5_000 < (folder / name).stat().st_size < MAX_BYTES


@pytest.mark.parametrize("name", ["watch-page.jpg"])
def test_the_picture_in_the_docs_is_small(name: str) -> None:
    assert (IMAGES / name).stat().st_size < MAX_BYTES
