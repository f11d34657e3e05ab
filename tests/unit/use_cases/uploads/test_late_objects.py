"""What arrives and never becomes a video is charged once, and its grant is of no use any more."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain import errors
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files.part_names import PART_TYPE, part_name
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.use_cases.objects.expire_uploads import expire_uploads
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.personal_data.delete_user import delete_user
from reelgate.use_cases.upkeep.sweep import empty_outbox
from reelgate.use_cases.upkeep.sweep_parts import sweep_parts
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.check_uploads import check_uploads
from reelgate.use_cases.uploads.chunks.complete_upload import Completion, complete_upload
from reelgate.use_cases.uploads.chunks.sign_chunks import sign_chunks
from reelgate.use_cases.uploads.chunks.start_chunked_upload import start_chunked_upload
from reelgate.use_cases.uploads.start_upload import GrantedUpload
from reelgate.use_cases.usage.reset_usage import reset_usage
from reelgate.use_cases.videos.delete_video import delete_video, purge_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.chunks import ROOMY, begin, complete, crc32c, sent
from tests.fixtures.dying_services import Dying
from tests.fixtures.memory_services import ADA, POLICY, ROOT, MemoryServices, an_upload_request

UNTIL = timedelta(minutes=5)


async def rejected(services: MemoryServices) -> tuple[int, int]:
    """Return the day's rejected bytes and uploads, after comparing the books with their ledger."""
    today = (await services.existing_account()).today
    return today.rejected, today.rejected_count


def try_to_write(services: MemoryServices, name: str, data: bytes, content_type: str = "video/mp4") -> StoredObject | None:
    """Write an object as the holder of a grant can, create-only; None if the bucket refuses it."""
    services.clock.advance(milliseconds=1)
    return None if name in services.media.objects else services.media.write(name, data, content_type)


def name_of(granted: GrantedUpload) -> str:
    return f"ada/{granted.upload.upload_id}/{granted.upload.filename}"


def part(services: MemoryServices, upload_id: str, index: int, data: bytes) -> StoredObject | None:
    return try_to_write(services, part_name("ada", upload_id, index), data, PART_TYPE)


def placeholders(services: MemoryServices) -> list[str]:
    return [name for name, found in services.media.objects.items() if found.is_placeholder]


async def event(services: MemoryServices, found: StoredObject | None) -> Verdict:
    """Deliver the event of an object."""
    assert found is not None
    return (await finish_upload(services, found.name, generation=found.generation)).verdict


async def test_six_sessions_of_one_byte_cost_what_arrives_and_only_one_arrives(services: MemoryServices) -> None:
    granted = await services.grant(size=1)
    arrived = [try_to_write(services, name_of(granted), b"x" * 800) for _ in range(6)]
    assert [found is not None for found in arrived] == [True] + [False] * 5
    assert await event(services, arrived[0]) is Verdict.REJECTED
    assert [try_to_write(services, name_of(granted), b"x" * 800) for _ in range(6)] == [None] * 6
    assert await rejected(services) == (800, 1)
    assert (await services.existing_account()).day_total == 800


@pytest.mark.parametrize("end", ["cancelled", "expired"])
async def test_a_grant_is_of_no_use_after_its_upload_has_ended(services: MemoryServices, end: str) -> None:
    granted = await services.grant(size=600)
    if end == "cancelled":
        await cancel_upload(services, ADA, granted.upload.upload_id)
    else:
        services.clock.advance(seconds=POLICY.upload_expiry_seconds)
        await expire_uploads(services, "ada")
    assert try_to_write(services, name_of(granted), b"x" * 600) is None
    [placeholder] = services.media.objects.values()
    assert placeholder.is_placeholder
    assert await event(services, placeholder) is Verdict.PLACEHOLDER
    assert await rejected(services) == (0, 0)
    assert (await services.existing_account()).day_total == 0
    assert await services.kinds() == ["reserve", "release"]


