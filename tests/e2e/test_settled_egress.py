"""What players really took is charged in the end: from signed URLs over usage logs to the books, in the running system."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from reelgate.domain.usage.egress_tags import EgressTag
from tests.e2e.people import Person
from tests.fixtures.later import LaterServices, sent_by_the_logs, settle_when_due, write_logs

DATA = os.urandom(6 * 1024 * 1024)


@pytest.fixture
def later(cloud: Mapping[str, str]) -> LaterServices:
    return LaterServices.of(cloud)


def break_off(url: str) -> None:
    """Begin a download, and end the connection before its end."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 200")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


async def test_what_was_sent_is_settled(cloud: Mapping[str, str], person: Person, later: LaterServices) -> None:
    person.upload_to_watch("film.mp4", DATA)
    url = person.api.get("/stream/direct/film.mp4").json()["url"]
    assert person.storage.get(url, headers={"Range": "bytes=1000-1999"}).content == DATA[1000:2000]
    assert person.storage.get(url, headers={"Range": "bytes=-500"}).content == DATA[-500:]
    break_off(url)
    write_logs(cloud, doubled=True, foreign=True)
    assert person.storage.get(url, headers={"Range": "bytes=0-9"}).status_code == 206
    until = time.monotonic() + 20
    while len(sent := sent_by_the_logs(cloud, f"{person.uid}/")) < 4:  # the bucket has to notice that the player has gone
        assert time.monotonic() < until, sent
        write_logs(cloud, again=True, objects=2)
    assert 1000 + 500 + 10 < sum(sent.values()) < len(DATA)

    [charged] = [entry for entry in person.api.get("/v1/usage/entries").json()["items"] if entry["kind"] == "stream"]
    tag = EgressTag(charged["entry_id"].removeprefix("stream:"))
    total = await settle_when_due(later, person.uid, tag)
    assert total.sent == sum(sent.values())

    newest = person.api.get("/v1/usage/entries").json()["items"][0]
    assert (newest["kind"], newest["size"], newest["entry_id"]) == ("settle", sum(sent.values()), f"settle:{tag}")
    day = charged["date"]
    [shown] = person.api.get("/v1/usage/days", params={"from": day, "to": day}).json()["items"]
    usage = shown["usage"]
    assert (usage["estimated"], usage["settled"], usage["unsettled"]) == (len(DATA), sum(sent.values()), 0)
    assert usage["streamed"] == len(DATA) + newest["streamed"] if newest["date"] == day else usage["streamed"] == len(DATA)
