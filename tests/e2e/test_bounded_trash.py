"""A trash that would grow without end, and forms that would arrive without end. Seen from outside, with HTTP."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.e2e.own_function import own_function
from tests.e2e.people import Person, sign_up
from tests.e2e.test_rejected_bytes import bytes_of
from tests.fixtures.eventually import eventually

LIMIT, SIZE = 5_000_000, 4_900_000


def test_eight_uploads_and_deletions_leave_twice_the_limit_at_most(
    cloud: Mapping[str, str], person: Person, admin: Person
) -> None:
    changed = admin.api.patch(f"/admin/users/{person.uid}", json={"storage_limit": LIMIT})
    assert changed.status_code == 200, changed.text
    first_due: dict[str, str] = {}
    for number in range(8):
        video = person.upload(f"{number}.mp4", bytes(SIZE))
        person.delete(f"{number}.mp4")
        trash = person.api.get("/v1/trash").json()
        assert trash["trash"] == sum(one["size"] for one in trash["items"]) <= trash["trash_limit"] <= 2 * LIMIT
        first_due[video["file_id"]] = trash["items"][0]["purge_at"]
    eventually(lambda: bytes_of(cloud, person.uid) <= 2 * LIMIT)
    left = person.api.get("/v1/trash").json()["items"]
    assert [one["filename"] for one in left] == ["7.mp4", "6.mp4"]
    assert [entry["reason"] for entry in person.ledger() if entry["kind"] == "purge"] == [
        "there was no more room for it in the trash"
    ] * 6
    for one in left:
        restored = person.api.post(f"/v1/videos/{one['video_id']}/restore")
        assert restored.status_code == 200, restored.text
        assert person.api.delete(f"/v1/videos/{one['video_id']}").status_code == 204
    again = {one["video_id"]: one["purge_at"] for one in person.api.get("/v1/trash").json()["items"]}
    assert again == {file_id: first_due[file_id] for file_id in again}
    assert len(again) == 2
    status = person.storage_status()
    assert (status["trash_storage"], status["trash_limit"]) == (2 * SIZE, 2 * LIMIT)
    person.assert_books_right()


def test_four_dripping_sockets_of_a_user_stop_nobody_else(cloud: Mapping[str, str], person: Person, tmp_path: Path) -> None:
    with (
        own_function(cloud, "upload", tmp_path) as origin,
        sign_up(cloud) as other,
        ThreadPoolExecutor() as pool,
        httpx.Client(base_url=origin, headers=other.api.headers, timeout=60) as api,
    ):
        begun = time.monotonic()
        answers = [pool.submit(drip, origin, person.token) for _ in range(4)]
        time.sleep(1)
        sent = api.post("/upload", files={"file": ("b.mp4", b"abc")})
        assert sent.status_code == 200, sent.text
        assert time.monotonic() - begun < 5
        statuses = [answer.result() for answer in answers]
        assert statuses == [408] * 4
        assert 10 <= time.monotonic() - begun < 25  # two, and then two


def drip(origin: str, token: str) -> int:
    """Send a form of which two bytes arrive a second. Returns the status of the answer."""
    at = urlsplit(origin)
    with socket.create_connection((at.hostname, at.port), timeout=60) as sender:
        head = (
            f"POST /upload HTTP/1.1\r\nHost: {at.netloc}\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        )
        sender.sendall(head.encode())
        sender.settimeout(0.5)
        for _ in range(100):
            try:
                answer = sender.recv(4096)
            except TimeoutError:
                sender.sendall(b"v")
                continue
            return int(answer.split()[1])
    raise AssertionError("It was read for 50 seconds.")
