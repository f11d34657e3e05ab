"""Watching a shared video on the running system: it is packaged by convert, and read from the private bucket by players."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import av
import httpx
import pytest

from tests.e2e.people import Person
from tests.fixtures.eventually import eventually
from tests.fixtures.handmade_hls import film, shades

HOME, FOREIGN = "https://home.example", "https://foreign.example"
SYNC_SECONDS = 0.040


@pytest.fixture
def viewer(person: Person) -> Any:
    """Somebody without an account."""
    with httpx.Client(base_url=person.api.base_url, timeout=60) as client:
        yield client


def packaged(person: Person) -> str:
    """Upload a film, wait until it is packaged, and return its id."""
    video_id = str(person.upload(f"{secrets.token_hex(6)}.mp4", film())["file_id"])

    def ready() -> bool:
        return bool(person.api.get(f"/v1/videos/{video_id}").json()["playback"]["state"] == "ready")

    eventually(ready, "packaging")
    return video_id


def test_players_read_the_film_picture_by_picture(person: Person, viewer: httpx.Client) -> None:
    grant = person.share(packaged(person))
    play = viewer.get(f"/v1/play/{grant['token']}").json()
    assert (play["playback"]["state"], play["sources"]) == ("ready", [])
    assert tuple(shades(play["hls"]["native_url"])) == tuple(shades(film()))
    starts: dict[str, float] = {}
    with av.open(play["hls"]["native_url"]) as container:
        for packet in container.demux():
            if packet.pts is not None:
                starts.setdefault(packet.stream.type, float(packet.pts * packet.time_base))
    assert abs(starts["video"] - starts["audio"]) <= SYNC_SECONDS
    shown = person.api.get(f"/v1/grants/{grant['grant_id']}").json()
    assert shown["plays"] == 1
    assert 0 < shown["charged_bytes"] < 2 * len(film())
    person.assert_books_right()


def test_a_player_with_leases_pays_for_what_it_plays_and_stops_when_revoked(person: Person, viewer: httpx.Client) -> None:
    grant = person.share(packaged(person))
    path = f"/v1/play/{grant['token']}"
    playlist = viewer.get(f"{path}/v0.m3u8?lease=1", headers={"Accept-Encoding": "gzip"}).text
    [url] = {line for line in playlist.splitlines() if not line.startswith("#")}
    assert person.storage.get(url).status_code in {401, 403}  # without a signature it opens nothing
    lease = viewer.post(f"{path}/lease", json={"rendition": "v0"}).json()
    assert lease["url"].startswith(url + "?")
    first = next(line for line in playlist.splitlines() if line.startswith("#EXT-X-BYTERANGE:"))
    size, offset = map(int, first.partition(":")[2].split("@"))
    part = person.storage.get(lease["url"], headers={"Range": f"bytes={offset}-{offset + size - 1}"})
    assert (part.status_code, len(part.content), part.content[4:8]) == (206, size, b"moof")
    again = viewer.post(f"{path}/lease", json={"rendition": "v0", "view": lease["view"]}).json()
    assert again == lease
    charged = person.api.get(f"/v1/grants/{grant['grant_id']}").json()
    assert charged["plays"] == 1
    assert datetime.fromisoformat(lease["expires_at"]) <= datetime.fromisoformat(grant["expires_at"])
    sprites = viewer.get(f"{path}/sprites.vtt").text
    sheet = next(line for line in sprites.splitlines() if "#xywh=" in line).partition("#")[0]
    assert person.storage.get(sheet).headers["content-type"] == "image/jpeg"
    assert person.api.delete(f"/v1/grants/{grant['grant_id']}").status_code == 204
    refused = viewer.post(f"{path}/lease", json={"rendition": "v0", "view": lease["view"], "number": 1})
    assert (refused.status_code, refused.json()["code"]) == (410, "grant_revoked")
    entries = [one for one in person.ledger() if one["kind"] == "stream"]
    assert len(entries) == 1
    person.assert_books_right()


def test_pages_of_other_origins_get_no_lease(person: Person, viewer: httpx.Client) -> None:
    grant = person.share(packaged(person), origins=[HOME])
    path = f"/v1/play/{grant['token']}"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for origin, status, allowed in ((HOME, 200, HOME), (FOREIGN, 403, None)):
        preflight = viewer.options(f"{path}/lease", headers={"Origin": origin, **asked})
        assert preflight.headers.get("access-control-allow-origin") == allowed
        answer = viewer.post(f"{path}/lease", json={"rendition": "v0"}, headers={"Origin": origin})
        assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (status, allowed)
    changed = path[:-1] + ("0" if path[-1] != "0" else "1")
    assert viewer.get(changed).status_code == 404


def test_a_file_that_is_not_packaged_plays_as_one(cloud: Mapping[str, str], person: Person, viewer: httpx.Client) -> None:
    data = b"no video at all" * 100
    video_id = str(person.upload(f"{secrets.token_hex(6)}.mp4", data)["file_id"])
    grant = person.share(video_id)
    path = f"/v1/play/{grant['token']}"
    play = viewer.get(path).json()
    assert (play["hls"], len(play["sources"])) == (None, 1)
    opened = viewer.post(f"{path}/url").json()
    assert person.storage.get(opened["url"], headers={"Range": "bytes=0-1"}).content == data[:2]
    assert viewer.post(f"{path}/url", json={"view": opened["view"]}).json() == opened
    assert viewer.get(f"{path}/v0.m3u8").json()["code"] == "not_packaged"
    assert person.api.get(f"/v1/grants/{grant['grant_id']}").json()["charged_bytes"] == len(data)
    person.assert_books_right()
