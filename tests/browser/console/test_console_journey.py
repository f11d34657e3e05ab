"""From three files on somebody's disk to a link that is taken back, in two browsers, and each page of the console as a picture.

REELGATE_SCREENSHOTS=1 writes the pictures of docs/images; otherwise they are made, looked at by their size, and thrown away.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.console.console_page import Console
from tests.browser.support.chromium import PHONE, Page
from tests.browser.support.film import video_of
from tests.browser.support.shared_film import LEASE_SECONDS
from tests.e2e.people import Person
from tests.fixtures.eventually import eventually
from tests.fixtures.openapi_document import ROOT

IMAGES = ROOT / "docs" / "images"
MAX_BYTES = 200_000
DESK = {"viewport": {"width": 1280, "height": 800}, "colorScheme": "light"}
MB = 1_000_000
CHUNK = 8 << 20
FILMS = {"harbour.mp4": "3c5a7d:c1=0xf4a261", "mountains.mp4": "0b1d3a:c1=0xff6a3d", "forest.mp4": "14342b:c1=0xbbdfc5"}
"""Names, and the colours of their pictures."""
LARGE, LONG = "harbour.mp4", "mountains.mp4"
ITEMS = "document.querySelector('reelgate-uploader').items"
SAID = "document.querySelector('.message:not([hidden])')?.dataset.code"
TIME = "document.querySelector('video').currentTime"


@dataclass
class Album:
    """Where pictures of pages go."""

    folder: Path

    def take(self, page: Page, name: str, quality: int = 78) -> None:
        """Take one of what is shown, with nothing on it that moves."""
        path = self.folder / f"console-{name}.jpg"
        page.screenshot(path, type="jpeg", quality=quality, animations="disabled")
        assert 5_000 < path.stat().st_size < MAX_BYTES, path.name


@pytest.fixture
def album(tmp_path: Path) -> Album:
    """The docs' pictures, or a folder that is thrown away."""
    return Album(IMAGES if os.environ.get("REELGATE_SCREENSHOTS") else tmp_path)


@pytest.fixture
def films(tmp_path: Path) -> dict[str, Path]:
    """Three videos. The large one ends with twenty megabytes of nothing, and of the long one a lease does not open all."""
    paths = {}
    for seed, (name, colours) in enumerate(FILMS.items()):
        pictures = f"gradients=c0=0x{colours}:c2=0xf7f3e9:n=3:seed={seed + 3}:speed=0.02"
        film = video_of(seconds=60 if name == LONG else 8, pictures=pictures)
        if name == LARGE:
            film += struct.pack(">I4s", 20 * MB, b"free") + bytes(20 * MB - 8)
        paths[name] = tmp_path / name
        paths[name].write_bytes(film)
    return paths


