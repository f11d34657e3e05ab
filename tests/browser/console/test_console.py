"""The web console on the local cloud: what people do with it, and what it says when something is refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.browser.console.console_page import Console
from tests.browser.support.chromium import PHONE
from tests.browser.support.film import video_of
from tests.browser.support.shared_film import OwnedVideo
from tests.e2e.people import Person, sign_up
from tests.fixtures.eventually import eventually

SECONDS_OF_FILM = 6
MAX_FIRST_LOAD = 200_000
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:04.000\nGood evening\n"
WRONG_CAPTIONS = "WEBVTT\n\n00:05.000 --> 00:04.000\nToo late\n"
UPLOADED = "document.querySelector('reelgate-uploader').items"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two videos on somebody's disk."""
    folder = tmp_path_factory.mktemp("films")
    film = video_of(seconds=SECONDS_OF_FILM)
    paths = [folder / "harbour.mp4", folder / "mountains.mp4"]
    for path in paths:
        path.write_bytes(film)
    return paths


@pytest.fixture
def video_id(person: Person, films: list[Path]) -> str:
    """A video of `person` of which everything is made."""
    return finished(person, films[0])


@pytest.fixture(scope="session")
def harbour(cloud: Mapping[str, str], films: list[Path]) -> Iterator[OwnedVideo]:
    """Another one, which tests leave as it is."""
    with sign_up(cloud) as owner:
        yield OwnedVideo(owner, finished(owner, films[0]))


def finished(person: Person, film: Path) -> str:
    """Upload a video, wait until everything is made of it, and return its id."""
    found = str(person.upload("harbour.mp4", film.read_bytes(), title="The old harbour")["file_id"])
    eventually(lambda: person.api.get(f"/v1/videos/{found}").json()["state"] == "ready", "the finished video", seconds=120)
    return found


def test_a_newcomer_uploads_finds_and_watches(console: Callable[..., Console], films: list[Path]) -> None:
    user = console().open("/register")
    page = user.page
    user.assert_accessible()
    email = f"{secrets.token_hex(6)}@example.com"
    user.fill("E-mail address", email)
    user.fill("Name", f"Ada{secrets.token_hex(4)}")
    user.fill("Password", "correct horse battery")
    user.press("Create the account")
    user.see("No videos yet", "Your account is ready", email)
    user.assert_accessible()

    user.go("/upload")
    page.wait_for("document.querySelector('reelgate-uploader')?.shadowRoot.querySelector('input')")
    for film in films:
        user.choose_files("reelgate-uploader input[type=file]", [film])
    user.go("/library")  # it goes on there
    page.wait_for(f"{UPLOADED}.every(item => item.state === 'ready')", seconds=60)
    user.go("/upload")
    user.assert_accessible()
    user.go("/library")
    page.wait_for("document.querySelectorAll('.video-card').length === 2")
    page.wait_for(
        "[...document.querySelectorAll('.video-card img')].filter(one => one.naturalWidth > 0).length === 2", seconds=120
    )
    page.wait_for("!document.querySelector('.video-card .badge')")  # the page itself has asked how they stand

    user.fill("Search titles and file names", "mount")
    page.wait_for("document.querySelectorAll('.video-card').length === 1")
    assert "search=mount" in page.evaluate("location.hash")
    user.assert_accessible()
    user.fill("Search titles and file names", "nowhere")
    user.see("Nothing found")
    user.press("Show all videos")
    user.choose("Order", "title")
    page.wait_for("document.querySelector('.video-title')?.textContent === 'harbour.mp4'")

    page.click(".video-card")
    user.press("Play harbour.mp4")
    page.wait_for(f"{user.playing()} > 0.3", seconds=60)
    user.assert_accessible()
    assert user.complaints() == []


def test_everything_about_one_video(console: Callable[..., Console], person: Person, video_id: str, tmp_path: Path) -> None:
    user = console(permissions=["clipboard-read", "clipboard-write"]).open(f"/videos/{video_id}")
    page = user.page
    user.sign_in(person.email, person.password)
    user.see("The old harbour", "Nobody but you can watch this video", "None yet")

    user.press("Rename")
    user.fill("Title", "The new harbour")
    user.press("Save")
    page.wait_for("document.querySelector('h1').textContent === 'The new harbour'")
    assert person.api.get(f"/v1/videos/{video_id}").json()["title"] == "The new harbour"

    (tmp_path / "wrong.en.vtt").write_text(WRONG_CAPTIONS)
    (tmp_path / "right.en.vtt").write_text(CAPTIONS)
    user.press("Add captions")
    user.choose_files("dialog input[type=file]", [tmp_path / "wrong.en.vtt"])
    page.click("dialog button[type=submit]")
    user.see("Line 3", "00:05.000 --> 00:04.000")
    user.assert_accessible()
    user.choose_files("dialog input[type=file]", [tmp_path / "right.en.vtt"])
    page.click("dialog button[type=submit]")
    user.see("Captions in English were added")
    user.press("Play The new harbour")
    page.wait_for(f"{user.playing()} > 0.3", seconds=60)
    page.wait_for("[...document.querySelector('reelgate-player').video.textTracks].some(one => one.language === 'en')")
    user.press("Delete captions in English")
    user.press("Delete them")
    user.see("None yet")

    user.press("Listen")
    page.wait_for("document.querySelector('audio')?.currentTime > 0.2", seconds=60)

    user.press("Share")
    user.assert_accessible()
    user.fill("What is it for?", "For Bob")
    user.fill("At most this many plays", "3")
    user.press("Make a link")
    user.see("shown this once")
    user.assert_accessible()
    user.press("Copy link")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.evaluate("document.querySelector('dialog input').value")
    user.press("Done")
    user.see("For Bob", "0 of 3")
    [grant] = person.api.get(f"/v1/videos/{video_id}/grants").json()["items"]
    assert (grant["label"], grant["max_plays"], grant["state"]) == ("For Bob", 3, "active")
    user.press("Revoke For Bob")
    user.press("Revoke")
    user.see("Revoked")
    assert person.api.get(f"/v1/grants/{grant['grant_id']}").json()["state"] == "revoked"

    user.press("Delete")
    user.see("is in the trash", "No videos yet")
    user.press("Undo")
    user.see("The new harbour", "For Bob")
    user.press("Delete")
    user.see("No videos yet")
    user.go("/trash")
    user.see("Room in the trash", "Gone for good")
    user.assert_accessible()
    user.press("Restore The new harbour")
    user.see("The trash is empty")
    person.delete("harbour.mp4")
    page.do("reload")  # this tab is still signed in
    user.press("Delete for good The new harbour")
    user.press("Delete for good")
    user.see("The trash is empty")
    user.assert_accessible()
    assert person.api.get("/v1/trash").json()["items"] == []
    person.assert_books_right()
    assert user.complaints() == []


