"""Signed URLs for watching: what they are for, and what they cost."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from reelgate.adapters.documents.document_store import ConflictError, Write
from reelgate.domain import errors
from reelgate.domain.books.account import MAX_RECENT_CHARGES
from reelgate.domain.books.entries import EntryKind
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import Video
from reelgate.domain.usage.egress_tags import PARAMETER
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.ports.books import ReadSet
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.usage.reset_usage import reset_usage
from reelgate.use_cases.videos.delete_video import delete_video, restore_video
from reelgate.use_cases.videos.find_video import by_id, by_name
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from reelgate.use_cases.videos.issue_window_url import Method
from tests.fixtures.memory_services import ADA, BOB, POLICY, MemoryServices
from tests.fixtures.store_calls import StoreCalls

WINDOW = POLICY.stream_url_seconds


async def streamed(services: MemoryServices) -> int:
    return (await services.existing_account()).today.streamed


def _event() -> PendingEvent:
    return PendingEvent(action_id=lambda: "unset", action="stream.issued", uid=ADA.uid, service="stream_url")


def window_of(services: MemoryServices, video: Video) -> StreamWindow:
    return StreamWindow.of(video.file_id, services.now(), seconds=WINDOW)


async def test_the_url_reads_the_video_until_the_instant_it_says(services: MemoryServices) -> None:
    video = await services.add_video("Über uns.mp4")
    issued = await issue_stream_url(services, ADA, by_name("Über uns.mp4"))
    signed = services.signer.signed[-1]
    assert (signed.method, signed.bucket, signed.object_name) == ("GET", "media", video.object_name)
    window = window_of(services, video)
    assert dict(signed.query) == {PARAMETER: window.entry_id().key}
    query = parse_qs(urlsplit(issued.url).query)
    assert (query["at"], query["seconds"]) == ([window.starts_at.isoformat()], [str(2 * WINDOW)])
    assert issued.expires_at == window.starts_at + timedelta(seconds=2 * WINDOW)
    assert timedelta(seconds=WINDOW) < issued.expires_at - services.now() <= timedelta(seconds=2 * WINDOW)
    assert issued.url not in repr(issued)


async def test_a_download_is_saved_under_its_name(services: MemoryServices) -> None:
    await services.add_video("Über.mp4")
    issued = await issue_stream_url(services, ADA, by_name("Über.mp4"), download=True)
    disposition = parse_qs(urlsplit(issued.url).query)["response-content-disposition"]
    assert disposition == ["attachment; filename=\"Uber.mp4\"; filename*=UTF-8''%C3%9Cber.mp4"]


async def test_the_first_request_is_one_read_and_one_write_and_a_repeated_one_is_one_read(services: MemoryServices) -> None:
    video = await services.add_video()
    calls = StoreCalls(services.books_store)
    first = await issue_stream_url(services, ADA, by_id(video.file_id))
    assert calls.take() == [("get", 2), ("commit", 2)]  # account and video; account and entry
    again = await issue_stream_url(services, ADA, by_id(video.file_id))
    assert calls.take() == [("get", 2)]
    free = await issue_stream_url(services, ADA, by_id(video.file_id), method="HEAD")
    assert calls.take() == [("get", 2)]
    assert (again.url, again.expires_at) == (first.url, first.expires_at)
    assert free.url != first.url


async def test_what_urls_of_one_window_cost(services: MemoryServices) -> None:
    await services.add_video()
    for _ in range(3):
        await issue_stream_url(services, ADA, by_name("a.mp4"), method="HEAD")
    assert await streamed(services) == 0
    for download in (False, True, False):
        await issue_stream_url(services, ADA, by_name("a.mp4"), download=download)
    assert await streamed(services) == 100


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_name_leads_to_the_id_by_one_more_read(services: MemoryServices, method: Method) -> None:
    video = await services.add_video()
    calls = StoreCalls(services.books_store)
    named = await issue_stream_url(services, ADA, by_name("a.mp4"), method=method)
    paid = [("commit", 2)] if method == "GET" else []
    assert calls.take() == [("get", 2), ("get", 1), *paid]  # account and name; the video
    assert (await issue_stream_url(services, ADA, by_id(video.file_id), method=method)).url == named.url
    assert await streamed(services) == (100 if method == "GET" else 0)


async def test_saving_what_was_streamed_is_another_url_at_the_same_charge(services: MemoryServices) -> None:
    video = await services.add_video()
    await issue_stream_url(services, ADA, by_id(video.file_id))
    calls = StoreCalls(services.books_store)
    saving = [await issue_stream_url(services, ADA, by_id(video.file_id), download=True) for _ in range(2)]
    assert calls.take() == [("get", 2), ("commit", 1), ("get", 2)]
    assert saving[0].url == saving[1].url
    await issue_stream_url(services, ADA, by_id(video.file_id))
    assert calls.take() == [("get", 2)]
    assert await streamed(services) == 100


async def test_streaming_what_was_saved_is_another_url_at_the_same_charge(services: MemoryServices) -> None:
    video = await services.add_video()
    await issue_stream_url(services, ADA, by_id(video.file_id), download=True)
    calls = StoreCalls(services.books_store)
    for _ in range(2):
        await issue_stream_url(services, ADA, by_id(video.file_id))
    assert calls.take() == [("get", 2), ("commit", 1), ("get", 2)]
    assert await streamed(services) == 100


async def test_the_next_window_has_another_url_and_is_charged_again(services: MemoryServices) -> None:
    video = await services.add_video()
    first = await issue_stream_url(services, ADA, by_name("a.mp4"))
    services.clock.now = window_of(services, video).ends_at - timedelta(microseconds=1)
    assert (await issue_stream_url(services, ADA, by_name("a.mp4"))).url == first.url
    services.clock.advance(microseconds=1)
    second = await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert second.url != first.url
    assert await streamed(services) == 200


async def test_another_instance_gives_the_same_url_and_charges_nothing(services: MemoryServices) -> None:
    video = await services.add_video()
    other = MemoryServices(books_store=services.books_store, clock=services.clock)
    first = await issue_stream_url(services, ADA, by_id(video.file_id))
    calls = StoreCalls(services.books_store)
    assert (await issue_stream_url(other, ADA, by_id(video.file_id))).url == first.url
    assert calls.take() == [("get", 2)]
    assert await streamed(services) == 100


async def test_a_paid_window_lets_the_player_come_back_when_the_day_is_used_up(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 900)
    first = await issue_stream_url(services, ADA, by_name("a.mp4"))
    await services.add_video("b.mp4", 100)
    await issue_stream_url(services, ADA, by_name("b.mp4"))
    assert (await services.existing_account()).today.used == 2000
    assert (await issue_stream_url(services, ADA, by_name("a.mp4"))).url == first.url
    services.clock.advance(seconds=WINDOW)
    with pytest.raises(errors.BandwidthLimitExceeded) as refused:
        await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert (refused.value.used, refused.value.requested, refused.value.message) == (2000, 900, "Bandwidth limit exceeded")
    assert await streamed(services) == 1000


async def test_many_ranges_at_once_are_one_charge(services: MemoryServices) -> None:
    await services.add_video()
    issued = await asyncio.gather(*(issue_stream_url(services, ADA, by_name("a.mp4")) for _ in range(32)))
    assert len({one.url for one in issued}) == 1
    assert [entry.kind for entry in await services.entries()].count(EntryKind.STREAM) == 1
    assert await streamed(services) == 100


async def test_racing_urls_never_pass_the_day(services: MemoryServices) -> None:
    services.policy = replace(POLICY, default_limits=replace(POLICY.default_limits, storage_bytes=5000, daily_bytes=7000))
    for n in range(8):
        await services.add_video(f"{n}.mp4", 500)
    wanted = (issue_stream_url(services, ADA, by_name(f"{n}.mp4")) for n in range(8))
    answers = await asyncio.gather(*wanted, return_exceptions=True)
    assert sum(isinstance(answer, errors.BandwidthLimitExceeded) for answer in answers) == 2
    assert (await services.existing_account()).today.used == 7000


class TestMoreFilesThanAnAccountRemembers:
    """Seventeen files in one window: the account has forgotten the first, the ledger has not."""

    @pytest.fixture
    async def names(self, services: MemoryServices) -> list[str]:
        limits = replace(POLICY.default_limits, storage_bytes=10_000, daily_bytes=200 + 2 * 17)
        services.policy = replace(POLICY, default_limits=limits, stream_url_seconds=1_000_000)
        names = [f"{n}.mp4" for n in range(MAX_RECENT_CHARGES + 1)]
        for name in names:
            await services.add_video(name, 1)
        for name in names:
            await issue_stream_url(services, ADA, by_name(name))
        account = await services.existing_account()
        assert (account.today.streamed, len(account.recent_charges)) == (17, MAX_RECENT_CHARGES)
        return names

    async def test_all_are_free_the_second_time(self, services: MemoryServices, names: list[str]) -> None:
        for name in names:
            await issue_stream_url(services, ADA, by_name(name))
        assert await streamed(services) == 17

    async def test_the_one_it_forgot_costs_a_lost_commit_and_a_read(self, services: MemoryServices, names: list[str]) -> None:
        calls = StoreCalls(services.books_store)
        await issue_stream_url(services, ADA, by_name(names[-1]))
        assert calls.take() == [("get", 2), ("get", 1)]
        await issue_stream_url(services, ADA, by_name(names[0]))
        assert calls.take() == [("get", 2), ("get", 1), ("commit", 2), ("get", 3), ("get", 1)]

    async def test_its_event_is_published_again_under_the_id_that_the_log_knows(
        self, services: MemoryServices, names: list[str]
    ) -> None:
        known, forgotten, saving = _event(), _event(), _event()
        await issue_stream_url(services, ADA, by_name(names[-1]), audit=known)
        assert known.recorded
        await issue_stream_url(services, ADA, by_name(names[0]), audit=forgotten)
        await issue_stream_url(services, ADA, by_name(names[0]), download=True, audit=saving)
        assert (forgotten.recorded, saving.recorded) == (False, False)
        ids = {event.action_of(None, services.now()).action_id for event in (forgotten, saving)}
        again = _event()
        await issue_stream_url(services, ADA, by_name(names[0]), audit=again)
        assert len(ids) == 2
        assert again.action_of(None, services.now()).action_id in ids
        assert again.notes["size"] == 1

    async def test_it_is_given_when_the_day_is_used_up(self, services: MemoryServices, names: list[str]) -> None:
        await services.add_video("large.mp4", 100)
        await issue_stream_url(services, ADA, by_name("large.mp4"))
        assert (await services.existing_account()).today.used == 234
        for name in names:
            await issue_stream_url(services, ADA, by_name(name))
        assert (await services.existing_account()).today.used == 234
        await delete_video(services, ADA, by_name("0.mp4"))
        services.policy = replace(services.policy, stream_url_seconds=999_999)  # other windows, none of them paid
        with pytest.raises(errors.BandwidthLimitExceeded):
            await issue_stream_url(services, ADA, by_name("1.mp4"))

    async def test_a_disabled_account_gets_none(self, services: MemoryServices, names: list[str]) -> None:
        await disable(services)
        for name in names:
            with pytest.raises(errors.AccountDisabled):
                await issue_stream_url(services, ADA, by_name(name))


async def disable(services: MemoryServices) -> None:
    account = await services.existing_account()
    await services.books.commit("ada", lambda _: Change(account=replace(account, disabled=True)), ReadSet())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_disabled_account_gets_no_url_that_it_had_before(services: MemoryServices, method: Method) -> None:
    await services.add_video()
    await issue_stream_url(services, ADA, by_name("a.mp4"), method=method)
    await disable(services)
    signed = len(services.signer.signed)
    with pytest.raises(errors.AccountDisabled):
        await issue_stream_url(services, ADA, by_name("a.mp4"), method=method)
    assert len(services.signer.signed) == signed


async def test_a_window_belongs_to_the_day_of_its_first_request(services: MemoryServices) -> None:
    video = await services.add_video()
    midnight = services.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    services.clock.now = midnight - timedelta(seconds=1)
    assert window_of(services, video).ends_at > midnight
    first = await issue_stream_url(services, ADA, by_name("a.mp4"))
    services.clock.now = midnight + timedelta(seconds=1)
    again = await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert again.url == first.url
    [entry] = [entry for entry in await services.entries() if entry.kind == "stream"]
    assert entry.date == midnight.date() - timedelta(days=1)


async def test_an_admin_s_reset_of_the_day_does_not_charge_a_window_again(services: MemoryServices) -> None:
    await services.add_video()
    await issue_stream_url(services, ADA, by_name("a.mp4"))
    await reset_usage(services, "ada")
    await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert await streamed(services) == 0


async def test_a_file_of_the_same_name_is_another_charge_and_a_restored_one_is_not(services: MemoryServices) -> None:
    video = await services.add_video()
    first = await issue_stream_url(services, ADA, by_name("a.mp4"))
    await delete_video(services, ADA, by_name("a.mp4"))
    await restore_video(services, ADA, video.file_id)
    assert (await issue_stream_url(services, ADA, by_name("a.mp4"))).url == first.url
    assert await streamed(services) == 100
    await delete_video(services, ADA, by_name("a.mp4"))
    await services.add_video("a.mp4", 50)
    second = await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert second.url != first.url
    assert await streamed(services) == 150


async def test_a_file_that_is_replaced_while_its_url_is_signed_is_charged_as_what_was_signed(services: MemoryServices) -> None:
    """The round that signed for the first file loses its race; the next one signs for the file that it charges."""
    await services.add_video("a.mp4", 100)
    other = MemoryServices(
        books_store=services.books_store, clock=services.clock, media=services.media, _ids=itertools.count(100)
    )
    sign = services.signer.signed_url

    async def replacing(*args: object, **more: object) -> str:
        services.signer.signed_url = sign  # type: ignore[method-assign]
        await delete_video(other, ADA, by_name("a.mp4"))
        await other.add_video("a.mp4", 50)
        return await sign(*args, **more)  # type: ignore[arg-type]

    services.signer.signed_url = replacing  # type: ignore[assignment, method-assign]
    issued = await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert issued.video.size == 50
    assert urlsplit(issued.url).path == f"/media/{issued.video.object_name}"
    assert await streamed(services) == 50


async def test_a_lost_answer_is_looked_up_and_the_url_is_the_one_that_was_charged(services: MemoryServices) -> None:
    """Also when the next window has begun meanwhile."""
    video = await services.add_video()
    window = window_of(services, video)
    services.clock.now = window.ends_at - timedelta(seconds=1)

    def lose(_: Sequence[Write]) -> None:
        services.books_store.after_commit = lambda _: None
        services.clock.advance(seconds=2)
        raise ConflictError("the answer was lost")

    services.books_store.after_commit = lose
    issued = await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert issued.expires_at == window.expires_at
    assert await streamed(services) == 100


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_only_one_s_own_finished_videos_can_be_watched(services: MemoryServices, method: Method) -> None:
    await services.add_video("mine.mp4")
    await services.add_video("gone.mp4")
    await delete_video(services, ADA, by_name("gone.mp4"))
    await services.grant("open.mp4")
    signed = len(services.signer.signed)
    with pytest.raises(errors.UserStorageNotFound):
        await issue_stream_url(services, BOB, by_name("mine.mp4"), method=method)
    await services.add_video("other.mp4", caller=BOB)
    for caller, name in [(BOB, "mine.mp4"), (ADA, "gone.mp4"), (ADA, "open.mp4"), (ADA, "never.mp4")]:
        with pytest.raises(errors.VideoNotFound):
            await issue_stream_url(services, caller, by_name(name), method=method)
    assert await streamed(services) == 0
    assert len(services.signer.signed) == signed + 1  # bob's own upload


async def test_a_url_that_cannot_be_signed_costs_nothing(services: MemoryServices) -> None:
    video = await services.add_video()
    services.signer.unavailable = True
    calls = StoreCalls(services.books_store)
    with pytest.raises(errors.Unavailable):
        await issue_stream_url(services, ADA, by_id(video.file_id))
    assert calls.take() == [("get", 2)]
    assert await streamed(services) == 0


async def test_streaming_raises_the_day_s_alerts_once(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 400)
    for _ in range(4):
        await issue_stream_url(services, ADA, by_name("a.mp4"))
        services.clock.advance(seconds=WINDOW)
    raised = [(m.data["kind"], m.data["threshold_percent"]) for m in services.events.published if m.topic == "alerts"]
    assert raised == [("bandwidth", 80), ("bandwidth", 100)]
