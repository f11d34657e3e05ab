"""What is made of real videos, through the gateway, Pub/Sub and both buckets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import av
import httpx
import pytest

from localcloud.supervisor.commands.cli_commands import environment_in, temporary_cloud
from tests.e2e.people import Person, sign_up
from tests.fixtures.eventually import eventually
from tests.fixtures.media_files import decoded_seconds, make_media


def derived_names(cloud: Mapping[str, str], uid: str) -> list[str]:
    url = f"{cloud['REELGATE_STORAGE_URL']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}-derived/o"
    items = httpx.get(url, params={"prefix": f"{uid}/"}).json().get("items", [])
    return sorted(item["name"].rpartition("/")[2] for item in items)


def settled(person: Person, name: str) -> dict[str, Any]:
    """Wait until it is decided what becomes of a file's sound, and return the file."""

    def look() -> dict[str, Any] | None:
        file: dict[str, Any] = person.api.get(f"/files/{name}").json()
        done = file["media"]["state"] != "pending" and file["audio"]["state"] not in {"queued", "running"}
        return file if done else None

    return eventually(look, f"the end of {name}", 60)


def mp3_of(person: Person, file: Mapping[str, Any]) -> bytes:
    """Download an MP3 as a browser does: by the redirect, without the token on its second half."""
    redirect = person.api.get("/download", params={"fid": file["file_id"]})
    assert redirect.status_code == 302, redirect.text
    answer = person.storage.get(redirect.headers["location"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    assert len(answer.content) == file["audio"]["size"]
    return answer.content


def test_from_the_upload_to_facts_a_poster_and_an_mp3(person: Person) -> None:
    data = make_media("mp4", seconds=6, width=1280, height=720, title="inside")
    person.upload("Über uns.mp4", data)
    file = person.converted("Über uns.mp4")
    assert file["media"]["facts"] == {
        "container": "mp4",
        "duration_seconds": pytest.approx(6, abs=0.1),
        "video_codec": "h264",
        "width": 1280,
        "height": 720,
        "rotation": 0,
        "mirrored": False,
        "truncated": False,
        "frame_rate": 10.0,
        "audio_codec": "aac",
        "sample_rate": 44_100,
        "channels": 2,
    }
    poster = person.storage.get(file["media"]["poster_url"])
    assert (poster.status_code, poster.headers["content-type"]) == (200, "image/jpeg")
    with av.open(io.BytesIO(poster.content), format="jpeg_pipe") as image:
        picture = next(image.decode(video=0))
        assert (picture.width, picture.height) == (640, 360)
    before = person.api.get("/api/usage/daily-summary").json()["streamed"]
    sound = mp3_of(person, file)
    assert decoded_seconds(sound) == pytest.approx(6, abs=0.2)
    assert file["audio"]["duration_seconds"] == pytest.approx(6, abs=0.1)
    assert mp3_of(person, file) == sound
    assert person.api.get("/api/usage/daily-summary").json()["streamed"] == before + len(sound)
    assert person.storage_status()["used_storage"] == len(data)  # what is derived is not stored by the user
    person.assert_books_right()


def test_a_recording_of_the_browser_is_taken_by_the_type_that_it_says(person: Person) -> None:
    part = {"file": ("recording", make_media("webm", seconds=1), "video/webm;codecs=vp8,opus")}
    assert person.api.post("/upload", files=part).status_code == 200
    file = person.converted("recording")
    assert (file["content_type"], file["media"]["facts"]["video_codec"]) == ("video/webm", "vp8")


def test_a_type_that_is_not_named_follows_from_the_ending(person: Person) -> None:
    data = make_media("mp3", seconds=1, video=False)
    granted = person.api.post("/upload", json={"filename": "talk.m4b", "size": len(data)})
    assert (granted.status_code, granted.json()["content_type"]) == (201, "audio/mp4")
    assert person.api.post("/upload", files={"file": ("talk.mp3", data, "application/octet-stream")}).status_code == 200
    file = person.converted("talk.mp3")
    assert (file["content_type"], file["media"]["poster"], file["audio"]["state"]) == ("audio/mpeg", "none", "ready")


def test_a_player_can_be_laid_out_for_a_phone_held_upright(person: Person) -> None:
    person.upload("upright.mp4", make_media("mp4", width=320, height=180, rotation=-90))
    media = person.converted("upright.mp4")["media"]
    shown = {name: media["facts"][name] for name in ("width", "height", "rotation", "mirrored")}
    assert shown == {"width": 180, "height": 320, "rotation": 90, "mirrored": False}
    with av.open(io.BytesIO(person.storage.get(media["poster_url"]).content), format="jpeg_pipe") as image:
        picture = next(image.decode(video=0))
        assert (picture.width, picture.height) == (180, 320)


@pytest.mark.parametrize(
    ("name", "data", "state", "reason"),
    [
        ("silent.mp4", make_media(sound=False), "skipped", "no_audio_track"),
        ("playlist.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n", "failed", "broken_file"),
        ("script.mp4", b"ffconcat version 1.0\nfile '/etc/hostname'\n", "failed", "broken_file"),
        ("cut.mp4", make_media(seconds=4)[:-500], "failed", "broken_file"),
    ],
)
def test_what_gives_no_mp3_says_why(person: Person, name: str, data: bytes, state: str, reason: str) -> None:
    person.upload(name, data)
    file = settled(person, name)
    assert (file["audio"]["state"], file["audio"]["reason"]) == (state, reason)
    assert (file["media"]["poster"] == "ready") is (name == "silent.mp4")
    asked = person.api.post(f"/files/{name}/audio")
    assert (asked.status_code, asked.json()["code"], asked.json()["reason"]) == (409, "audio_impossible", reason)
    refused = person.api.get("/download", params={"fid": file["file_id"]})
    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (409, "audio_not_ready", state)


def test_trash_restore_and_purge(cloud: Mapping[str, str], person: Person) -> None:
    person.upload("a.webm", make_media("webm"))
    file = person.converted("a.webm")
    fid = {"fid": file["file_id"]}
    assert derived_names(cloud, person.uid) == ["audio.mp3", "poster.jpg"]
    person.api.request("DELETE", "/delete-file", json={"filename": "a.webm"})
    assert person.api.get("/download", params=fid).status_code == 404
    assert person.api.post(f"/trash/{file['file_id']}/restore").status_code == 200
    assert decoded_seconds(mp3_of(person, person.api.get("/files/a.webm").json())) == pytest.approx(2, abs=0.2)
    person.api.request("DELETE", "/delete-file", json={"filename": "a.webm"})
    assert person.api.delete(f"/v1/trash/{file['file_id']}").status_code == 204
    assert person.api.get("/download", params=fid).status_code == 404
    eventually(lambda: derived_names(cloud, person.uid) == [] or None, "the end of what was derived")


def test_nobody_else_gets_it(person: Person, another: Person) -> None:
    person.upload("mine.mov", make_media("mov"))
    file = person.converted("mine.mov")
    assert another.api.get("/download", params={"fid": file["file_id"]}).status_code == 404
    assert another.api.post("/files/mine.mov/audio").status_code == 404


@pytest.fixture(scope="module")
def cloud_on_request() -> Iterator[Mapping[str, str]]:
    """A local cloud that makes MP3s only of what it is asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REELGATE_AUDIO", "on_request")
        patch.setenv("REELGATE_HLS", "on_request")
        with temporary_cloud() as state:
            yield environment_in(state)


def test_on_request(cloud_on_request: Mapping[str, str]) -> None:
    with sign_up(cloud_on_request) as person:
        person.upload("a.mp4", make_media(seconds=3))
        file = settled(person, "a.mp4")
        assert (file["media"]["state"], file["media"]["poster"], file["audio"]["state"]) == ("done", "ready", "none")
        assert derived_names(cloud_on_request, person.uid) == ["poster.jpg"]
        refused = person.api.get("/download", params={"fid": file["file_id"]})
        assert (refused.status_code, refused.json()["state"]) == (409, "none")
        asked = person.api.post("/files/a.mp4/audio")
        assert (asked.status_code, asked.json()["audio"]["state"]) == (202, "queued")
        assert decoded_seconds(mp3_of(person, person.converted("a.mp4"))) == pytest.approx(3, abs=0.2)
        assert person.api.post("/files/a.mp4/audio").status_code == 200