def test_a_session_that_ends_is_taken_up_where_it_was(console: Callable[..., Console], person: Person, video_id: str) -> None:
    user = console(**PHONE).open(f"/videos/{video_id}")
    page = user.page
    user.sign_in(person.email, "a wrong password")
    user.see("Check what you typed")
    user.assert_accessible()
    user.sign_in(person.email, person.password)
    user.see("The old harbour")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert person.refresh_token not in page.evaluate("JSON.stringify(localStorage) + location.href + document.cookie")
    assert page.evaluate("JSON.stringify(localStorage)") == "{}"

    user.press("Rename")
    user.fill("Title", "Typed before the session ended")
    user.refuse("**/v1/videos/*", 401, "unauthorized", "Sign in first.")
    user.refuse("**/v1/auth/refresh", 401, "invalid_credentials", "The session has ended.")
    user.press("Save")
    user.see("Sign in again", "Your session has ended")
    assert page.evaluate("document.querySelector('dialog input[type=email]').value") == person.email
    user.assert_accessible()
    user.allow("**/v1/videos/*")
    user.allow("**/v1/auth/refresh")
    page.do("fill", "dialog input[type=password]", person.password)
    page.click("dialog:has(input[type=password]) button[type=submit]")
    user.not_see("Your session has ended")
    assert page.evaluate("document.querySelector('dialog input').value") == "Typed before the session ended"
    user.press("Save")
    page.wait_for("document.querySelector('h1').textContent === 'Typed before the session ended'")

    page.click(".tabs button")
    user.assert_accessible()
    user.press("Sign out")
    user.see("Create an account")
    assert page.evaluate("sessionStorage.length") == 0
    assert user.complaints() == []


def test_what_goes_wrong_is_said_in_words(
    console: Callable[..., Console], harbour: OwnedVideo, cloud: Mapping[str, str]
) -> None:
    person, video_id = harbour.owner, harbour.video_id
    user = console().open(f"/videos/{video_id}")
    page = user.page
    user.see_unverified(person)
    user.sign_in(person.email, person.password)
    user.see("The old harbour")
    user.go("/library")
    user.see("Please confirm your address", person.email)
    user.assert_accessible()
    user.press("Send it again")
    user.see("The mail is on its way")
    user.go(f"/videos/{video_id}")
    user.see("The old harbour")

    spent = "Today’s data is used up. It begins anew at midnight."
    user.refuse("**/v1/videos/*/url*", 403, "bandwidth_limit_exceeded", spent)
    user.press("Play The old harbour")
    user.see(spent, "0f6d5c1e2b3a4978")
    user.assert_accessible()
    user.allow("**/v1/videos/*/url*")

    bucket = f"{cloud['STORAGE_EMULATOR_HOST']}/**"
    page.answer_with(bucket)
    user.press("Download")
    user.see("The storage cannot be reached right now")
    assert page.evaluate("location.hash") == f"#/videos/{video_id}"
    user.allow(bucket)

    page.answer_with("**/v1/**")
    user.open("/library")
    page.do("reload")
    user.see("The server cannot be reached", seconds=60)
    user.assert_accessible()
    user.allow("**/v1/**")
    user.press("Try again")
    page.wait_for("document.querySelectorAll('.video-card').length === 1")
    user.go("/videos/no-such-video")
    user.see("You have no such video")
    user.go("/nowhere")
    user.see("There is no such page")
    assert user.complaints() == []


def test_the_first_load_is_small_and_from_here(console: Callable[..., Console], harbour: OwnedVideo) -> None:
    user = console().open("/library")
    user.sign_in(harbour.owner.email, harbour.owner.password)
    user.page.wait_for("document.querySelector('.video-card img')?.naturalWidth > 0")
    loaded = user.page.evaluate(
        "performance.getEntriesByType('resource')"
        ".map(one => ({url: one.name, bytes: one.encodedBodySize, kind: one.initiatorType}))"
    )
    own = [one for one in loaded if "/console/assets/" in one["url"]]
    assert all(one["url"].startswith(user.origin) for one in loaded if one["kind"] != "img")
    assert 10_000 < sum(one["bytes"] for one in own) < MAX_FIRST_LOAD
    assert not [one["url"] for one in own if "player" in one["url"] or "uploader" in one["url"]]
