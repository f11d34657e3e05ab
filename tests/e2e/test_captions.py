"""Captions of videos over HTTP, in the running system: stored, served, counted, and gone with their video."""

from __future__ import annotations

import gzip
import secrets
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.e2e.people import MIB, Person

VTT = {"Content-Type": "text/vtt"}
TEXT = (
    "WEBVTT\n\nSTYLE\n::cue(.loud) { color: red }\n\n00:01.000 --> 00:02.500 line:0\n<v Ada>Grüße &amp; <c.loud>Küsse</c> 🎬\n"
)


def captioned(person: Person) -> tuple[str, str]:
    """Return the id of a new video, and the path of its captions in German."""
    video_id = str(person.upload(f"{secrets.token_hex(6)}.mp4", b"video")["file_id"])
    return video_id, f"/v1/videos/{video_id}/captions/de"


def used(person: Person) -> tuple[int, int]:
    """Return the bytes stored and in the trash."""
    storage = person.api.get("/v1/usage").json()["storage"]
    return storage["used"], storage["trash"]


def test_a_life_of_captions(person: Person) -> None:
    video_id, path = captioned(person)
    sent = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    answer = person.api.put(path, params={"label": "Deutsch", "default": "true"}, content=sent, headers=VTT)
    assert answer.status_code == 200, answer.text
    size = len(TEXT.encode())
    assert answer.json()["size"] == size
    got = person.api.get(f"/v1/videos/{video_id}/captions/DE")
    assert (got.text, got.headers["content-type"]) == (TEXT, "text/vtt; charset=utf-8")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert used(person) == (5 + size, 0)
    assert person.api.get("/v1/videos").json()["items"][0]["captions"] == [answer.json()]
    assert person.api.delete(f"/v1/videos/{video_id}").status_code == 204
    assert used(person) == (0, 5 + size)
    assert person.api.get(path).status_code == 404
    assert person.api.post(f"/v1/videos/{video_id}/restore").status_code == 200
    assert person.api.get(path).text == TEXT
    kinds = [entry["kind"] for entry in person.api.get("/v1/usage/entries").json()["items"]]
    assert kinds[:3] == ["restore", "delete", "captions"]
    assert person.api.delete(f"/v1/videos/{video_id}").status_code == 204
    assert person.api.delete(f"/v1/trash/{video_id}").status_code == 204
    assert used(person) == (0, 0)
    person.assert_books_right()


def test_the_largest_text_and_those_that_are_refused(person: Person) -> None:
    _, path = captioned(person)
    cues = "".join(
        f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000 --> {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.900\nx\n\n"
        for n in range(28_000)
    )
    text = "WEBVTT\n\n" + cues.rstrip() + "\n"
    assert 0.8 * MIB < len(text) < MIB
    assert person.api.put(path, content=text, headers=VTT).status_code == 200
    assert person.api.get(path).text == text
    for content, headers, status, code in (
        (text + "\nNOTE " + "x" * 200_000, VTT, 413, "too_large"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHello\n", VTT, 400, "invalid_captions"),
        (TEXT.encode("utf-16"), VTT, 400, "invalid_captions"),
        (gzip.compress(TEXT.encode()), {**VTT, "Content-Encoding": "gzip"}, 415, "unsupported_type"),
        (TEXT, {"Content-Type": "text/html"}, 415, "unsupported_type"),
    ):
        answer = person.api.put(path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    broken = person.api.put(path, content=TEXT.replace("<v Ada>", "<script>"), headers=VTT).json()
    assert (broken["line"], "<script>" in broken["detail"]) == (7, True)
    assert person.api.get(path).text == text
    person.assert_books_right()


def test_many_put_in_one_language_at_once(person: Person) -> None:
    video_id, path = captioned(person)
    texts = [TEXT.replace("Ada", "x" * n) for n in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: person.api.put(path, content=text, headers=VTT), texts))
    assert {answer.status_code for answer in answers} == {200}
    [captions] = person.api.get(f"/v1/videos/{video_id}").json()["captions"]
    left = person.api.get(path)
    assert left.text in texts
    assert len(left.content) == captions["size"] == used(person)[0] - 5
    person.assert_books_right()


def test_curl_sends_a_file(person: Person, cloud: Mapping[str, str], tmp_path: Path) -> None:
    _, path = captioned(person)
    (file := tmp_path / "de.vtt").write_text(TEXT)
    token = ["-H", f"Authorization: Bearer {person.token}", "-H", "Content-Type: text/vtt"]
    subprocess.run(["curl", "-fsS", "-T", str(file), *token, cloud["REELGATE_URL"] + path], check=True, capture_output=True)
    assert person.api.get(path).text == TEXT


def test_a_page_of_another_origin_asks_first(cloud: Mapping[str, str]) -> None:
    origin = cloud.get("REELGATE_CORS_ORIGINS", "*").split(",")[0].replace("*", "https://app.example")
    headers = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    answer = httpx.options(f"{cloud['REELGATE_URL']}/v1/videos/{'a' * 32}/captions/de", headers=headers, timeout=60)
    assert answer.status_code == 204
    assert "PUT" in answer.headers["allow"]
