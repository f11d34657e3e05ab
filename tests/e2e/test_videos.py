"""Version 1's lists of videos: searched and sorted by Firestore's order, with posters, and the trash."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.e2e.own_function import own_function
from tests.e2e.people import Person
from tests.fixtures.eventually import eventually


def found(person: Person, **query: str) -> list[str]:
    """Return the file names that a list has, following its cursors."""
    names: list[str] = []
    while True:
        answer = person.api.get("/v1/videos", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        names += [item["filename"] for item in page["items"]]
        if page["next_cursor"] is None:
            return names
        query["cursor"] = page["next_cursor"]


def test_search_and_every_order(person: Person) -> None:
    for name, title, size in (("b.mp4", "Été à Nîmes", 30), ("a.mp3", None, 20), ("c.mp4", "zoo", 10)):
        more = {} if title is None else {"title": title}
        person.upload(name, b"v" * size, content_type="audio/mpeg" if name.endswith("mp3") else "video/mp4", **more)
    for limit in ("1", "2", "50"):
        assert found(person, limit=limit) == ["c.mp4", "a.mp3", "b.mp4"]
        assert found(person, limit=limit, sort="uploaded_at") == ["b.mp4", "a.mp3", "c.mp4"]
        assert found(person, limit=limit, sort="title") == ["a.mp3", "b.mp4", "c.mp4"]
        assert found(person, limit=limit, sort="-title") == ["c.mp4", "b.mp4", "a.mp3"]
        assert found(person, limit=limit, sort="size") == ["c.mp4", "a.mp3", "b.mp4"]
        assert found(person, limit=limit, sort="-size") == ["b.mp4", "a.mp3", "c.mp4"]
        assert found(person, limit=limit, search="NIMES ete") == ["b.mp4"]
        assert found(person, limit=limit, search="mp4", sort="title") == ["b.mp4", "c.mp4"]
        assert found(person, limit=limit, type="audio") == ["a.mp3"]


def test_posters_in_lists_and_in_the_trash(cloud: Mapping[str, str], person: Person, video: Path, tmp_path: Path) -> None:
    person.upload("film.mp4", video.read_bytes())
    video_id = person.converted("film.mp4")["file_id"]
    [item] = person.api.get("/v1/videos", params={"state": "ready"}).json()["items"]
    poster = person.storage.get(item["poster"]["url"])
    assert (poster.status_code, poster.headers["content-type"]) == (200, "image/jpeg")

    remote = {"REELGATE_SIGNER": "iam", "REELGATE_IAM_ENDPOINT": cloud["REELGATE_STORAGE_URL"]}
    for name in ("library", "stream_url"):
        (tmp_path / name).mkdir()
    with own_function(cloud, "library", tmp_path / "library", **remote) as library:
        ask = {"base_url": library, "headers": person.api.headers, "timeout": 60}
        with httpx.Client(**ask) as api:  # type: ignore[arg-type]
            [linked] = api.get("/v1/videos").json()["items"]
            assert api.delete(f"/v1/videos/{video_id}").status_code == 204
            [trashed] = api.get("/v1/trash").json()["items"]
    link = linked["poster"]["url"]
    assert link.startswith(f"{cloud['REELGATE_URL']}/v1/posters/{person.uid}/{video_id}/")
    assert trashed["poster"] == linked["poster"] or trashed["poster"]["expires_at"] > linked["poster"]["expires_at"]
    assert person.storage.get(link, follow_redirects=True).content == poster.content
    with own_function(cloud, "stream_url", tmp_path / "stream_url", **remote) as stream_url:
        redirect = person.storage.get(stream_url + urlsplit(link).path)
        assert (redirect.status_code, "RSA" in redirect.headers["location"]) == (302, True)
        assert redirect.headers["cache-control"].startswith("private, max-age=")
        assert person.storage.get(redirect.headers["location"]).content == poster.content
    assert person.storage.get(link[:-4] + "AAAA").status_code == 404

    assert person.api.delete("/v1/trash").json() == {"purged": 1, "complete": True}
    eventually(lambda: person.storage.get(link).status_code == 404, "the end of the link with its video", 60)
    assert person.api.get(f"/v1/videos/{video_id}").status_code == 404
    person.assert_books_right()