@pytest.mark.parametrize("end", ["rejected", "late"])
async def test_an_object_is_charged_once_however_often_it_is_reported(services: MemoryServices, end: str) -> None:
    granted = await services.grant(size=600)
    if end == "late":
        await cancel_upload(services, ADA, granted.upload.upload_id)
        services.media.objects.clear()  # as if the process had died before it closed the name
    found = try_to_write(services, name_of(granted), b"x" * 700)
    put = services.media.put_placeholder

    async def slow(*args: str, **named: int | str) -> bool:
        await asyncio.sleep(0)
        return await put(*args, **named)  # type: ignore[arg-type]

    services.media.put_placeholder = slow  # type: ignore[method-assign, assignment]
    verdicts = await asyncio.gather(*(event(services, found) for _ in range(5)))
    assert set(verdicts) <= {Verdict.REJECTED, Verdict.REMOVED, Verdict.STALE, Verdict.PLACEHOLDER}
    assert await event(services, found) is Verdict.STALE
    assert await rejected(services) == (700, 1)
    assert placeholders(services) == [name_of(granted)]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("end", ["rejected", "late", "cancelled"])
async def test_whoever_dies_between_charge_and_placeholder_is_made_up_for(end: str, after: bool) -> None:
    deaths = 0
    for at in range(1, 30):
        services = MemoryServices()
        granted = await services.grant(size=600)
        if end == "late":
            await cancel_upload(services, ADA, granted.upload.upload_id)
            services.media.objects.clear()
        found = try_to_write(services, name_of(granted), b"x" * 700)
        with Dying(services, at=at, after=after) as life:
            if end == "cancelled":
                await cancel_upload(services, ADA, granted.upload.upload_id)
            else:
                await event(services, found)
        services.clock.advance(hours=1)
        await empty_outbox(services, until=services.now() + UNTIL)
        await event(services, found)  # Eventarc delivers it again
        assert await rejected(services) == (700, 1)
        assert placeholders(services) == [name_of(granted)]
        deaths += life.died
        if not life.died:
            break
    assert deaths >= 3


async def test_an_empty_object_is_no_placeholder(services: MemoryServices) -> None:
    granted = await services.grant(size=600)
    found = try_to_write(services, name_of(granted), b"")
    assert await event(services, found) is Verdict.REJECTED
    assert await rejected(services) == (0, 1)
    other = await services.grant("b.mp4", size=600)
    await cancel_upload(services, ADA, other.upload.upload_id)
    services.media.objects.clear()
    assert await event(services, try_to_write(services, name_of(other), b"")) is Verdict.REMOVED
    assert await rejected(services) == (0, 2)
    assert placeholders(services) == [name_of(other)]


async def test_a_second_session_after_the_purge_is_charged(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 300)
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", video.file_id)
    assert await event(services, try_to_write(services, video.object_name, b"v" * 300)) is Verdict.REMOVED
    assert await rejected(services) == (300, 1)
    assert try_to_write(services, video.object_name, b"v" * 300) is None


async def test_an_object_that_comes_back_for_a_video_is_not_late(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 300)
    await delete_video(services, ADA, by_name("a.mp4"))
    services.media.objects.clear()
    assert await event(services, try_to_write(services, video.object_name, b"v" * 300)) is Verdict.RESTORED
    assert await event(services, services.media.write(video.object_name, b"wrong", "video/mp4")) is Verdict.REMOVED
    assert await rejected(services) == (0, 0)  # only an operator can write there
    assert services.media.objects == {}


async def test_the_owner_was_deleted_meanwhile(services: MemoryServices) -> None:
    granted = await services.grant(size=600)
    upload_id = await sent(services, b"one")
    assert (await delete_user(services, ROOT, "ada")).complete
    assert services.media.objects == {}
    for found in (try_to_write(services, name_of(granted), b"x" * 600), part(services, upload_id, 0, b"one")):
        assert await event(services, found) in {Verdict.REMOVED, Verdict.PART}
    assert await services.account() is None
    assert name_of(granted) in placeholders(services)
    assert try_to_write(services, name_of(granted), b"x" * 600) is None


async def test_after_too_many_nothing_more_is_granted_until_tomorrow(services: MemoryServices) -> None:
    services.policy = replace(POLICY, max_rejected_uploads=3)
    for number in range(3):
        granted = await services.grant(f"{number}.mp4", size=10)
        await event(services, try_to_write(services, name_of(granted), b"x"))
    with pytest.raises(errors.TooManyRejected) as refused:
        await services.grant("c.mp4", size=10)
    assert refused.value.retry_at == services.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert refused.value.retry_after_seconds == 12 * 3600
    [verdict] = (await check_uploads(services, ADA, [10])).verdicts
    assert isinstance(verdict.error, errors.TooManyRejected)
    services.clock.advance(days=1)
    await services.grant("c.mp4", size=10)


