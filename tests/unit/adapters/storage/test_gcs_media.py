"""What the bucket says that the storage emulator does not say when it should, or never does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from google.auth.credentials import AnonymousCredentials

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.storage.gcs_media import GcsMedia, connect
from reelgate.domain.books.video import StoredObject
from reelgate.domain.errors import Unavailable
from reelgate.ports.storage import SessionStatus
from tests.fixtures.scripted_server import Answer, Asked, ScriptedServer, scripted_server

SIZE = 1000


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def media(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[GcsMedia]:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://{server.host}")
    connections = Connections()
    opened = connect(
        "demo", "media", storage_url=f"http://{server.host}", connections=connections, credentials=AnonymousCredentials()
    )
    yield opened
    opened._bucket.client.close()
    connections.close()


def session(server: ScriptedServer) -> str:
    return f"http://{server.host}/upload/media/o?uploadType=resumable&upload_id=secret"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(308, b"", {"Range": "bytes=0-499"}), SessionStatus(received_bytes=500, alive=True)),
        (Answer(308, b""), SessionStatus(received_bytes=0, alive=True)),
        (Answer(200), SessionStatus(received_bytes=SIZE, alive=True)),
        (Answer(404, b""), SessionStatus(received_bytes=0, alive=False)),
        (Answer(410, b""), SessionStatus(received_bytes=0, alive=False)),
        (Answer(302, b"", {"Location": "http://elsewhere.example/"}), SessionStatus(received_bytes=0, alive=False)),
    ],
    ids=str,
)
async def test_what_a_session_says(server: ScriptedServer, media: GcsMedia, answer: Answer, status: SessionStatus) -> None:
    server.script = lambda _: answer
    assert await media.session_status(session(server), size=SIZE) == status
    [asked] = server.asked
    assert (asked.method, asked.target) == ("PUT", "/upload/media/o?uploadType=resumable&upload_id=secret")
    assert (asked.headers["content-range"], asked.headers["content-length"]) == (f"bytes */{SIZE}", "0")
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("answer", [Answer(408), Answer(429), Answer(503), None], ids=str)
async def test_a_session_that_does_not_answer_is_not_dead(
    server: ScriptedServer, media: GcsMedia, answer: Answer | None, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = lambda _: answer
    with pytest.raises(Unavailable) as refused:
        await media.session_status(session(server), size=SIZE)
    assert "secret" not in f"{refused.value!r} {refused.value}" + caplog.text


async def test_ending_a_session(server: ScriptedServer, media: GcsMedia) -> None:
    server.script = lambda _: Answer(499, b"")
    await media.cancel_session(session(server))
    [asked] = server.asked
    assert (asked.method, asked.headers["content-length"]) == ("DELETE", "0")


def batch_of(statuses: Sequence[int]) -> Answer:
    """A batch's answers (Cloud Storage docs, "Sending batch requests")."""
    parts = "".join(
        f"--x\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 {status} As scripted\r\nContent-Length: 0\r\n\r\n\r\n"
        for status in statuses
    )
    return Answer(200, f"{parts}--x--\r\n".encode(), {"Content-Type": 'multipart/mixed; boundary="x"'})


def stored(name: str) -> StoredObject:
    return StoredObject(name=name, generation=7, size=1, content_type="video/mp4", crc32c=None)


def requests_to(server: ScriptedServer) -> list[str]:
    """Return what was asked of objects; the client also looks at the bucket in the background."""
    return [f"{asked.method} {asked.target.partition('?')[0]}" for asked in server.asked if asked.method != "GET"]


@pytest.mark.parametrize("statuses", [(404, 403), (403, 412)])
async def test_a_failure_is_not_hidden_by_one_that_is_gone(
    server: ScriptedServer, media: GcsMedia, statuses: tuple[int, int]
) -> None:
    """The client raises one failure of a batch only; where that one is harmless, each object is removed by itself."""

    def script(asked: Asked) -> Answer:
        if asked.target.startswith("/batch"):
            return batch_of(statuses)
        return Answer(404 if asked.target.startswith("/storage/v1/b/media/o/gone") else 403)

    server.script = script
    with pytest.raises(Unavailable):
        await media.remove_all([stored("gone"), stored("kept")])
    assert requests_to(server)[0] == "POST /batch/storage/v1"


async def test_objects_that_are_gone_are_no_failure(server: ScriptedServer, media: GcsMedia) -> None:
    server.script = lambda asked: batch_of([412, 204]) if asked.target.startswith("/batch") else Answer(404)
    await media.remove_all([stored("replaced"), stored("removed")])
    assert requests_to(server) == [
        "POST /batch/storage/v1",
        "DELETE /storage/v1/b/media/o/replaced",
        "DELETE /storage/v1/b/media/o/removed",
    ]


async def test_a_failure_in_a_batch_is_one(server: ScriptedServer, media: GcsMedia) -> None:
    server.script = lambda _: batch_of([204, 503])
    with pytest.raises(Unavailable):
        await media.remove_all([stored("a"), stored("b")])
    assert requests_to(server) == ["POST /batch/storage/v1"]


FOUND = {
    "name": "u/f/a ü.mp4",
    "generation": "7",
    "size": "100",
    "contentType": "video/mp4",
    "crc32c": "AAAAAA==",
    "timeCreated": "2026-11-03T12:00:00.250Z",
    "metadata": {"upload-id": "f"},
}


async def test_metadata_is_read_by_the_json_api_and_again_after_a_failure(server: ScriptedServer, media: GcsMedia) -> None:
    answers = iter([Answer(503, b""), Answer(200, b"no JSON"), Answer(200, json.dumps(FOUND).encode())])
    server.script = lambda _: next(answers)
    assert await media.find("u/f/a ü.mp4") == StoredObject(
        name="u/f/a ü.mp4",
        generation=7,
        size=100,
        content_type="video/mp4",
        crc32c="AAAAAA==",
        content_encoding=None,
        written_at=datetime(2026, 11, 3, 12, 0, 0, 250_000, tzinfo=UTC),
        settings=(("metadata.upload-id", "f"),),
    )
    assert len(server.asked) == 3
    assert server.asked[0].method == "GET"
    assert server.asked[0].target.partition("?")[0] == "/storage/v1/b/media/o/u%2Ff%2Fa%20%C3%BC.mp4"


@pytest.mark.parametrize("status", [400, 403])
async def test_metadata_that_may_not_be_read_is_not_an_object_that_is_gone(
    server: ScriptedServer, media: GcsMedia, status: int
) -> None:
    server.script = lambda _: Answer(status, b"{}")
    with pytest.raises(Unavailable):
        await media.find("a")
    assert len(server.asked) == 1
    server.script = lambda _: Answer(404, b"{}")
    assert await media.find("a") is None
