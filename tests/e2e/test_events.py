"""Finalize events that come twice, late, in another order, or for objects that nobody was granted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.people import Person


class Eventarc:
    """The bridge's admin endpoint."""

    def __init__(self, cloud: Mapping[str, str]) -> None:
        self._base = f"{cloud['REELGATE_EVENTARC_URL']}/_emulator"

    def faults(self, **faults: Any) -> None:
        """Make these happen to events from now on."""
        httpx.put(f"{self._base}/faults", json=faults).raise_for_status()

    def release(self) -> None:
        """Let everything happen as usual."""
        httpx.delete(f"{self._base}/faults").raise_for_status()

    def redeliver(self, name: str) -> None:
        """Deliver an old event again, as Pub/Sub may, under another id."""
        httpx.post(f"{self._base}/redeliver", json={"name": name, "new_id": True}).raise_for_status()

    def flush(self) -> None:
        """Wait until nothing is pending."""
        httpx.post(f"{self._base}/flush", params={"wait": 30}, timeout=60).raise_for_status()


@pytest.fixture
def eventarc(cloud: Mapping[str, str]) -> Iterator[Eventarc]:
    bridge = Eventarc(cloud)
    yield bridge
    bridge.release()
    bridge.flush()


def object_of(granted: Mapping[str, Any]) -> str:
    return str(granted["object"])


def test_duplicates_and_another_order_change_nothing(person: Person, eventarc: Eventarc) -> None:
    eventarc.faults(duplicate_every=1, reorder_window=8, delay_ms=[0, 100], drop_first_attempts=1, seed=7)
    for number in range(8):
        granted = person.ask(f"{number}.mp4", 100 + number)
        assert person.send(granted, bytes(100 + number)).status_code == 200
    eventarc.flush()
    assert person.storage_status()["used_storage"] == sum(100 + number for number in range(8))
    assert len(person.api.get("/files").json()["files"]) == 8
    person.assert_books_right()


def test_an_old_event_after_delete_and_purge_removes_nothing_that_counts(person: Person, eventarc: Eventarc) -> None:
    granted = person.ask("a.mp4", 4)
    person.send(granted, b"data")
    eventarc.flush()
    eventarc.redeliver(object_of(granted))
    eventarc.flush()
    deleted = person.api.request("DELETE", "/delete-file", json={"filename": "a.mp4"}).json()
    eventarc.redeliver(object_of(granted))
    eventarc.flush()
    restored = person.api.post(f"/trash/{deleted['file_id']}/restore")
    assert restored.status_code == 200
    url = person.api.get("/stream/direct/a.mp4").json()["url"]
    assert person.storage.get(url).content == b"data"
    person.api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})
    assert person.api.delete(f"/v1/trash/{deleted['file_id']}").status_code == 204
    assert person.storage.get(url).status_code == 404
    eventarc.redeliver(object_of(granted))
    eventarc.flush()
    assert person.api.get("/files").json()["files"] == []
    person.assert_books_right()


def test_what_is_sent_after_the_cancellation_is_refused(person: Person, eventarc: Eventarc, cloud: Mapping[str, str]) -> None:
    granted = person.ask("late.mp4", 4)
    session = person.open(granted).headers["location"]
    assert person.api.delete(f"/v1/uploads/{granted['upload_id']}").status_code == 204
    assert person.storage.put(session, content=b"data").status_code == 412
    eventarc.flush()
    assert is_placeholder(find(cloud, object_of(granted)))
    person.assert_books_right()


def test_objects_that_were_never_granted_are_removed(person: Person, eventarc: Eventarc, cloud: Mapping[str, str]) -> None:
    for name in (f"{person.uid}/{'f' * 32}/forged.mp4", f"nobody/{'0' * 32}/ünï çödé.mp4"):
        put(cloud, name, b"stray")
        eventarc.flush()
        found = find(cloud, name)
        assert found is None or is_placeholder(found)
    assert person.ledger() == []


def test_what_an_operator_keeps_beside_the_videos_is_left_alone(eventarc: Eventarc, cloud: Mapping[str, str]) -> None:
    for name in ("notes.txt", "a/b/c/d", "gcloud/tmp/parallel_composite_uploads/part_1"):
        put(cloud, name, b"kept")
        eventarc.flush()
        assert find(cloud, name) is not None


@pytest.mark.parametrize(
    "event", ["wrong size", "old generation", "unknown object", "another bucket", "another type", "no data", "impossible name"]
)
def test_forged_events_change_nothing(person: Person, cloud: Mapping[str, str], event: str) -> None:
    granted = person.ask("real.mp4", 4)
    kind = "google.cloud.storage.object.v1.finalized"
    data: Any = {"bucket": cloud["REELGATE_MEDIA_BUCKET"], "name": object_of(granted), "generation": "1", "size": "4"}
    if event == "wrong size":
        data |= {"size": "5"}
    elif event == "old generation":
        person.send(granted, b"data")
        person.settled(granted["upload_id"])
    elif event == "unknown object":
        data |= {"name": f"{person.uid}/{'0' * 32}/unknown.mp4"}
    elif event == "another bucket":
        data |= {"bucket": "somebody-elses"}
    elif event == "another type":
        kind = "google.cloud.storage.object.v1.deleted"
    elif event == "impossible name":
        data |= {"name": f"{person.uid}/\ud800/.."}
    else:
        data = {}
    before = person.ledger()
    headers = {
        "ce-id": "1",
        "ce-type": kind,
        "ce-specversion": "1.0",
        "ce-source": "//storage.googleapis.com/projects/_/buckets/b",
    }
    answer = httpx.post(
        cloud["REELGATE_FINALIZE_URL"],
        content=json.dumps(data),
        headers={**headers, "Content-Type": "application/json"},
        timeout=30,
    )
    assert answer.status_code == 200  # it can never succeed, so it must leave the queue
    assert person.ledger() == before
    person.assert_books_right()


def test_what_is_no_event_is_refused(cloud: Mapping[str, str]) -> None:
    url = cloud["REELGATE_FINALIZE_URL"]
    assert httpx.post(url, content=b"hello", timeout=30).status_code == 400
    assert httpx.get(url, timeout=30).status_code == 405


def find(cloud: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """Ask the bucket for an object with an operator's eyes (JSON API)."""
    url = f"{cloud['STORAGE_EMULATOR_HOST']}/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o/{quote(name, safe='')}"
    answer = httpx.get(url)
    return None if answer.status_code == 404 else answer.raise_for_status().json()


def is_placeholder(found: dict[str, Any] | None) -> bool:
    """Return whether an object is there that keeps the name of a closed upload."""
    return found is not None and found["size"] == "0" and "customTime" in found


def put(cloud: Mapping[str, str], name: str, data: bytes) -> None:
    """Write an object as an operator could (JSON API)."""
    url = f"{cloud['STORAGE_EMULATOR_HOST']}/upload/storage/v1/b/{cloud['REELGATE_MEDIA_BUCKET']}/o"
    params = {"uploadType": "media", "name": name}
    httpx.post(url, params=params, content=data, headers={"Content-Type": "video/mp4"}).raise_for_status()
