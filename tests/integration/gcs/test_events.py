"""The feed of finalize and delete events."""

import threading
from typing import Any

from tests.integration.gcs.conftest import Bucket, Emulator

FINALIZED = "google.cloud.storage.object.v1.finalized"
DELETED = "google.cloud.storage.object.v1.deleted"


def kinds(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["type"].rsplit(".", 1)[1], event["name"]) for event in events]


def test_event_carries_the_object(emulator: Emulator, bucket: Bucket) -> None:
    before = emulator.last_event_id()
    resource = bucket.upload("dir/ü.mp4", b"data").json()
    (event,) = emulator.events_after(before)
    assert event["id"] > before
    assert event["type"] == FINALIZED
    assert event["time"] == resource["timeCreated"]
    assert (event["bucket"], event["name"]) == (bucket.name, "dir/ü.mp4")
    assert event["generation"] == resource["generation"]
    assert event["data"] == resource
    assert (event["data"]["size"], event["data"]["metageneration"]) == ("4", "1")


def test_every_way_to_make_or_remove_an_object(emulator: Emulator, bucket: Bucket) -> None:
    before = emulator.last_event_id()
    http, base = emulator.http, f"/storage/v1/b/{bucket.name}/o"
    first = bucket.upload("a", b"1").json()["generation"]
    second = bucket.upload("a", b"2").json()["generation"]
    http.post(f"{base}/a/copyTo/b/{bucket.name}/o/copy")
    http.post(f"{base}/a/rewriteTo/b/{bucket.name}/o/rewritten")
    http.post(f"{base}/composed/compose", json={"sourceObjects": [{"name": "a"}]})
    http.patch(f"{base}/a", json={"metadata": {"k": "v"}})
    http.delete(f"{base}/a")
    events = emulator.events_after(before)
    assert kinds(events) == [
        ("finalized", "a"),
        ("deleted", "a"),
        ("finalized", "a"),
        ("finalized", "copy"),
        ("finalized", "rewritten"),
        ("finalized", "composed"),
        ("deleted", "a"),
    ]
    generations = [event["generation"] for event in events]
    assert generations[:3] == [first, first, second]
    assert generations[-1] == second


def test_failures_fire_nothing(emulator: Emulator, bucket: Bucket) -> None:
    bucket.upload("a", b"1")
    before = emulator.last_event_id()
    assert bucket.upload("a", b"2", ifGenerationMatch=0).status_code == 412
    uri = bucket.open_session("b", {"crc32c": "AAAAAA=="})
    assert emulator.http.put(uri, content=b"data").status_code == 400
    assert emulator.http.delete(f"/storage/v1/b/{bucket.name}/o/none").status_code == 404
    assert emulator.events_after(before) == []


def test_paging(emulator: Emulator, bucket: Bucket) -> None:
    before = emulator.last_event_id()
    for name in "abcde":
        bucket.upload(name, b"")
    page = emulator.http.get("/_emulator/events", params={"after": before, "limit": 2}).json()
    assert kinds(page["events"]) == [("finalized", "a"), ("finalized", "b")]
    assert page["last_id"] == page["events"][-1]["id"]
    assert kinds(emulator.events_after(page["last_id"])) == [("finalized", name) for name in "cde"]
    nothing = emulator.http.get("/_emulator/events", params={"after": emulator.last_event_id()}).json()
    assert nothing == {"events": [], "last_id": emulator.last_event_id()}
    assert emulator.http.get("/_emulator/events", params={"after": "x"}).status_code == 400


def test_waiting_reader_is_woken(emulator: Emulator, bucket: Bucket) -> None:
    before = emulator.last_event_id()
    found: list[dict[str, Any]] = []

    def wait() -> None:
        answer = emulator.http.get("/_emulator/events", params={"after": before, "wait": 20})
        found.extend(answer.json()["events"])

    reader = threading.Thread(target=wait)
    reader.start()
    bucket.upload("awaited", b"")
    reader.join(timeout=15)
    assert kinds(found) == [("finalized", "awaited")]
