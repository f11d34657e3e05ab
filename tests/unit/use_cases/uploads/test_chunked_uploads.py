"""Chunked uploads over the use cases: any number of chunks, completions that race, and what is refused."""

from __future__ import annotations

import asyncio

import pytest

from reelgate.domain import errors
from reelgate.domain.files.part_names import composed_name, part_name
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.chunks.sign_chunks import sign_chunks
from reelgate.use_cases.uploads.delete_upload import delete_upload
from tests.fixtures.chunks import ROOMY, begin, check_stored, complete, crc32c, parts_of, send, sent
from tests.fixtures.memory_services import ADA, MemoryServices


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
    with pytest.raises(errors.InvalidRequest, match="with 1 parts, not 2"):
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
    assert [found.is_placeholder for found in services.media.objects.values()] == [True]
    account = await services.existing_account()
    assert (account.reserved, account.today.rejected, account.today.rejected_count) == (0, 6, 1)


async def test_an_object_before_completion_has_no_right_to_exist(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    name = f"ada/{upload_id}/a.mp3"
    services.media.write(name, b"one", "audio/mpeg")
    assert (await finish_upload(services, name)).verdict is Verdict.REJECTED
    assert services.media.objects[name].is_placeholder


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