async def test_chunks_of_open_uploads_are_not_granted_either_and_an_admin_can_help(services: MemoryServices) -> None:
    services.policy = replace(POLICY, max_rejected_uploads=1)
    upload_id = await sent(services, b"one")
    granted = await services.grant("b.mp4", size=10)
    await event(services, try_to_write(services, name_of(granted), b"x"))
    with pytest.raises(errors.TooManyRejected):
        await sign_chunks(services, ADA, upload_id, [Chunk(index=1, size=3)])
    await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])  # it was granted before
    await reset_usage(services, "ada")
    await sign_chunks(services, ADA, upload_id, [Chunk(index=1, size=3)])


async def test_parts_put_after_a_cancellation_are_charged_at_their_events(services: MemoryServices) -> None:
    """The attacker's way to 200 MB on a quota of 50: reserve, sign, cancel, send all, again and again."""
    chunks = [Chunk(index=index, size=100) for index in range(5)]
    for _ in range(4):
        upload_id = await begin(services)
        await sign_chunks(services, ADA, upload_id, chunks)
        await cancel_upload(services, ADA, upload_id)
        for index in range(5):
            assert await event(services, part(services, upload_id, index, b"x" * 100)) is Verdict.REMOVED
            assert part(services, upload_id, index, b"x" * 100) is None  # the same URL again
    upload_id = await begin(services)
    with pytest.raises(errors.BandwidthLimitExceeded):
        await sign_chunks(services, ADA, upload_id, chunks)
    assert await rejected(services) == (2000, 4)  # the daily limit; one upload each
    assert sum(found.size for found in services.media.objects.values()) == 0
    services.clock.advance(hours=2)
    await sweep_parts(services, until=services.now() + UNTIL)
    assert services.media.objects == {}


@pytest.mark.parametrize("end", ["cancelled", "expired"])
async def test_parts_that_are_there_are_charged_with_the_release(services: MemoryServices, end: str) -> None:
    upload_id = await sent(services, b"one", b"two")
    arrived = list(services.media.objects.values())
    if end == "cancelled":
        await cancel_upload(services, ADA, upload_id)
    else:
        services.clock.advance(seconds=POLICY.upload_expiry_seconds)
        await expire_uploads(services, "ada")
    assert await rejected(services) == (6, 1)
    assert services.media.objects == {}
    for found in arrived:  # an event that comes late, before the part was removed
        services.media.objects[found.name], services.media.data[found.name] = found, b"one"
        assert await event(services, found) is Verdict.PART
    assert await rejected(services) == (6, 1)


async def test_a_part_that_arrives_between_the_list_and_the_release_is_charged_once(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    await sign_chunks(services, ADA, upload_id, [Chunk(index=1, size=3)])
    listing, lists = services.media.listing, []

    async def then_one_more(*args: str, **named: object) -> Collection[StoredObject]:
        page = await listing(*args, **named)  # type: ignore[arg-type]
        lists.append(page)
        if len(lists) == 1:
            found = part(services, upload_id, 1, b"two")
            assert await event(services, found) is Verdict.PART  # its upload is still open
        return page

    services.media.listing = then_one_more  # type: ignore[method-assign, assignment]
    await cancel_upload(services, ADA, upload_id)
    assert await rejected(services) == (6, 1)
    assert placeholders(services) == [part_name("ada", upload_id, 1)]


async def test_parts_that_come_while_others_are_joined_are_charged(services: MemoryServices) -> None:
    services.policy = ROOMY
    upload_id = await sent(services, b"one")
    await sign_chunks(services, ADA, upload_id, [Chunk(index=1, size=3), Chunk(index=2, size=5)])
    compose = services.media.compose

    async def meanwhile(*args: object, **named: object) -> StoredObject | None:
        assert await event(services, part(services, upload_id, 1, b"two")) is Verdict.REMOVED
        part(services, upload_id, 2, b"three")  # whose event comes later
        return await compose(*args, **named)  # type: ignore[arg-type]

    services.media.compose = meanwhile  # type: ignore[method-assign, assignment]
    first = next(iter(services.media.objects.values()))
    assert (await complete(services, upload_id, 1)).size == 3
    assert await rejected(services) == (8, 1)
    assert first.name not in services.media.objects
    assert placeholders(services) == [part_name("ada", upload_id, index) for index in (1, 2)]


async def test_completing_without_granted_parts_is_no_way_around_the_count(services: MemoryServices) -> None:
    """Each round leaves URLs of parts that reserve nothing any more: they could all be used at once."""
    services.policy = replace(ROOMY, max_rejected_uploads=3)
    for number in range(3):
        request = replace(an_upload_request(f"{number}.mp4", 0), chunked=True)
        upload_id = (await start_chunked_upload(services, ADA, request)).upload_id
        await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=1), Chunk(index=1, size=900_000)])
        part(services, upload_id, 0, b"x")
        await complete_upload(services, ADA, Completion(upload_id=upload_id, total_chunks=1))
    assert await rejected(services) == (0, 3)
    with pytest.raises(errors.TooManyRejected):
        await services.grant(size=1)


