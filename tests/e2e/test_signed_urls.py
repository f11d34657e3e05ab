"""What a signed URL may do, and what happens to whoever changes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.e2e.chunks import ChunkedUpload
from tests.e2e.people import CHUNK, Person

DATA = bytes(range(256)) * 1024 * 3


def code_of(answer: httpx.Response) -> tuple[int, str]:
    found = re.search(r"<Code>(\w+)</Code>", answer.text)
    return answer.status_code, found.group(1) if found else ""


def test_upload_in_chunks_then_play_in_ranges(person: Person) -> None:
    granted = person.ask("clip.mp4", len(DATA))
    session = person.open(granted).headers["location"]
    first = person.storage.put(session, content=DATA[:CHUNK], headers={"Content-Range": f"bytes 0-{CHUNK - 1}/{len(DATA)}"})
    assert (first.status_code, first.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    asked = person.storage.put(session, headers={"Content-Range": f"bytes */{len(DATA)}"})
    assert (asked.status_code, asked.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    last = person.storage.put(
        session, content=DATA[CHUNK:], headers={"Content-Range": f"bytes {CHUNK}-{len(DATA) - 1}/{len(DATA)}"}
    )
    assert last.status_code == 200
    status = person.settled(granted["upload_id"])
    assert (status["state"], status["received_bytes"], status["filename"]) == ("ready", len(DATA), "clip.mp4")

    issued = person.api.get("/stream/direct/clip.mp4").json()
    part = person.storage.get(issued["url"], headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, DATA[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(DATA)}"
    assert part.headers["content-type"] == "video/mp4"
    assert person.storage.get(issued["url"]).content == DATA
    person.assert_books_right()


def test_a_file_has_one_url_in_its_window_and_pays_once(person: Person) -> None:
    """Over HTTP, and with the player's ranges: reloading is free and finds the same URL."""
    person.upload_to_watch("again.mp4", DATA)
    issued = [person.api.get("/stream/direct/again.mp4").json() for _ in range(3)]
    redirect = person.api.get("/stream/video/again.mp4").headers["location"]
    assert {one["url"] for one in issued} == {redirect}
    left = datetime.fromisoformat(issued[0]["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=2)
    for bounds in ("bytes=0-9", "bytes=10-19"):
        assert person.storage.get(redirect, headers={"Range": bounds}).status_code == 206
    entries = person.api.get("/v1/usage/entries").json()["items"]
    assert [entry["size"] for entry in entries if entry["kind"] == "stream"] == [len(DATA)]
    person.assert_books_right()


def test_redirects_for_players_and_downloads(person: Person) -> None:
    person.upload("Grüße \u202ftag.mp4".replace("\u202f", ""), DATA)
    redirect = person.api.get("/stream/video/Grüße tag.mp4")
    assert redirect.status_code == 302
    ranged = person.api.get("/stream/video/Grüße tag.mp4", headers={"Range": "bytes=0-9"}, follow_redirects=True)
    assert (ranged.status_code, ranged.content) == (206, DATA[:10])
    download = person.api.get("/download/disk/Grüße tag.mp4", follow_redirects=True)
    assert (download.status_code, download.content) == (200, DATA)
    assert "filename*=UTF-8''Gr%C3%BC%C3%9Fe%20tag.mp4" in download.headers["content-disposition"]
    head = person.api.head("/stream/video/Grüße tag.mp4", follow_redirects=True)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(DATA)))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("\U0001fac8.mp4", "video.mp4"),  # an emoji of a newer Unicode than Python's
        ("12\uf02230.mp4", "1230.mp4"),  # as macOS writes 12:30 over SMB
        ("\uff0ftmp\uff0f\u2105.mp4", "_tmp_c_o.mp4"),
    ],
)
def test_names_of_any_kind_are_kept_and_saved_under_a_harmless_one(person: Person, name: str, plain: str) -> None:
    assert person.upload(name, DATA)["filename"] == name
    download = person.api.get(f"/download/disk/{quote(name)}", follow_redirects=True)
    assert download.content == DATA
    assert f"filename=\"{plain}\"; filename*=UTF-8''{quote(name)}" in download.headers["content-disposition"]


