"""The bound of the trash, under any sequence of uploads, deletions, restores, purges, new limits and crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reelgate.adapters.books.document_books import CHANGE_RETRIES, DocumentBooks
from reelgate.domain.books.account import Account, Limits
from reelgate.domain.books.entries import Totals
from reelgate.domain.books.limits import excess_trash, trash_limit
from reelgate.domain.books.messages import OutboxItem, TrimTrash
from reelgate.domain.books.video import Video
from reelgate.domain.errors import ReelgateError
from reelgate.ports.books import CommitResult, ReadSet
from reelgate.use_cases.books.commit import trimmer
from reelgate.use_cases.books.deliver_outbox import Services, Trim, deliver
from reelgate.use_cases.upkeep.sweep import LEFT_BEHIND_AFTER, empty_outbox
from reelgate.use_cases.videos.find_video import by_id
from tests.doubles.memory_document_store import MemoryDatabase, MemoryDocumentStore
from tests.doubles.memory_events import MemoryEvents
from tests.doubles.memory_media import MemoryMedia
from tests.fixtures.bookkeeping import ENCODE_ACTION, POLICY, Bookkeeper, SteppedClock, an_upload, some_captions
from tests.fixtures.books.invariants import all_entries

SIZES = st.integers(1, 600)
LIMITS = Limits(storage_bytes=1000, daily_bytes=10**9, alert_percents=(80, 100))


class TrashMachine(RuleBasedStateMachine):
    """One user `ada`, two instances. `crashes` says that the next commits' outboxes are not carried out: the process dies."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock, self.crashes, self.number = SteppedClock(), False, 0
        database, media, events = MemoryDatabase(), MemoryMedia(), MemoryEvents()
        self.keepers = [
            Bookkeeper(
                DocumentBooks(
                    MemoryDocumentStore(database),
                    clock=self.clock,
                    retries=replace(CHANGE_RETRIES, first_pause_seconds=0.0),
                    encode_action=ENCODE_ACTION,
                ),
                policy=replace(POLICY, default_limits=LIMITS, trash_limit_percent=150),
                clock=self.clock,
                events=events,
                media=media,
            )
            for _ in range(2)
        ]
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr("reelgate.use_cases.books.commit.deliver", self.delivered_or_not)

    async def delivered_or_not(self, services: Services, items: Iterable[OutboxItem], trim: Trim) -> None:
        if not self.crashes:
            await deliver(services, items, trim)

    def teardown(self) -> None:
        self.patches.undo()
        self.loop.close()

    def run[T](self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)  # type: ignore[arg-type]

    def attempt(self, *operations: Awaitable[CommitResult]) -> None:
        """Carry out operations at once; each may be refused, but for nothing else than a reason of the domain."""

        async def together() -> list[CommitResult | BaseException]:
            return await asyncio.gather(*operations, return_exceptions=True)

        for outcome in self.run(together()):
            assert isinstance(outcome, ReelgateError | CommitResult), outcome

    def trash(self) -> list[Video]:
        return list(self.run(self.keepers[0].books.oldest_trash("ada", limit=100)))

    def ready(self) -> list[Video]:
        return list(self.run(self.keepers[0].books.videos("ada", limit=100)).items)

    def account(self) -> Account | None:
        return self.run(self.keepers[0].books.read("ada", ReadSet())).account

    @rule(size=SIZES, crash=st.booleans(), send=st.booleans(), keeper=st.sampled_from([0, 1]))
    def upload(self, size: int, crash: bool, send: bool, keeper: int) -> None:
        self.number += 1
        self.clock.advance(seconds=1)
        upload = an_upload(f"x{self.number}", size=size, at=self.clock.now)
        self.crashes = crash
        self.attempt(self.keepers[keeper].reserve(upload))
        if send:
            self.attempt(self.keepers[keeper].commit(upload))
        else:
            self.attempt(self.keepers[keeper].release(upload.upload_id))
        self.crashes = False

    @precondition(lambda self: self.ready())
    @rule(data=st.data(), size=SIZES, crash=st.booleans(), keeper=st.sampled_from([0, 1]))
    def put_captions(self, data: st.DataObject, size: int, crash: bool, keeper: int) -> None:
        video = data.draw(st.sampled_from(self.ready()))
        self.crashes = crash
        self.attempt(self.keepers[keeper].put_captions(by_id(video.file_id), some_captions("en", size)))
        self.crashes = False

    @precondition(lambda self: self.ready())
    @rule(data=st.data(), crash=st.booleans(), several=st.booleans())
    def delete(self, data: st.DataObject, crash: bool, several: bool) -> None:
        self.clock.advance(seconds=1)
        chosen = [data.draw(st.sampled_from(self.ready())) for _ in range(1 + several)]
        self.crashes = crash
        self.attempt(*(keeper.delete(by_id(video.file_id)) for video, keeper in zip(chosen, self.keepers, strict=False)))
        self.crashes = False
        for video in chosen:
            trashed = self.run(self.keepers[0].books.read("ada", ReadSet(trashed_file_id=video.file_id))).trashed
            if trashed is not None and video.first_purge_at is not None and video.first_purge_at > self.clock.now:
                assert trashed.purge_at == video.first_purge_at

    @precondition(lambda self: self.trash())
    @rule(data=st.data(), keeper=st.sampled_from([0, 1]))
    def restore(self, data: st.DataObject, keeper: int) -> None:
        self.attempt(self.keepers[keeper].restore(data.draw(st.sampled_from(self.trash()))))

    @precondition(lambda self: self.trash())
    @rule(data=st.data())
    def restore_purge_and_trim_at_once(self, data: st.DataObject) -> None:
        one, other = (data.draw(st.sampled_from(self.trash())) for _ in range(2))

        async def trim(keeper: Bookkeeper) -> CommitResult:
            await trimmer(keeper)("ada")  # type: ignore[arg-type]
            return CommitResult(snapshot=await keeper.books.read("ada", ReadSet()))

        first, second = self.keepers
        self.attempt(first.restore(one), second.purge(other.file_id), trim(first), trim(second))

    @rule(storage=st.sampled_from([None, 0, 300, 700, 2000]))
    def limit(self, storage: int | None) -> None:
        if self.account() is not None:
            self.number += 1
            self.attempt(self.keepers[0].limit(f"c{self.number}", storage=storage))

    @rule(days=st.sampled_from([0.1, 1, 20, 31]))
    def wait(self, days: float) -> None:
        self.clock.advance(days=days)

    @precondition(lambda self: self.account() is not None)
    @rule()
    def sweep(self) -> None:
        before, account = self.trash(), self.account()
        assert account is not None
        excess = excess_trash(account, self.keepers[0].policy)
        self.clock.advance(seconds=LEFT_BEHIND_AFTER.total_seconds() + 1)
        tally = self.run(empty_outbox(self.keepers[0], until=self.clock.now + timedelta(minutes=1)))  # type: ignore[arg-type]
        assert (tally.finished, self.waiting()) == (True, [])
        after = self.account()
        assert after is not None
        assert excess_trash(after, self.keepers[0].policy) == 0
        left = [video.file_id for video in self.trash()]
        gone = before[: len(before) - len(left)]
        assert left == [video.file_id for video in before[len(gone) :]], "only the oldest go"
        assert sum(video.stored_bytes for video in gone[:-1]) < excess or not gone, "no more than is needed"

    def waiting(self) -> list[TrimTrash]:
        items = self.run(self.keepers[0].books.outbox(self.clock.now + timedelta(days=1), limit=1000))
        return [item for item in items if isinstance(item, TrimTrash)]

    @invariant()
    def what_is_too_large_has_an_order(self) -> None:
        account = self.account()
        if account is not None:
            fits = (account.trash or 0) <= trash_limit(account, self.keepers[0].policy)
            assert fits or self.waiting(), account

    @invariant()
    def account_trash_and_ledger_agree(self) -> None:
        account = self.account()
        if account is not None:
            totals = Totals.of(self.run(all_entries(self.keepers[0].books)))
            assert account.trash == totals.total.trash == sum(video.stored_bytes for video in self.trash())
            assert (account.stored, totals.gaps) == (totals.total.stored, ())


TestTrash = TrashMachine.TestCase
TestTrash.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
