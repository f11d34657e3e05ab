"""What is granted, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain import errors
from reelgate.ports.identity import Caller
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.start_upload import start_upload
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.bookkeeping import Bookkeeper
from tests.fixtures.memory_services import ADA, BOB, POLICY, MemoryServices, an_upload_request


async def test_a_grant_reserves_the_bytes_and_signs_exactly_what_may_be_written(services: MemoryServices) -> None:
    granted = await services.grant("holiday.mp4", 300)

    account = await services.existing_account()
    assert (account.stored, account.reserved, account.email) == (0, 300, "ada@example.org")
    assert granted.upload.expires_at == services.now() + timedelta(seconds=POLICY.upload_expiry_seconds)
    assert granted.signed is not None
    assert granted.signed.expires_at == services.now() + timedelta(seconds=POLICY.upload_url_seconds)
    (signed,) = services.signer.signed
    assert (signed.method, signed.bucket, signed.object_name) == ("POST", "media", "ada/id-1/holiday.mp4")
    assert signed.expires_seconds == POLICY.upload_url_seconds
    assert (
        dict(signed.headers)
        == dict(granted.signed.headers)
        == {
            "Content-Type": "video/mp4",
            "x-goog-resumable": "start",
            "x-goog-if-generation-match": "0",
            "x-goog-meta-upload-id": "id-1",
            "X-Upload-Content-Length": "300",
        }
    )
    assert services.media.sessions == {}


async def test_the_last_free_byte_can_be_had_and_not_one_more(services: MemoryServices) -> None:
    await services.grant("a.mp4", 400)
    await services.grant("b.mp4", 600)
    with pytest.raises(errors.StorageLimitExceeded) as refused:
        await services.grant("c.mp4", 1)
    assert (refused.value.limit, refused.value.used, refused.value.reserved, refused.value.requested) == (1000, 0, 1000, 1)
    assert refused.value.retry_at is None
    assert await services.kinds() == ["reserve", "reserve"]


async def test_the_day_limit_counts_what_was_deleted_since_and_says_when_it_ends(services: MemoryServices) -> None:
    for number in range(2):
        await services.add_video(f"{number}.mp4", 900)
        await delete_video(services, ADA, by_name(f"{number}.mp4"))
    with pytest.raises(errors.BandwidthLimitExceeded) as refused:
        await services.grant("more.mp4", 201)
    assert (refused.value.limit, refused.value.used, refused.value.reserved, refused.value.requested) == (2000, 1800, 0, 201)
    assert refused.value.retry_at is not None
    assert refused.value.retry_at.isoformat() == "2026-11-04T00:00:00+00:00"
    assert refused.value.traffic == "upload"

    services.clock.now = refused.value.retry_at
    assert (await services.grant("more.mp4", 201)).account.today.uploaded == 0


@pytest.mark.parametrize("existing", ["open", "ready"])
async def test_a_name_is_given_once(services: MemoryServices, existing: str) -> None:
    await (services.grant() if existing == "open" else services.add_video())
    before = await services.entries()
    with pytest.raises(errors.NameTaken, match="Finish or cancel it" if existing == "open" else "delete it first"):
        await services.grant()
    assert await services.entries() == before
    await services.grant(caller=BOB)  # names are per user


async def test_a_cancelled_upload_frees_its_name(services: MemoryServices) -> None:
    granted = await services.grant()
    await cancel_upload(services, ADA, granted.upload.upload_id)
    assert (await services.grant()).upload.upload_id != granted.upload.upload_id


async def test_open_uploads_are_bounded() -> None:
    services = MemoryServices(policy=replace(POLICY, max_open_uploads=2))
    await services.grant("1.mp4", 1)
    await services.grant("2.mp4", 1)
    with pytest.raises(errors.TooManyOpenUploads):
        await services.grant("3.mp4", 1)
    assert (await services.existing_account()).reserved == 2


@pytest.mark.parametrize(
    ("change", "caller", "error"),
    [
        ({"size": 1501}, ADA, errors.TooLarge),
        ({"content_type": "image/png"}, ADA, errors.UnsupportedType),
        ({"content_type": "videos/mp4"}, ADA, errors.UnsupportedType),
        ({"filename": "n" * 1019}, ADA, errors.InvalidRequest),  # 'ada/id-1/' and the name are 1028 bytes
        ({}, Caller(uid="eve", email=None, role="guest"), errors.Forbidden),
    ],
)
@pytest.mark.parametrize("by_server", [False, True])
async def test_what_the_deployment_refuses_leaves_nothing(
    services: MemoryServices, change: dict[str, object], caller: Caller, error: type[Exception], by_server: bool
) -> None:
    request = replace(an_upload_request(opened_by_server=by_server), **change)  # type: ignore[arg-type]
    with pytest.raises(error):
        await start_upload(services, caller, request)
    assert await services.account(caller.uid) is None
    assert (services.media.sessions, services.signer.signed) == ({}, [])


async def test_a_single_content_type_is_not_its_family(services: MemoryServices) -> None:
    services.policy = replace(POLICY, content_types=("video/mp4",))
    await services.grant("a.mp4")
    with pytest.raises(errors.UnsupportedType) as refused:
        await services.grant("a.webm", content_type="video/webm")
    assert refused.value.hint == "Accepted are video/mp4."


async def test_room_that_only_expired_uploads_hold_is_taken_back_when_it_is_needed(services: MemoryServices) -> None:
    await services.grant("forgotten.mp4", 1000)
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    granted = await services.grant("new.mp4", 900)
    assert (await services.existing_account()).reserved == 900
    assert await services.kinds() == ["reserve", "release", "reserve"]
    assert granted.account.reserved == 900


async def test_an_account_s_own_limits_go_before_the_deployment_s(services: MemoryServices) -> None:
    await Bookkeeper(services.books, clock=services.clock, policy=POLICY).limit("c1", storage=50)
    with pytest.raises(errors.StorageLimitExceeded) as refused:
        await services.grant(size=51)
    assert refused.value.limit == 50


async def test_nothing_is_reserved_while_the_signer_is_away(services: MemoryServices) -> None:
    services.signer.unavailable = True
    with pytest.raises(errors.Unavailable):
        await services.grant(idempotency_key="k")
    assert await services.account() is None
    services.signer.unavailable = False
    granted = await services.grant(idempotency_key="k")
    assert (await services.existing_account()).reserved == 100
    assert granted.upload.size == 100