@pytest.mark.parametrize("what", ["signature", "object", "expiry", "verb"])
def test_a_changed_url_is_refused_with_googles_code(person: Person, what: str) -> None:
    person.upload("mine.mp4", DATA)
    url = person.api.get("/stream/direct/mine.mp4").json()["url"]
    changed = {
        "signature": url[:-8] + ("0" * 8 if not url.endswith("0" * 8) else "1" * 8),
        "object": url.replace("mine.mp4", "yours.mp4"),
        "expiry": url.replace("X-Goog-Expires=7200", "X-Goog-Expires=14400"),
        "verb": url,
    }[what]
    answer = person.storage.request("DELETE" if what == "verb" else "GET", changed)
    assert code_of(answer) == (403, "SignatureDoesNotMatch")
    assert person.storage.get(url).status_code == 200


def test_an_expired_url_is_expired_whatever_else_it_is(person: Person) -> None:
    person.upload("old.mp4", DATA)
    url = person.api.get("/stream/direct/old.mp4").json()["url"]
    date = re.search(r"X-Goog-Date=(\d{8})", url)
    assert date is not None
    past = url.replace(date.group(1), "20200101")
    assert code_of(person.storage.get(past)) == (400, "ExpiredToken")


def test_the_bucket_is_private_without_a_signature(person: Person) -> None:
    person.upload("private.mp4", DATA)
    url = person.api.get("/stream/direct/private.mp4").json()["url"]
    bare = urlsplit(url)._replace(query="").geturl()
    assert code_of(person.storage.get(bare)) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("Content-Type", "video/webm", (403, "SignatureDoesNotMatch")),
        ("x-goog-meta-upload-id", "another", (403, "SignatureDoesNotMatch")),
        ("X-Upload-Content-Length", "11", (403, "SignatureDoesNotMatch")),
        ("X-Upload-Content-Length", None, (400, "MalformedSecurityHeader")),
        ("x-goog-if-generation-match", "7", (403, "SignatureDoesNotMatch")),
        ("x-goog-if-generation-match", None, (400, "MalformedSecurityHeader")),
        ("x-goog-meta-more", "1", (400, "MalformedSecurityHeader")),
    ],
)
def test_the_upload_url_is_bound_to_what_was_granted(
    person: Person, header: str, value: str | None, expected: tuple[int, str]
) -> None:
    granted = person.ask("bound.mp4", 10)
    headers = {**granted["headers"], header: value}
    sent = {name: text for name, text in headers.items() if text is not None}
    assert code_of(person.storage.post(granted["upload_url"], headers=sent)) == expected


UNSIGNED = {
    "Cache-Control": "public, max-age=31536000",
    "Content-Disposition": 'attachment; filename="setup.exe"',
    "Content-Language": "de",
}


def settings_of(cloud: Mapping[str, str], object_name: str) -> dict[str, object]:
    """Return what the bucket says of an object beyond its bytes, as an administrator sees it."""
    url = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o/{quote(object_name, safe='')}"
    resource = httpx.get(url).raise_for_status().json()
    assert resource["contentType"] == "video/mp4"
    names = ("cacheControl", "contentDisposition", "contentLanguage", "contentEncoding", "metadata")
    return {name: resource[name] for name in names if resource.get(name)}


def test_what_is_set_unsigned_when_a_session_opens_does_not_stay(cloud: Mapping[str, str], person: Person) -> None:
    granted = person.ask("headers.mp4", len(DATA))
    opened = person.storage.post(granted["upload_url"], headers={**granted["headers"], **UNSIGNED})
    assert opened.status_code == 201, opened.text  # a browser may send some of them by itself
    assert person.storage.put(opened.headers["location"], content=DATA, headers=UNSIGNED).status_code == 200
    assert person.settled(granted["upload_id"])["state"] == "ready"
    assert settings_of(cloud, granted["object"]) == {"metadata": {"upload-id": granted["upload_id"]}}
    played = person.storage.get(person.api.get("/stream/direct/headers.mp4").json()["url"])
    assert played.content == DATA
    assert "public" not in played.headers.get("cache-control", "")
    assert "content-disposition" not in played.headers
    person.assert_books_right()


def test_what_is_set_at_the_end_of_a_session_of_the_server_s_does_not_stay(cloud: Mapping[str, str], person: Person) -> None:
    granted = person.ask("metadata.mp4", len(DATA), start="server")
    more = {**UNSIGNED, "X-Goog-Meta-Note": "x", "X-Goog-Meta-Upload-Id": "another"}
    assert person.storage.put(granted["session_url"], content=DATA, headers=more).status_code == 200
    assert person.settled(granted["upload_id"])["state"] == "ready"
    assert settings_of(cloud, granted["object"]) == {"metadata": {"upload-id": granted["upload_id"]}}


