"""Chunked uploads that die in the middle, expire, are swept, and are gone on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain import errors
from reelgate.domain.files.part_names import folder_of, part_name
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.use_cases.upkeep.sweep import empty_outbox, sweep_uploads
from reelgate.use_cases.upkeep.sweep_parts import sweep_parts
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.chunks.sign_chunks import sign_chunks
from tests.fixtures.chunks import ROOMY, begin, check_stored, complete, parts_of, send, sent
from tests.fixtures.dying_services import Dying
from tests.fixtures.memory_services import ADA, POLICY, MemoryServices


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
    read = services.books.read

    async def not_for_bob(uid, reads):  # type: ignore[no-untyped-def]
        if uid == "bob":
            raise errors.Unavailable("not now")
        return await read(uid, reads)

    services.books.read = not_for_bob  # type: ignore[method-assign]
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
    for left in (b"", None):  # first its bytes, and then what keeps its name
        services.clock.advance(hours=2)
        await sweep_parts(services, until=services.now() + timedelta(minutes=1))
        assert services.media.data.get(part_name("ada", upload_id, 0)) == left


async def test_the_day_may_end_in_the_middle(services: MemoryServices) -> None:
    upload_id = await sent(services, b"one")
    services.policy = replace(POLICY, upload_expiry_seconds=604_800)
    await send(services, upload_id, 1, b"two")
    services.clock.advance(days=1)
    await send(services, upload_id, 2, b"three")
    await complete(services, upload_id, 3)
    await check_stored(services, upload_id, b"onetwothree")
