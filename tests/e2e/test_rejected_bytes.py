"""What a user sends and never becomes a video ends at the day's limit, whatever they try. Seen from outside, with HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.chunks import ChunkedUpload
from tests.e2e.own_function import own_function
from tests.e2e.people import MIB, Person
from tests.fixtures.eventually import eventually

DAY = 100 * MIB


def bytes_of(cloud: Mapping[str, str], uid: str) -> int:
    """Return the bytes that the media bucket has of a user."""
    url = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o"
    listed = [httpx.get(url, params={"prefix": prefix}).json().get("items", []) for prefix in (f"{uid}/", f"__parts__/{uid}/")]
    return sum(int(found["size"]) for items in listed for found in items)


def bandwidth(person: Person) -> dict[str, Any]:
    used: dict[str, Any] = person.api.get("/v1/usage").json()["bandwidth"]
    return used


def sessions(person: Person, granted: Mapping[str, Any], count: int) -> list[str]:
    """Open sessions of one grant."""
    return [person.open(granted).headers["location"] for _ in range(count)]


def test_six_sessions_of_eight_megabytes_for_a_grant_of_one_byte(cloud: Mapping[str, str], person: Person) -> None:
    granted = person.ask("one.mp4", 1)
    answers = [person.storage.put(session, content=bytes(8_000_000)) for session in sessions(person, granted, 6)]
    assert [answer.status_code for answer in answers] == [400] * 6
    assert bytes_of(cloud, person.uid) == 0
    assert bandwidth(person)["used"] == 0


def test_what_is_not_as_granted_is_charged_and_replaced(cloud: Mapping[str, str], person: Person) -> None:
    """Of the right size, so that the bucket takes it; six sessions, of which one can write."""
    granted = person.ask("sum.mp4", 8_000_000, crc32c="AAAAAA==")
    opened = sessions(person, granted, 6)
    assert person.storage.put(opened[0], content=bytes(8_000_000)).status_code == 200
    eventually(lambda: bandwidth(person)["rejected"] == 8_000_000)
    assert [person.storage.put(session, content=bytes(8_000_000)).status_code for session in opened[1:]] == [412] * 5
    assert person.open(granted).status_code in {201, 412}
    eventually(lambda: bytes_of(cloud, person.uid) == 0)
    used = bandwidth(person)
    assert (used["used"], used["rejected"], used["rejections"], used["reserved"]) == (8_000_000, 8_000_000, 1, 0)
    person.assert_books_right()


def test_grant_cancel_and_send_again_and_again(cloud: Mapping[str, str], person: Person) -> None:
    for number in range(10):
        granted = person.ask(f"{number}.mp4", 5 * MIB)
        session = person.open(granted).headers["location"]
        assert person.api.delete(f"/v1/uploads/{granted['upload_id']}").status_code == 204
        assert person.storage.put(session, content=bytes(5 * MIB)).status_code == 412
    assert bytes_of(cloud, person.uid) == 0
    assert (bandwidth(person)["used"], bandwidth(person)["rejections"]) == (0, 0)
    person.upload("honest.mp4", b"v" * 1000)
    person.assert_books_right()


def test_chunks_put_after_the_cancellation(cloud: Mapping[str, str], person: Person) -> None:
    """Four times five chunks of ten megabytes on a quota of fifty: the daily limit ends it, and nothing stays."""
    size, put = 10_000_000, 0
    for number in range(4):
        upload = ChunkedUpload(person, f"{number}.mp4")
        answer = upload.urls([{"index": index, "size": size} for index in range(5)])
        if answer.status_code == 403:
            assert answer.json()["code"] == "bandwidth_limit_exceeded"
            break
        assert upload.delete().status_code == 200
        chunks = answer.json()["data"]["chunks"]
        with ThreadPoolExecutor(5) as pool:
            sent = list(pool.map(lambda chunk: upload.put(chunk, bytes(size)), chunks))  # noqa: B023 - it ends with this round
        assert [one.status_code for one in sent] == [200] * 5
        put += 5 * size
        eventually(lambda: bandwidth(person)["rejected"] == put)  # noqa: B023
        assert upload.put(chunks[0], bytes(size)).status_code == 412
    assert put == 100_000_000
    assert put <= DAY
    eventually(lambda: bytes_of(cloud, person.uid) == 0)
    assert bandwidth(person)["rejections"] == 2
    person.assert_books_right()


def test_parts_that_were_sent_before_the_cancellation_are_charged_with_it(cloud: Mapping[str, str], person: Person) -> None:
    upload = ChunkedUpload(person, "a.mp4")
    for index in range(3):
        assert upload.send(index, bytes(100_000)).status_code == 200
    assert upload.delete().status_code == 200
    used = bandwidth(person)
    assert (used["rejected"], used["rejections"]) == (300_000, 1)
    eventually(lambda: bytes_of(cloud, person.uid) == 0)
    person.assert_books_right()


def test_a_part_put_again_after_the_completion(cloud: Mapping[str, str], person: Person) -> None:
    body = {"filename": "a.mp4", "size": 200_000, "start": "parts", "part_size": 100_000}
    upload_id = person.api.post("/v1/uploads", json=body).json()["upload_id"]
    wanted = {"parts": [{"index": 0}, {"index": 1}]}
    parts = person.api.post(f"/v1/uploads/{upload_id}/parts", json=wanted).json()["parts"]

    def put(part: Mapping[str, Any]) -> int:
        request = part["request"]
        sent = person.storage.request(request["method"], request["url"], headers=request["headers"], content=bytes(100_000))
        return sent.status_code

    assert [put(part) for part in parts] == [200, 200]
    assert person.api.post(f"/v1/uploads/{upload_id}/complete", json={}).status_code == 200
    assert bandwidth(person)["rejected"] == 0
    assert [put(part) for part in parts] == [200, 200]
    eventually(lambda: bandwidth(person)["rejected"] == 200_000)
    assert [put(part) for part in parts] == [412, 412]
    eventually(lambda: bytes_of(cloud, person.uid) == 200_000)
    person.assert_books_right()


@pytest.fixture
def few(cloud: Mapping[str, str], tmp_path: Path) -> Iterator[str]:
    """An upload function of a deployment that forgives two failures a day, and opens all sessions itself."""
    settings = {"REELGATE_REJECTED_UPLOADS_PER_DAY": "2", "REELGATE_UPLOAD_SESSIONS": "server"}
    with own_function(cloud, "upload", tmp_path, **settings) as origin:
        yield origin


def test_after_too_many_nothing_is_granted_and_only_the_server_opens_sessions(few: str, person: Person) -> None:
    with httpx.Client(base_url=few, headers={"Authorization": f"Bearer {person.token}"}, timeout=60) as api:
        for number in range(2):
            upload = api.post("/v1/uploads", json={"filename": f"{number}.mp4", "size": 10}).json()
            assert upload["request"] is None
            assert person.storage.put(upload["session_url"], content=bytes(20)).status_code == 400
            chunked = ChunkedUpload(person, f"chunked-{number}.mp4")
            chunked.send(0, b"data")
            assert chunked.delete().status_code == 200
        refused = api.post("/v1/uploads", json={"filename": "more.mp4", "size": 10})
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (429, "too_many_rejected")
        assert problem["retry_at"].endswith("T00:00:00.000Z")
        assert 0 < int(refused.headers["retry-after"]) <= 86_400
        assert "midnight" in problem["detail"]
