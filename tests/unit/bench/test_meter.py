"""The meter counts as Google bills."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import urllib3

from bench.billed.meter import KINDS, Meter
from bench.billed.prices import dollars_per_million
from reelgate.adapters.google.connections import Connections
from tests.fixtures.scripted_server import scripted_server

DATABASE = "/v1/projects/p/databases/(default)/documents"


def counted(target: str, sent: Any = None, answer: Any = None, *, method: str = "POST", status: int = 200) -> dict[str, int]:
    meter = Meter()
    meter.note(method, target, json.dumps(sent).encode(), status, json.dumps(answer).encode())
    return {kind: number for kind, number in meter.counts.items() if number}


def test_firestore_operations() -> None:
    assert counted(f"{DATABASE}:batchGet", {"documents": ["a", "missing"]}, [{"found": {}}, {"missing": "b"}]) == {"reads": 2}
    writes = [{"update": {}}, {"update": {}, "updateMask": {}}, {"delete": "c"}]
    assert counted(f"{DATABASE}:commit", {"writes": writes}) == {"writes": 2, "deletes": 1}
    assert counted(f"{DATABASE}:commit", {"writes": writes}, status=409) == {}
    assert counted(f"{DATABASE}/users/ada:runQuery", {}, [{"document": {}}, {"document": {}}]) == {"reads": 2}
    assert counted(f"{DATABASE}:runQuery", {}, [{"readTime": "now"}]) == {"reads": 1}


def test_messages_are_counted_and_kept() -> None:
    meter = Meter()
    sent = {"messages": [{"data": "", "attributes": {"type": "a"}}, {"data": "", "attributes": {"type": "b"}}]}
    meter.note("POST", "/v1/projects/p/topics/videos:publish", json.dumps(sent).encode(), 200, b"{}")
    assert meter.counts == {"published": 2}
    assert [(topic, message["attributes"]["type"]) for topic, message in meter.messages] == [("videos", "a"), ("videos", "b")]


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/storage/v1/b/media/o/a%2Fb.mp4", {"class_b": 1}),
        ("GET", "/download/storage/v1/b/media/o/a?alt=media", {"class_b": 1}),
        ("GET", "/storage/v1/b/media/o?prefix=a", {"class_a": 1}),
        ("POST", "/upload/storage/v1/b/media/o?uploadType=resumable", {"class_a": 1}),
        ("PUT", "/upload/storage/v1/b/media/o?uploadType=resumable&upload_id=x", {}),
        ("POST", "/storage/v1/b/media/o/a/compose", {"class_a": 1}),
        ("DELETE", "/storage/v1/b/media/o/a", {}),
        ("POST", "/identitytoolkit.googleapis.com/v1/accounts:signUp", {}),
    ],
)
def test_storage_operations(method: str, target: str, expected: dict[str, int]) -> None:
    assert counted(target, method=method) == expected


def test_a_batch_is_counted_by_its_parts() -> None:
    meter = Meter()
    meter.note(
        "POST", "/batch/storage/v1", b"--x\nDELETE /o/a HTTP/1.1\n--x\nGET /o/b HTTP/1.1\n--x\nPATCH /o/c HTTP/1.1", 200, b""
    )
    assert meter.counts == {"class_a": 1, "class_b": 1}


def test_every_request_of_urllib3_passes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(pool: Any, method: str, url: str, body: Any = None, **options: Any) -> urllib3.HTTPResponse:
        return urllib3.HTTPResponse(body=b"[]", status=200)

    monkeypatch.setattr(urllib3.HTTPConnectionPool, "urlopen", answered)
    with Meter().watching() as meter:
        urllib3.HTTPConnectionPool("firestore.example").urlopen("POST", f"{DATABASE}:batchGet", b'{"documents": ["a"]}')
    urllib3.HTTPConnectionPool("firestore.example").urlopen("POST", f"{DATABASE}:batchGet", b'{"documents": ["a"]}')
    assert meter.counts == Counter(reads=1)


async def test_every_request_of_our_client_passes_by() -> None:
    with scripted_server() as server:
        client = Connections().server(f"http://{server.host}")

        async def read() -> None:
            await client.call("POST", f"{DATABASE}:batchGet", headers={}, body=b'{"documents": ["a"]}', seconds=60)

        with Meter().watching() as meter:
            await read()
        await read()
        client.close()
    assert meter.counts == Counter(reads=1)


def test_prices_are_per_operation() -> None:
    nothing = dict.fromkeys(KINDS, 0)
    assert dollars_per_million({**nothing, "reads": 1}) == pytest.approx(0.30)
    assert dollars_per_million({**nothing, "writes": 1, "class_a": 1}) == pytest.approx(5.90)
    assert dollars_per_million({**nothing, "published": 3, "invocations": 2}) == 0
