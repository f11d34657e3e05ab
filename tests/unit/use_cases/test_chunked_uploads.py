"""Chunked uploads from beginning to end: repeated, raced, dead in the middle, expired, swept."""

from __future__ import annotations

import asyncio
import base64
import io
from dataclasses import replace
from datetime import timedelta

import google_crc32c
import pytest

from reelgate.domain import errors
from reelgate.domain.chunked_uploads import Chunk
from reelgate.domain.part_names import composed_name, folder_of, part_name
from reelgate.domain.video import Video
from reelgate.ports import Caller
from reelgate.use_cases.cancel_upload import cancel_upload
from reelgate.use_cases.complete_upload import Completion, complete_upload
from reelgate.use_cases.delete_upload import delete_upload
from reelgate.use_cases.finish_upload import Verdict, finish_upload
from reelgate.use_cases.send_chunk import send_chunk
from reelgate.use_cases.sign_chunks import sign_chunks
from reelgate.use_cases.start_chunked_upload import start_chunked_upload
from reelgate.use_cases.sweep import empty_outbox, sweep_uploads
from reelgate.use_cases.sweep_parts import sweep_parts
from reelgate.use_cases.upload_request import UploadRequest
from tests.fixtures.dying_services import Dying
from tests.fixtures.memory_services import ADA, POLICY, MemoryServices

REQUEST = UploadRequest(filename="a.mp3", size=0, content_type="audio/mpeg", chunked=True, main_service_file_id=7)
ROOMY = replace(
    POLICY, default_limits=replace(POLICY.default_limits, storage_bytes=10**6, daily_bytes=10**6), max_file_bytes=10**6
)


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


async def begin(services: MemoryServices, caller: Caller = ADA) -> str:
    return (await start_chunked_upload(services, caller, REQUEST)).upload_id


async def send(services: MemoryServices, upload_id: str, index: int, data: bytes) -> None:
    chunk = Chunk(index=index, size=len(data), crc32c=crc32c(data))
    await send_chunk(services, ADA, upload_id, chunk, io.BytesIO(data))


async def complete(services: MemoryServices, upload_id: str, total: int, **more: object) -> Video:
    wanted = Completion(upload_id=upload_id, total_chunks=total, main_service_file_id=7, **more)  # type: ignore[arg-type]
    return await complete_upload(services, ADA, wanted)


async def sent(services: MemoryServices, *chunks: bytes) -> str:
    upload_id = await begin(services)
    for index, data in enumerate(chunks):
        await send(services, upload_id, index, data)
    return upload_id


def parts_of(services: MemoryServices) -> list[str]:
    return [name for name in services.media.objects if name.startswith("__parts__/")]


async def check_stored(services: MemoryServices, upload_id: str, data: bytes) -> None:
    """The file is there once, the books are right, nothing is left behind, and everybody was told once."""
    assert services.media.data == {f"ada/{upload_id}/a.mp3": data}
    account = await services.existing_account()
    assert (account.stored, account.reserved, dict(account.uploads)) == (len(data), 0, {})
    assert (account.today.uploaded, account.today.upload_count) == (len(data), 1)
    assert {message.event_id for message in services.events.published if message.type == "video.ready"} == {
        f"video.ready:{upload_id}:{services.media.objects[f'ada/{upload_id}/a.mp3'].generation}"
    }


@pytest.mark.parametrize("count", [1, 2, 32, 33, 64, 65, 1024, 1025, 1100])
async def test_any_number_of_chunks(services: MemoryServices, count: int) -> None:
    services.policy = ROOMY
    chunks = [b"%d," % n for n in range(count)]
    upload_id = await sent(services, *chunks)
    whole = b"".join(chunks)
    video = await complete(services, upload_id, count, crc32c=crc32c(whole))
    assert (video.size, video.crc32c, video.content_type, video.main_service_file_id) == (
        len(whole),
        crc32c(whole),
        "audio/mpeg",
        7,
    )
    await check_stored(services, upload_id, whole)


async def test_the_event_of_the_whole_comes_before_completion_ends(services: MemoryServices) -> None:
    """The bucket tells of the composed object at once; whoever is first, the other finds it done."""
    upload_id = await sent(services, b"one", b"two")
    compose = services.media.compose

    async def told_at_once(name, sources, **options):  # type: ignore[no-untyped-def]
        made = await compose(name, sources, **options)
        assert (await finish_upload(services, name)).verdict is Verdict.READY
        return made

    services.media.compose = told_at_once  # type: ignore[method-assign]
    await complete(services, upload_id, 2)
    await check_stored(services, upload_id, b"onetwo")
    assert (await finish_upload(services, f"ada/{upload_id}/a.mp3")).verdict is Verdict.DUPLICATE


