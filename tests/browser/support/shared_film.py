"""A packaged film in the local cloud, and a `stream_url` beside it whose URLs end within the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from localcloud.supervisor.ports import is_free
from tests.browser.support.chromium import Page
from tests.browser.support.film import video_of
from tests.e2e.own_function import FIRST_PORT, own_function
from tests.e2e.people import Person, sign_up
from tests.fixtures.eventually import eventually

LEASE_SECONDS = 4


@pytest.fixture(scope="session")
def short_leases(cloud: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Origin of a `stream_url` whose URLs end after seconds; all else is as in the cloud."""
    home = tmp_path_factory.mktemp("stream_url")
    port = next(port for port in range(FIRST_PORT, FIRST_PORT + 1000) if is_free(port))  # as `own_function` finds it
    settings = {"REELGATE_PLAYBACK_LEASE_SECONDS": str(LEASE_SECONDS), "REELGATE_API_URL": f"http://127.0.0.1:{port}"}
    with own_function(cloud, "stream_url", home, **settings) as origin:
        assert origin == settings["REELGATE_API_URL"]
        yield origin


def problems(page: Page) -> list[str]:
    """Return what a page complained of, but for a signed URL that ended on its way to the bucket: they live for seconds here.

    The bucket answers such a request with 400 (ExpiredToken), and the player takes another URL.
    """
    said = [line for line in page.said() if line.startswith(("error", "uncaught"))]
    return [line for line in said if not ("status of 400" in line and "X-Goog-Signature=" in line)]


@dataclass(frozen=True)
class OwnedVideo:
    """A video of a minute, and whose it is."""

    owner: Person
    video_id: str


@pytest.fixture(scope="session")
def a_minute(cloud: Mapping[str, str]) -> Iterator[OwnedVideo]:
    """A video that is packaged, for tests that look at no more than what they add to it themselves."""
    with sign_up(cloud) as owner:
        yield OwnedVideo(owner, packaged(owner))


@pytest.fixture
def video_id(person: Person) -> str:
    """The same, of `person`, for tests that look at the whole ledger."""
    return packaged(person)


def packaged(person: Person) -> str:
    """Upload a minute of film, wait until it is packaged, and return its id."""
    found = str(person.upload("film.mp4", video_of(seconds=60), title="A minute")["file_id"])

    def ready() -> bool:
        playback = person.api.get(f"/v1/videos/{found}").json()["playback"]
        assert playback["state"] not in {"failed", "skipped"}, playback
        return bool(playback["state"] == "ready")

    eventually(ready, "the packaged video", seconds=120)
    return found