def test_from_three_files_to_a_link_that_is_taken_back(
    cloud: Mapping[str, str],
    person: Person,
    admin: Person,
    films: dict[str, Path],
    short_leases: str,
    open_page: Callable[..., Page],
    album: Album,
) -> None:
    user = Console(open_page(**DESK), cloud["REELGATE_URL"]).open("/library")
    page = user.page
    album.take(page, "sign-in")
    user.sign_in(person.email, person.password)
    user.see("No videos yet")

    upload_over_a_bad_network(user, films, album)
    for name in films:
        assert person.api.get("/v1/videos", params={"search": name}).json()["items"][0]["filename"] == name
    eventually(
        lambda: all(one["state"] == "ready" for one in person.api.get("/v1/videos").json()["items"]), "the videos", seconds=120
    )
    user.go("/library")
    page.wait_for(
        "[...document.querySelectorAll('.video-card img')].filter(one => one.naturalWidth > 0).length === 3", seconds=60
    )
    page.wait_for("[...document.querySelectorAll('.video-card')].every(one => !one.innerText.includes('Being prepared'))")
    album.take(page, "library")
    phone = Console(open_page(**PHONE, colorScheme="dark"), user.origin).open("/library")
    phone.sign_in(person.email, person.password)
    phone.page.wait_for("[...document.querySelectorAll('.video-card img')].filter(one => one.naturalWidth > 0).length === 3")
    album.take(phone.page, "library-phone", quality=65)

    video = next(one for one in person.api.get("/v1/videos").json()["items"] if one["filename"] == LONG)
    user.go(f"/videos/{video['video_id']}")
    user.press(f"Play {LONG}")
    page.wait_for(f"{user.playing()} > 1", seconds=60)
    album.take(page, "video")

    user.press("Share")
    user.fill("What is it for?", "For Bob")
    user.press("Make a link")
    user.see("shown this once")
    album.take(page, "share")
    link = page.evaluate("document.querySelector('dialog input').value")
    user.press("Done")
    bob = open_page(**PHONE)
    bob.goto(short_leases + "/watch/" + link.rpartition("/")[2])  # its URLs end after seconds, so that nobody waits for minutes
    bob.click(".start")
    bob.wait_for(f"{TIME} > 0.3", seconds=60)
    user.press("Revoke For Bob")
    user.press("Revoke")
    bob.wait_for(f"{SAID} === 'grant_revoked'", seconds=LEASE_SECONDS + 6 + 5)
    assert bob.evaluate("document.querySelector('video').paused")
    assert person.api.get(f"/v1/videos/{video['video_id']}/grants").json()["items"][0]["plays"] == 1

    meters_are_right(user, person)
    album.take(page, "usage")
    for path, name in (("/account", "account"), ("/trash", "trash")):
        user.go(path)
        page.wait_for("!document.querySelector('.loading, main [aria-busy]')")
        if name == "trash":
            person.delete("forest.mp4")
            page.do("reload")
            user.see("Gone for good")
        album.take(page, name)
    person.assert_books_right()
    assert user.complaints() == []

    boss = Console(open_page(**DESK), user.origin).open("/library")
    boss.sign_in(admin.email, admin.password)
    boss.see("No videos yet")
    for name in ("users", "usage", "audit", "deliveries", "explain"):
        boss.go(f"/admin/{name}")
        boss.page.wait_for(
            f"location.hash.startsWith('#/admin/{name}') && !document.querySelector('.loading, main [aria-busy]')"
        )
        album.take(boss.page, f"admin-{name}")
    assert boss.complaints() == []


def upload_over_a_bad_network(user: Console, films: dict[str, Path], album: Album) -> None:
    """Drop all files; lose the network, and then the page, while the large one is under way; choose it again, and go on."""
    page = user.page
    user.go("/upload")
    page.wait_for("document.querySelector('reelgate-uploader')?.shadowRoot.querySelector('input')")
    page.protocol("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=5 * MB)
    page.drop("reelgate-uploader", *films.values())
    large = f"{ITEMS}.find(({{ file }}) => file?.name === {LARGE!r})"
    page.wait_for(f"{large}?.sentBytes > 1e6")
    page.do("setOffline", True)
    user.see("You are offline")
    page.do("setOffline", False)
    page.protocol("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=5 * MB)
    page.wait_for(f"{large}?.sentBytes > 9e6", seconds=60)
    page.wait_for(f"{ITEMS}.filter(({{ state }}) => state === 'ready').length === 2", seconds=60)
    album.take(page, "upload")
    page.do("reload")
    page.wait_for(
        "document.querySelector('reelgate-uploader')?.shadowRoot.textContent.includes('Choose the file again to go on')"
    )
    before = len(page.ranges())
    page.do("setInputFiles", "reelgate-uploader input[type=file]", [str(films[LARGE])])
    page.wait_for(f"{large}?.state === 'ready'", seconds=60)
    starts = [int(one.removeprefix("bytes ").split("-")[0]) for one in page.ranges()[before:] if "*/" not in one]
    assert min(starts, default=CHUNK) >= CHUNK, "what has arrived is not sent again"


def meters_are_right(user: Console, person: Person) -> None:
    """The console says of storage and data what the API says."""
    now = person.api.get("/v1/usage").json()
    user.go("/usage")
    user.see("Videos and captions")
    shown = user.page.evaluate("document.querySelector('main').innerText")
    used, uploaded = now["storage"]["used"], now["bandwidth"]["uploaded"]
    assert used == uploaded > 20 * MB
    assert now["bandwidth"]["streamed"] > 0
    for amount in (used, now["bandwidth"]["streamed"]):
        assert in_words(amount) in shown, (in_words(amount), shown)


def in_words(amount: float) -> str:
    """Return an amount of megabytes as the console writes it: three digits at most."""
    megabytes = amount / MB
    return f"{round(megabytes, 2 if megabytes < 10 else 1):g} MB"