async def test_urls_of_parts_end_with_their_upload(services: MemoryServices) -> None:
    """They could be collected by letting uploads expire, which gives the bytes back."""
    services.policy = replace(ROOMY, upload_expiry_seconds=60)
    upload_id = await begin(services)
    signed = await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])
    assert [chunk.expires_at for chunk in signed.chunks] == [signed.upload.expires_at]
    services.policy = ROOMY
    services.clock.advance(seconds=30)
    again = await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])
    assert again.chunks[0].expires_at == services.now() + timedelta(seconds=ROOMY.part_url_seconds) < again.upload.expires_at


async def test_a_part_put_again_after_the_completion_is_charged(services: MemoryServices) -> None:
    request = replace(an_upload_request("a.mp4", 6), chunked=True, part_size=3)
    upload_id = (await start_chunked_upload(services, ADA, request)).upload_id
    for index, data in enumerate((b"one", b"two")):
        assert await event(services, part(services, upload_id, index, data)) is Verdict.PART
    first = services.media.objects[part_name("ada", upload_id, 0)]
    await complete_upload(services, ADA, Completion(upload_id=upload_id))
    services.media.objects[first.name], services.media.data[first.name] = first, b"one"
    assert await event(services, first) is Verdict.PART  # it became part of the video
    await complete_upload(services, ADA, Completion(upload_id=upload_id))  # again: it removes what was left
    assert await rejected(services) == (0, 0)
    assert await event(services, part(services, upload_id, 1, b"two")) is Verdict.REMOVED
    assert await rejected(services) == (3, 0)
    assert part(services, upload_id, 1, b"two") is None


@pytest.mark.parametrize("late_events", [False, True])
async def test_an_honest_client_pays_once(services: MemoryServices, late_events: bool) -> None:
    services.policy = ROOMY
    upload_id = await sent(services, *(b"%d," % n for n in range(40)))
    parts = list(services.media.objects.values())
    for found in parts if not late_events else []:
        assert await event(services, found) is Verdict.PART
    video = await complete(services, upload_id, 40, crc32c=crc32c(b"".join(b"%d," % n for n in range(40))))
    for found in parts:
        assert await event(services, found) is Verdict.ABSENT
    assert list(services.media.objects) == [video.object_name]
    assert await rejected(services) == (0, 0)


async def test_the_event_of_a_part_costs_one_read(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = await sent(services, b"one")
    found = next(iter(services.media.objects.values()))
    read: list[tuple[str, ...]] = []
    get = services.books_store.get

    async def counted(*addresses, **named):  # type: ignore[no-untyped-def]
        read.extend((*address.collection, address.id) for address in addresses)
        return await get(*addresses, **named)

    async def nothing(*_: object) -> None:
        raise AssertionError("the bucket is asked")

    monkeypatch.setattr(services.books_store, "get", counted)
    monkeypatch.setattr(services.media, "find", nothing)
    assert await event(services, found) is Verdict.PART
    assert read == [("users", "ada", "uploads", upload_id)]


async def test_the_sweep_charges_what_no_event_reported(services: MemoryServices) -> None:
    upload_id = await begin(services)
    await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])
    await cancel_upload(services, ADA, upload_id)
    part(services, upload_id, 0, b"one")
    services.clock.advance(hours=2)
    for _ in range(2):
        await sweep_parts(services, until=services.now() + UNTIL)
    assert await rejected(services) == (3, 1)
    assert placeholders(services) == [part_name("ada", upload_id, 0)]
    services.clock.advance(hours=2)
    await sweep_parts(services, until=services.now() + UNTIL)
    assert services.media.objects == {}
