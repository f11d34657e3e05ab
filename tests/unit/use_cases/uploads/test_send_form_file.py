"""Small files through the function: reserved, stored and settled in one request, or nothing of it."""

from __future__ import annotations

import io

import pytest

from reelgate.domain import errors
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.uploads.send_form_file import send_form_file
from tests.fixtures.memory_services import ADA, MemoryServices, an_upload_request


async def send(services: MemoryServices, size: int = 100, **more: object):  # type: ignore[no-untyped-def]
    return await send_form_file(services, ADA, an_upload_request("a.mp4", size, **more), io.BytesIO(b"v" * size))


async def test_the_file_is_stored_and_the_event_finds_it_done(services: MemoryServices) -> None:
    sent = await send(services)
    assert (sent.file_id, sent.account.stored, sent.account.reserved) == ("id-1", 100, 0)
    (name,) = services.media.objects
    assert name == "ada/id-1/a.mp4"
    assert (await finish_upload(services, name)).verdict is Verdict.DUPLICATE
    assert await services.kinds() == ["reserve", "commit"]
    assert services.published() == ["video.ready"]


async def test_over_the_limit_nothing_is_stored(services: MemoryServices) -> None:
    with pytest.raises(errors.StorageLimitExceeded):
        await send(services, 1001)
    assert services.media.objects == {}
    assert await services.account() is None


async def test_a_lost_bucket_gives_the_bytes_back(services: MemoryServices) -> None:
    services.media.unavailable = True
    with pytest.raises(errors.Unavailable):
        await send(services)
    assert (await services.existing_account()).reserved == 0
    assert await services.kinds() == ["reserve", "release"]


async def test_the_same_file_under_the_same_key_is_stored_once_and_a_success_again(services: MemoryServices) -> None:
    first, again = [await send(services, idempotency_key="k") for _ in range(2)]
    assert (again.file_id, again.account.stored) == (first.file_id, 100)
    assert await services.kinds() == ["reserve", "commit"]
    assert len(services.media.objects) == 1
    assert (await services.existing_account()).stored == 100