def test_what_is_set_with_a_chunk_or_a_form_does_not_stay(cloud: Mapping[str, str], person: Person) -> None:
    upload = ChunkedUpload(person, "parts.mp4")
    (signed,) = upload.urls([{"index": 0, "size": len(DATA)}]).json()["data"]["chunks"]
    assert upload.put({**signed, "headers": {**signed["headers"], **UNSIGNED}}, DATA).status_code == 200
    assert upload.complete(1).status_code == 200
    part = {name: value for name, value in UNSIGNED.items() if name != "Content-Disposition"}  # which a form's part has anyway
    form = person.api.post("/upload", files={"file": ("form.mp4", DATA, "video/mp4", part)}, headers=UNSIGNED).json()
    for file_id in (upload.id, form["file_id"]):
        object_name = f"{person.uid}/{file_id}/{person.settled(file_id)['filename']}"
        assert settings_of(cloud, object_name) == {"metadata": {"upload-id": file_id}}


def test_a_second_upload_to_the_same_object_cannot_overwrite(person: Person) -> None:
    granted = person.ask("once.mp4", len(DATA))
    first, second = person.open(granted).headers["location"], person.open(granted).headers["location"]
    assert person.storage.put(first, content=DATA).status_code == 200
    assert person.storage.put(second, content=bytes(len(DATA))).status_code == 412
    person.settled(granted["upload_id"])
    assert person.storage.get(person.api.get("/stream/direct/once.mp4").json()["url"]).content == DATA
    assert person.api.post("/upload", json={"filename": "once.mp4", "size": 1, "content_type": "video/mp4"}).status_code == 409
    person.assert_books_right()


@pytest.mark.parametrize("size", [len(DATA) + 1, len(DATA) * 4, 1])
def test_another_size_than_granted_never_becomes_a_video(person: Person, size: int) -> None:
    granted = person.ask("other.mp4", len(DATA))
    assert person.send(granted, bytes(size)).status_code == 400  # the length is part of what was signed
    assert person.api.get(f"/v1/uploads/{granted['upload_id']}").json()["state"] == "open"
    assert person.api.delete(f"/v1/uploads/{granted['upload_id']}").status_code == 204
    assert person.api.get("/stream/direct/other.mp4").status_code == 404
    assert person.storage_status()["used_storage"] == 0
    person.assert_books_right()
    assert person.ask("other.mp4", 5)["filename"] == "other.mp4"


def test_a_wrong_checksum_never_becomes_a_video(person: Person) -> None:
    granted = person.ask("sum.mp4", 4, crc32c="AAAAAA==")
    assert person.send(granted, b"data").status_code == 200
    assert person.settled(granted["upload_id"])["state"] == "rejected"
    pinned = person.ask("pinned.mp4", 4, crc32c="AAAAAA==", start="server")
    assert person.storage.put(pinned["session_url"], content=b"data").status_code == 400


def test_browsers_send_through_a_session_that_the_server_opened(person: Person, cloud: Mapping[str, str]) -> None:
    page = {"Origin": "https://app.example.com"}
    body = {"filename": "browser.mp4", "size": len(DATA), "content_type": "video/mp4", "start": "server"}
    granted = person.api.post("/upload", json=body, headers=page).json()
    half = 2 * CHUNK
    sent = person.storage.put(
        granted["session_url"],
        content=DATA[:half],
        headers={**page, "Content-Range": f"bytes 0-{half - 1}/{len(DATA)}"},
    )
    assert sent.status_code == 308
    assert sent.headers["access-control-allow-origin"] == page["Origin"]
    assert person.api.get(f"/v1/uploads/{granted['upload_id']}").json()["received_bytes"] == half
    resumed = person.api.post(f"/v1/uploads/{granted['upload_id']}/resume").json()
    assert resumed["session_url"] == granted["session_url"]
    rest = {"Content-Range": f"bytes {half}-{len(DATA) - 1}/{len(DATA)}"}
    assert person.storage.put(granted["session_url"], content=DATA[half:], headers=rest).status_code == 200
    assert person.settled(granted["upload_id"])["state"] == "ready"


def test_cancelled_uploads_give_back_and_never_arrive(person: Person) -> None:
    granted = person.ask("never.mp4", len(DATA))
    session = person.open(granted).headers["location"]
    cancelled = person.api.delete(f"/v1/uploads/{granted['upload_id']}")
    assert (cancelled.status_code, cancelled.content) == (204, b"")
    assert person.storage_status()["reserved_storage"] == 0
    assert person.storage.put(session, content=DATA).status_code == 412  # although the session was the client's own
    assert person.settled(granted["upload_id"])["state"] == "cancelled"
    person.upload("never.mp4", DATA)
    person.assert_books_right()