async def test_events_of_parts_are_nobody_s_business(services: MemoryServices, caplog: pytest.LogCaptureFixture) -> None:
    upload_id = await sent(services, b"one")
    for name in (part_name("ada", upload_id, 0), composed_name("ada", upload_id, 1, 0)):
        assert (await finish_upload(services, name)).verdict is Verdict.PART
    assert caplog.records == []
    assert parts_of(services) == [part_name("ada", upload_id, 0)]


@pytest.mark.parametrize("after", [False, True])
async def test_completion_dies_anywhere_and_is_repeated(after: bool) -> None:
    deaths = 0
    for at in range(1, 100):
        services = MemoryServices(policy=ROOMY)
        chunks = [b"%d," % n for n in range(40)]
        upload_id = await sent(services, *chunks)
        with Dying(services, at=at, after=after) as life:
            await complete(services, upload_id, 40)
        await complete(services, upload_id, 40)
        services.clock.advance(hours=2)
        until = services.now() + timedelta(minutes=1)
        await empty_outbox(services, until=until)
        await sweep_parts(services, until=until)
        await check_stored(services, upload_id, b"".join(chunks))
        if not life.died:
            break
        deaths += 1
    assert 15 < deaths < 99


@pytest.mark.parametrize("after", [False, True])
async def test_completion_dies_anywhere_and_nobody_comes_back(after: bool) -> None:
    """Before the seal it expires and gives everything back; after it the sweep completes it."""
    ends = set()
    for at in range(1, 100):
        services = MemoryServices(policy=ROOMY)
        upload_id = await sent(services, b"one", b"two")
        with Dying(services, at=at, after=after) as life:
            await complete(services, upload_id, 2)
        services.clock.advance(days=2)
        for _ in range(2):
            until = services.now() + timedelta(minutes=1)
            await sweep_uploads(services, until=until)
            await sweep_parts(services, until=until)
            await empty_outbox(services, until=until)
        kinds = await services.kinds()
        ends.add(kinds[-1])
        if kinds[-1] == "commit":
            assert services.media.data == {f"ada/{upload_id}/a.mp3": b"onetwo"}
            assert (await services.existing_account()).stored == 6
        else:
            assert "seal" not in kinds
            assert services.media.data == {}
            assert (await services.existing_account()).reserved == 0
        if not life.died:
            break
    assert ends == {"commit", "release"}


@pytest.mark.parametrize("after", [False, True])
async def test_a_chunk_dies_anywhere_and_is_sent_again(after: bool) -> None:
    for at in range(1, 20):
        services = MemoryServices()
        upload_id = await begin(services)
        with Dying(services, at=at, after=after) as life:
            await send(services, upload_id, 0, b"data")
        await send(services, upload_id, 0, b"data")
        account = await services.existing_account()
        assert (account.reserved, account.sequence) == (4, 2)
        await complete(services, upload_id, 1)
        await check_stored(services, upload_id, b"data")
        if not life.died:
            return
    raise AssertionError("it never got through")


async def test_completions_at_once(services: MemoryServices) -> None:
    services.policy = ROOMY
    chunks = [b"%d," % n for n in range(70)]
    upload_id = await sent(services, *chunks)
    videos = await asyncio.gather(*(complete(services, upload_id, 70) for _ in range(5)))
    assert len({video.generation for video in videos}) == 1
    await check_stored(services, upload_id, b"".join(chunks))
    assert (await services.kinds()).count("commit") == 1


