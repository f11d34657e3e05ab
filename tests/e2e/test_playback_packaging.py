"""Videos packaged for players, through the gateway, Pub/Sub and both buckets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from reelgate.domain.playback.segment_index import SegmentIndex
from tests.e2e.people import Person
from tests.fixtures.eventually import eventually
from tests.fixtures.media.packaged_media import Recipe, make, pictures_of, sound_ahead
from tests.fixtures.media_files import make_media


def derived(cloud: Mapping[str, str], prefix: str) -> dict[str, bytes]:
    """Return the objects of the derived bucket whose names begin so, by the rest of their names."""
    url = f"{cloud['REELGATE_STORAGE_URL']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}-derived/o"
    items = httpx.get(url, params={"prefix": prefix}).json().get("items", [])
    return {item["name"].removeprefix(prefix): httpx.get(item["mediaLink"]).content for item in items}


def shown(person: Person, name: str) -> dict[str, Any]:
    """Wait until everything that is derived from a video is there, and return the video."""
    file_id = person.api.get(f"/files/{name}").json()["file_id"]

    def look() -> dict[str, Any] | None:
        video: dict[str, Any] = person.api.get(f"/v1/videos/{file_id}").json()
        return video if video["state"] != "processing" else None

    return eventually(look, f"the end of {name}", 60)


def test_from_the_upload_to_segments_that_play(person: Person, cloud: Mapping[str, str]) -> None:
    data = make(Recipe(seconds=9, size=(320, 180)))
    person.upload("film.mp4", data)
    video = shown(person, "film.mp4")
    assert (video["state"], video["audio"]["state"]) == ("ready", "ready")
    renditions = video["playback"].pop("renditions")
    assert video["playback"] == {"state": "ready", "reason": None, "detail": None, "retry_at": None}
    objects = derived(cloud, f"{person.uid}/{video['video_id']}/")
    [folder] = {name.partition("/hls/")[0] for name in objects if "/hls/" in name}
    packaged = objects[f"{folder}/hls/v0.mp4"]
    [rendition] = SegmentIndex.from_json(objects[f"{folder}/hls/index.json"]).renditions
    assert (rendition.width, rendition.height, len(rendition.segments)) == (320, 180, 3)
    assert (renditions["ready"], renditions["state"]) == (
        [{"name": "v0", "width": 320, "height": 180, "size": rendition.size}],
        "none",
    )
    assert objects[f"{folder}/hls/thumbs.jpg"].startswith(b"\xff\xd8")
    assert pictures_of(packaged) == pictures_of(data)
    assert abs(sound_ahead(packaged) - sound_ahead(data)) <= 0.04
    again = person.api.post(f"/v1/videos/{video['video_id']}/hls")
    assert (again.status_code, again.json()["playback"]["state"]) == (200, "ready")


def test_what_does_not_play_in_pieces_says_why_and_is_ready(person: Person, cloud: Mapping[str, str]) -> None:
    person.upload("old.avi", make_media("avi"))
    video = shown(person, "old.avi")
    assert (video["state"], video["playback"]["state"], video["playback"]["reason"]) == ("ready", "skipped", "codec")
    assert not [name for name in derived(cloud, f"{person.uid}/{video['video_id']}/") if "/hls/" in name]
    asked = person.api.post(f"/v1/videos/{video['video_id']}/hls")
    assert (asked.status_code, asked.json()["code"], asked.json()["reason"]) == (409, "not_packaged", "codec")
