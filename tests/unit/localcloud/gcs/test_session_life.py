"""A resumable session lives one week, whatever happens to the process in between."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.services import Services
from localcloud.gcs.store.content.checksums import DeclaredChecksums
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.metadata.records import Content
from localcloud.gcs.store.sessions import Terms

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
TERMS = Terms("json", "media", "a", {}, Preconditions(generation_match=0), DeclaredChecksums("abc="), 10, "http://x")


class Clock:
    now = OPENED

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def reopened(folder: Path, clock: Clock) -> Services:
    return Services.open(folder, "http://localhost", clock)


def test_session_outlives_the_process_but_not_the_week(tmp_path: Path, clock: Clock) -> None:
    services = reopened(tmp_path, clock)
    session = services.sessions.open(TERMS)
    services.blobs.path(session.blob).write_bytes(b"kept")
    services.database.close()

    clock.now = OPENED + timedelta(days=7)
    services = reopened(tmp_path, clock)
    assert services.sessions.get(session.id).terms == TERMS
    assert services.blobs.path(session.blob).exists()
    clock.now = OPENED + timedelta(days=7, seconds=1)
    with pytest.raises(StorageError) as caught:
        services.sessions.get(session.id)
    assert caught.value.refusal is Refusal.NO_SUCH_UPLOAD
    services.database.close()

    services = reopened(tmp_path, clock)
    assert services.sessions.all_open() == []
    assert not services.blobs.path(session.blob).exists()
    services.database.close()


async def test_dead_session_is_gone_within_the_week_and_unknown_after(tmp_path: Path, clock: Clock) -> None:
    services = reopened(tmp_path, clock)
    session = services.sessions.open(TERMS)
    await services.uploads.cancel(session)
    services.database.close()
    services = reopened(tmp_path, clock)
    for days, refusal in ((0, Refusal.UPLOAD_GONE), (8, Refusal.NO_SUCH_UPLOAD)):
        clock.now = OPENED + timedelta(days=days)
        with pytest.raises(StorageError) as caught:
            services.sessions.get(session.id)
        assert caught.value.refusal is refusal
    services.database.close()


def test_generations_increase_even_when_the_clock_goes_back(tmp_path: Path, clock: Clock) -> None:
    services = reopened(tmp_path, clock)
    services.buckets.create("media", {})
    first = services.objects.commit("media", "a", Content("x", 0, "", None), {}).generation
    services.database.close()
    clock.now = OPENED - timedelta(hours=1)
    services = reopened(tmp_path, clock)
    second = services.objects.commit("media", "b", Content("y", 0, "", None), {}).generation
    assert first == int(OPENED.timestamp() * 1_000_000)
    assert second == first + 1
    services.database.close()


def test_object_and_event_are_committed_together_or_not_at_all(tmp_path: Path, clock: Clock) -> None:
    services = reopened(tmp_path, clock)
    services.buckets.create("media", {})

    def fail(_: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        services.objects.commit("media", "a", Content("x", 0, "", None), {}, also=fail)
    assert services.objects.find("media", "a") is None
    assert services.events.last_id() == 0
    services.database.close()


def test_a_folder_has_one_emulator(tmp_path: Path, clock: Clock) -> None:
    services = reopened(tmp_path, clock)
    with pytest.raises(RuntimeError, match="in use"):
        reopened(tmp_path, clock)
    services.database.close()
    reopened(tmp_path, clock).database.close()