async def test_completions_that_disagree(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    services.media.unavailable = False
    find = services.media.find

    async def no_storage(name: str) -> None:
        raise errors.Unavailable("gone for lunch")

    services.media.find = no_storage  # type: ignore[method-assign]
    with pytest.raises(errors.Unavailable):
        await complete(services, upload_id, 1)
    services.media.find = find  # type: ignore[method-assign]
    with pytest.raises(errors.InvalidRequest, match="with 1 chunks, not 2"):
        await complete(services, upload_id, 2)
    with pytest.raises(errors.UploadSealed):
        await send(services, upload_id, 1, b"more")
    with pytest.raises(errors.UploadSealed):
        await send(services, upload_id, 0, b"one")
    await complete(services, upload_id, 1)
    await check_stored(services, upload_id, b"one")


async def test_cancelled_while_it_is_completed(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one", b"two")
    compose = services.media.compose

    async def too_late(name, sources, **options):  # type: ignore[no-untyped-def]
        await cancel_upload(services, ADA, upload_id)
        return await compose(name, sources, **options)

    services.media.compose = too_late  # type: ignore[method-assign]
    with pytest.raises(errors.UploadFinished, match="cancelled"):
        await complete(services, upload_id, 2)
    assert services.media.data == {}
    assert (await services.existing_account()).reserved == 0


async def test_parts_that_were_lost_are_named_even_after_the_seal(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one", b"two")
    compose, lost = services.media.compose, services.media.objects[part_name("ada", upload_id, 1)]

    async def somebody_with_rights_of_their_own(name, sources, **options):  # type: ignore[no-untyped-def]
        await services.media.remove(lost.name, lost.generation)
        return await compose(name, sources, **options)

    services.media.compose = somebody_with_rights_of_their_own  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(errors.ChunksMissing) as missing:
            await complete(services, upload_id, 2)
        assert missing.value.missing == (1,)
    await delete_upload(services, ADA, upload_id)
    assert services.media.data == {}


async def test_a_part_that_was_replaced_makes_no_file(services: MemoryServices) -> None:
    """Only somebody with rights of their own can do that; the checksum that the seal has pinned finds it."""
    upload_id = await sent(services, b"one", b"two")
    compose = services.media.compose

    async def replaced(name, sources, **options):  # type: ignore[no-untyped-def]
        services.media.write(name, b"other!", "audio/mpeg")
        return await compose(name, sources, **options)

    services.media.compose = replaced  # type: ignore[method-assign]
    with pytest.raises(errors.UploadFinished, match="CRC32C"):
        await complete(services, upload_id, 2)
    assert services.media.data == {}
    assert (await services.existing_account()).reserved == 0


async def test_an_object_before_completion_has_no_right_to_exist(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    name = f"ada/{upload_id}/a.mp3"
    services.media.write(name, b"one", "audio/mpeg")
    assert (await finish_upload(services, name)).verdict is Verdict.REJECTED
    assert name not in services.media.objects


async def test_a_chunk_of_other_bytes_than_the_one_that_a_url_has_put(services: MemoryServices) -> None:
    upload_id = await begin(services)
    await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])
    services.media.write(part_name("ada", upload_id, 0), b"one", "application/octet-stream")
    await send(services, upload_id, 0, b"one")
    with pytest.raises(errors.ChunkDiffers):
        await send(services, upload_id, 0, b"two")


async def test_a_checksum_once_given_stays_pinned(services: MemoryServices) -> None:
    upload_id = await begin(services)
    for checksum in (crc32c(b"one"), None):
        signed = await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3, crc32c=checksum)])
        assert signed.chunks[0].headers["x-goog-hash"] == f"crc32c={crc32c(b'one')}"
    with pytest.raises(errors.ChunkDiffers):
        await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3, crc32c=crc32c(b"two"))])


async def test_urls_that_could_not_be_signed_are_asked_for_again(services: MemoryServices) -> None:
    upload_id = await begin(services)
    services.signer.unavailable = True
    with pytest.raises(errors.Unavailable):
        await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])
    services.signer.unavailable = False
    await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])
    assert (await services.existing_account()).reserved == 3


