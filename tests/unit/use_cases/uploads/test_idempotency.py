"""Idempotency keys: the same request again gives the same upload; another request, or a finished upload, is a conflict."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from reelgate.domain import errors
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.start_upload import start_upload
from tests.fixtures.memory_services import ADA, BOB, MemoryServices, an_upload_request


async def test_the_same_request_gives_the_same_upload_with_a_fresh_url(services: MemoryServices) -> None:
    first = await services.grant(size=600, idempotency_key="k")
    services.clock.advance(minutes=5)
    again = await services.grant(size=600, idempotency_key="k")
    assert again.upload == first.upload
    assert again.signed.url != first.signed.url
    assert again.signed.expires_at > first.signed.expires_at
    assert await services.kinds() == ["reserve"]


async def test_keys_are_per_user(services: MemoryServices) -> None:
    mine = await services.grant(idempotency_key="k")
    theirs = await services.grant(idempotency_key="k", caller=BOB)
    assert mine.upload.upload_id != theirs.upload.upload_id


@pytest.mark.parametrize(
    "change",
    [{"size": 101}, {"filename": "b.mp4"}, {"content_type": "video/webm"}, {"title": "T"}, {"opened_by_server": True}],
)
async def test_another_request_under_the_same_key_is_refused(services: MemoryServices, change: dict[str, object]) -> None:
    request = an_upload_request(idempotency_key="k")
    await start_upload(services, ADA, request)
    with pytest.raises(errors.IdempotencyMismatch):
        await start_upload(services, ADA, replace(request, **change))  # type: ignore[arg-type]
    assert (await services.existing_account()).reserved == 100
    assert services.media.sessions == {}


@pytest.mark.parametrize("settled", ["ready", "cancelled"])
async def test_a_finished_upload_is_not_granted_again(services: MemoryServices, settled: str) -> None:
    granted = await services.grant(idempotency_key="k")
    if settled == "ready":
        await finish_upload(services, services.send(granted))
    else:
        await cancel_upload(services, ADA, granted.upload.upload_id)
    with pytest.raises(errors.UploadFinished):
        await services.grant(idempotency_key="k")
    assert (await services.existing_account()).reserved == 0


async def test_the_same_request_many_times_at_once_reserves_once(services: MemoryServices) -> None:
    granted = await asyncio.gather(*(services.grant(opened_by_server=True, idempotency_key="k") for _ in range(8)))
    assert len({each.upload.upload_id for each in granted}) == 1
    assert (await services.existing_account()).reserved == 100
    assert list(services.media.sessions) == [granted[0].upload.session_url]
