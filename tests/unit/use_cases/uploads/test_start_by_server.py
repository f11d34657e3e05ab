"""`start=server`: the session is opened before the books are written, and ended when they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reelgate.domain import errors
from reelgate.ports.books import CommitResult, Decide, ReadSet
from reelgate.use_cases.uploads.resume_upload import resume_upload
from tests.fixtures.memory_services import ADA, MemoryServices


async def test_the_session_is_pinned_to_what_was_granted(services: MemoryServices) -> None:
    granted = await services.grant("a.mp4", 300, opened_by_server=True, origin="https://app.example", crc32c="yZRlqg==")
    (url, session), *others = services.media.sessions.items()
    assert not others
    assert granted.upload.session_url == url
    assert (session.object_name, session.content_type, session.size) == ("ada/id-1/a.mp4", "video/mp4", 300)
    assert (session.crc32c, session.origin) == ("yZRlqg==", "https://app.example")
    assert (await services.open_uploads())["id-1"].session_url == url


async def test_secrets_do_not_show_in_the_repr(services: MemoryServices) -> None:
    granted = await services.grant(opened_by_server=True)
    assert granted.upload.session_url is not None
    assert granted.upload.session_url not in repr(granted)
    assert granted.signed is not None
    assert granted.signed.url not in repr(granted)


@pytest.mark.parametrize(("filename", "size"), [("big.mp4", 1001), ("taken.mp4", 1)])
async def test_a_refused_upload_opens_nothing(services: MemoryServices, filename: str, size: int) -> None:
    await services.add_video("taken.mp4", 1)
    opened = services.media.open_session

    async def watched(*_: object, **__: object) -> str:
        raise AssertionError("a session was opened for a refused upload")

    services.media.open_session = watched  # type: ignore[method-assign]
    with pytest.raises((errors.StorageLimitExceeded, errors.NameTaken)):
        await services.grant(filename, size, opened_by_server=True)
    services.media.open_session = opened  # type: ignore[method-assign]
    assert (await services.existing_account()).reserved == 0


async def test_a_session_is_ended_when_the_commit_is_refused(services: MemoryServices) -> None:
    """Another request takes the name after the books were asked and before they are written."""
    opened = services.media.open_session

    async def overtaken(*args: object, **named: object) -> str:
        services.media.open_session = opened  # type: ignore[method-assign]
        await services.grant("a.mp4", 5)
        return await opened(*args, **named)  # type: ignore[arg-type]

    services.media.open_session = overtaken  # type: ignore[method-assign]
    with pytest.raises(errors.NameTaken):
        await services.grant("a.mp4", 300, opened_by_server=True)
    assert services.media.sessions == {}
    assert (await services.existing_account()).reserved == 5


async def test_a_session_lives_on_when_nobody_knows_whether_the_books_were_written(services: MemoryServices) -> None:
    commit = services.books.commit

    async def lose_the_answer(uid: str, decide: Decide, reads: ReadSet, **more: Any) -> CommitResult:
        await commit(uid, decide, reads, **more)
        raise errors.Unavailable("the connection was lost")

    services.books.commit = lose_the_answer  # type: ignore[method-assign]
    with pytest.raises(errors.Unavailable):
        await services.grant(opened_by_server=True, idempotency_key="k")
    services.books.commit = commit  # type: ignore[method-assign]
    granted = await services.grant(opened_by_server=True, idempotency_key="k")
    assert list(services.media.sessions) == [granted.upload.session_url]
    assert await services.kinds() == ["reserve"]


async def test_nothing_is_reserved_when_the_bucket_cannot_open_a_session(services: MemoryServices) -> None:
    services.media.unavailable = True
    with pytest.raises(errors.Unavailable):
        await services.grant(opened_by_server=True)
    assert await services.account() is None


async def test_a_repeated_request_keeps_the_first_session(services: MemoryServices) -> None:
    first = await services.grant(opened_by_server=True, idempotency_key="k")
    again = await services.grant(opened_by_server=True, idempotency_key="k")
    assert again.upload == first.upload
    assert list(services.media.sessions) == [first.upload.session_url]


async def test_a_deployment_may_leave_opening_sessions_to_the_server(services: MemoryServices) -> None:
    older = await services.grant("older.mp4", 100)
    services.policy = replace(services.policy, client_sessions=False)
    signed = len(services.signer.signed)
    granted = await services.grant("a.mp4", 300, idempotency_key="k")
    again = await services.grant("a.mp4", 300, idempotency_key="k")
    (url, session), *others = services.media.sessions.items()
    assert not others
    assert (granted.upload.session_url, again.upload.session_url, session.size) == (url, url, 300)
    assert (granted.signed, again.signed) == (None, None)
    for upload in (granted.upload, older.upload):
        resumed = await resume_upload(services, ADA, upload.upload_id)
        assert resumed.signed is None
        assert resumed.upload.session_url in services.media.sessions
    assert len(services.media.sessions) == 2
    assert len(services.signer.signed) == signed


async def test_such_a_deployment_refuses_names_that_are_too_long_as_well(services: MemoryServices) -> None:
    services.policy = replace(services.policy, client_sessions=False)
    with pytest.raises(errors.InvalidRequest):
        await services.grant("ü" * 509 + ".mp4", 300)
    assert services.media.sessions == {}
