"""What a commit left to do is done at least once: after a broker that was away, and after a crash."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from reelgate import use_cases
from reelgate.adapters.documents.document_store import Write
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.upkeep.sweep import LEFT_BEHIND_AFTER, empty_outbox
from reelgate.use_cases.uploads.resume_upload import resume_upload
from tests.fixtures.audit_trail import committed
from tests.fixtures.memory_services import ADA, MemoryServices


class Crash(BaseException):
    """The process ends here."""


async def left(services: MemoryServices) -> list[str]:
    return [item.event_id for item in await services.books.outbox(services.now() + timedelta(days=1), limit=100)]


async def test_what_was_published_leaves_the_outbox(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 800)
    assert sorted(services.published() + services.published("alerts")) == ["storage.alert", "video.ready"]
    assert await left(services) == []


async def test_a_broker_that_is_away_fails_nobody_and_is_caught_up_with(services: MemoryServices) -> None:
    services.events.unavailable = True
    await services.add_video("a.mp4", 800)
    assert len(await left(services)) == 2
    until = services.now() + timedelta(hours=1)

    services.clock.advance(seconds=LEFT_BEHIND_AFTER.total_seconds())
    services.clock.advance(seconds=1)
    tally = await empty_outbox(services, until=until)
    assert (tally.done, tally.failed, tally.finished) == (0, 2, False)
    services.events.unavailable = False
    tally = await empty_outbox(services, until=until)
    assert (tally.done, tally.failed, tally.finished) == (2, 0, True)
    assert {m.event_id for m in services.events.published} == {"video.ready:id-1:1", "alert:ada:2026-11-03:storage:80:1"}
    assert await left(services) == []


async def test_what_is_just_being_delivered_is_left_alone(services: MemoryServices) -> None:
    services.events.unavailable = True
    await services.add_video()
    services.events.unavailable = False
    tally = await empty_outbox(services, until=services.now() + timedelta(minutes=1))
    assert (tally.done, tally.failed, tally.finished) == (0, 0, True)
    assert services.events.published == []


async def test_a_crash_between_commit_and_publish_loses_nothing(services: MemoryServices) -> None:
    name = services.send(await services.grant("a.mp4", 800))

    async def crash(*_: object, **__: object) -> None:
        raise Crash

    publish, services.events.publish = services.events.publish, crash  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await finish_upload(services, name)
    services.events.publish = publish  # type: ignore[method-assign]

    assert (await services.existing_account()).stored == 800
    await finish_upload(services, name)  # the event comes again: a duplicate publishes nothing twice
    assert services.published() + services.published("alerts") == []
    assert services.published("audit") == []
    assert [action.action for action in committed(services)] == ["upload.finished"]
    services.clock.advance(minutes=2)
    await empty_outbox(services, until=services.now() + timedelta(minutes=1))
    assert services.published() + services.published("alerts") == ["video.ready", "storage.alert"]


async def test_a_crash_before_the_commit_leaves_nothing_to_publish(services: MemoryServices) -> None:
    name = services.send(await services.grant())

    def fail(_: Sequence[Write]) -> None:
        raise RuntimeError("the process ends here")

    services.books_store.before_commit = fail
    with pytest.raises(RuntimeError):
        await finish_upload(services, name)
    assert await left(services) == []
    assert (await services.existing_account()).reserved == 100


async def test_an_alert_that_a_renewed_session_raises_is_published_at_once(services: MemoryServices) -> None:
    """The storage was nearly full yesterday; a new day raises that again, with whatever comes first."""
    await services.add_video("a.mp4", 800)
    services.clock.advance(hours=11, minutes=30)
    granted = await services.grant("b.mp4", 100, opened_by_server=True)
    assert services.published("alerts") == ["storage.alert"]
    services.clock.advance(minutes=40)
    services.media.sessions.clear()
    await resume_upload(services, ADA, granted.upload.upload_id)
    assert services.published("alerts") == ["storage.alert", "storage.alert"]
    assert await left(services) == []


def test_only_one_place_commits_and_it_delivers() -> None:
    """A use case that called `Books.commit` itself could forget the outbox, which then waits for the sweep."""
    committing = {
        path.name
        for folder in use_cases.__path__
        for path in Path(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "commit" and _is_books(node.value)
    }
    assert committing == {"commit.py"}


def _is_books(value: ast.expr) -> bool:
    return (isinstance(value, ast.Attribute) and value.attr == "books") or (isinstance(value, ast.Name) and value.id == "books")