async def test_storage_that_cannot_be_reached_loses_nothing(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    services.media.unavailable = True
    with pytest.raises(errors.Unavailable):
        await send(services, upload_id, 1, b"two")
    with pytest.raises(errors.Unavailable):
        await complete(services, upload_id, 2)
    services.media.unavailable = False
    await send(services, upload_id, 1, b"two")
    await complete(services, upload_id, 2)
    await check_stored(services, upload_id, b"onetwo")


async def test_removal_of_parts_that_fails_is_no_failure(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one", b"two")
    remove_all = services.media.remove_all

    async def fails(objects: object) -> None:
        raise errors.Unavailable("not now")

    services.media.remove_all = fails  # type: ignore[method-assign]
    await complete(services, upload_id, 2)
    assert len(parts_of(services)) == 2
    services.media.remove_all = remove_all  # type: ignore[method-assign]
    tally = await sweep_parts(services, until=services.now() + timedelta(minutes=1))
    assert (tally.done, len(parts_of(services))) == (0, 2)  # too young: whoever has just settled it may be removing it
    services.clock.advance(hours=2)
    tally = await sweep_parts(services, until=services.now() + timedelta(minutes=1))
    assert (tally.done, tally.finished) == (2, True)
    await check_stored(services, upload_id, b"onetwo")


async def test_the_sweep_leaves_open_uploads_and_strangers_alone(services: MemoryServices) -> None:
    services.policy = replace(POLICY, upload_expiry_seconds=10**6)
    upload_id = await sent(services, b"one")
    services.media.write("__parts__/notes.txt", b"somebody's", "text/plain")
    services.media.write(f"{folder_of('nobody', 'x1')}00000", b"late", "application/octet-stream")
    services.clock.advance(hours=5)
    tally = await sweep_parts(services, until=services.now() + timedelta(minutes=1))
    assert (tally.done, tally.failed, tally.finished) == (1, 0, True)
    assert parts_of(services) == [part_name("ada", upload_id, 0), "__parts__/notes.txt"]


async def test_one_user_s_trouble_does_not_stop_the_sweep(services: MemoryServices) -> None:
    for uid in ("amy", "bob", "cid"):
        services.media.write(part_name(uid, "x1", 0), b"late", "application/octet-stream")
    services.clock.advance(hours=5)
    view = services.books.view

    async def not_for_bob(uid, wanted):  # type: ignore[no-untyped-def]
        if uid == "bob":
            raise errors.Unavailable("not now")
        return await view(uid, wanted)

    services.books.view = not_for_bob  # type: ignore[method-assign]
    tally = await sweep_parts(services, until=services.now() + timedelta(minutes=1))
    assert (tally.done, tally.failed, tally.finished) == (2, 1, False)
    assert parts_of(services) == [part_name("bob", "x1", 0)]


async def test_the_sweep_stops_in_time(services: MemoryServices) -> None:
    tally = await sweep_parts(services, until=services.now())
    assert (tally.done, tally.finished) == (0, False)


async def test_an_abandoned_upload_expires_with_its_parts(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one", b"two")
    services.clock.advance(minutes=59)
    await send(services, upload_id, 2, b"three")  # a sign of life
    services.clock.advance(minutes=59)
    await sweep_uploads(services, until=services.now() + timedelta(minutes=1))
    assert len(parts_of(services)) == 3
    services.clock.advance(minutes=2)
    await sweep_uploads(services, until=services.now() + timedelta(minutes=1))
    assert services.media.data == {}
    assert (await services.existing_account()).reserved == 0
    with pytest.raises(errors.UploadFinished, match="expired"):
        await send(services, upload_id, 3, b"late")


async def test_a_chunk_that_comes_while_the_sweep_looks_saves_the_upload(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    services.clock.advance(hours=2)
    find = services.media.find

    async def meanwhile(name: str):  # type: ignore[no-untyped-def]
        services.media.find = find  # type: ignore[method-assign]
        await send(services, upload_id, 1, b"two")
        return await find(name)

    services.media.find = meanwhile  # type: ignore[method-assign]
    await sweep_uploads(services, until=services.now() + timedelta(minutes=1))
    await complete(services, upload_id, 2)
    await check_stored(services, upload_id, b"onetwo")


async def test_expired_uploads_make_room_for_chunks(services: MemoryServices) -> None:
    await services.grant("old.mp4", 900)
    services.clock.advance(minutes=30)
    upload_id = await begin(services)
    with pytest.raises(errors.StorageLimitExceeded):
        await send(services, upload_id, 0, b"x" * 200)
    services.clock.advance(minutes=31)
    await send(services, upload_id, 0, b"x" * 200)
    assert (await services.existing_account()).reserved == 200


async def test_a_part_that_comes_after_the_end_is_swept(services: MemoryServices) -> None:
    upload_id = await begin(services)
    await sign_chunks(services, ADA, upload_id, [Chunk(index=0, size=3)])
    await cancel_upload(services, ADA, upload_id)
    services.media.write(part_name("ada", upload_id, 0), b"one", "application/octet-stream")
    services.clock.advance(hours=2)
    await sweep_parts(services, until=services.now() + timedelta(minutes=1))
    assert services.media.data == {}


async def test_the_day_may_end_in_the_middle(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    services.policy = replace(POLICY, upload_expiry_seconds=604_800)
    await send(services, upload_id, 1, b"two")
    services.clock.advance(days=1)
    await send(services, upload_id, 2, b"three")
    await complete(services, upload_id, 3)
    await check_stored(services, upload_id, b"onetwothree")
