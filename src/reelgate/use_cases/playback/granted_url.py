"""A signed URL that a grant pays for: signed and charged in one commit of the owner's books, once for each entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.audit import EventAction
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.playback.grant_changes import charge_grant
from reelgate.domain.playback.grants import require_open, unknown_grant
from reelgate.domain.playback.lease_charges import check_repeated, seconds_until_end, signed_at
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.value_types import positional_value_type, value_type
from reelgate.ports.books import NotPrepared, ReadSet, Snapshot
from reelgate.ports.runtime import HasFunctionName
from reelgate.ports.storage import HasSigner, UrlToSign
from reelgate.use_cases.audit.pending_event import FILE, PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit


class Services(CommitServices, HasSigner, Protocol):
    """What a URL that a grant pays for needs."""


@value_type
class PaidObject:
    """What a URL opens: an object, and for how many bytes and seconds it is charged and works.

    `variant` says what of the video it is; a repeated request has to ask for the same. `tag` is what usage logs have of it;
    None for what is settled with all leases of the grant on the day that it is charged to.
    """

    bucket: str
    object_name: str
    size: int
    seconds: int
    variant: str
    tag: EgressTag | None = None


@value_type
class PaidUrl:
    """A URL that works until `expires_at`."""

    url: str = field(repr=False)
    expires_at: datetime


@positional_value_type
class _Signed:
    generation: int
    at: datetime
    charged_on: date
    object: PaidObject
    seconds: int
    url: str = field(repr=False)


ObjectOf = Callable[[Video], Awaitable[PaidObject]]
"""Returns what is opened of a video, or raises a domain error."""


class GrantedUrl:
    """One request for a URL, at the expense of a grant."""

    def __init__(
        self,
        services: Services,
        grant: PlaybackGrant,
        entry_id: EntryId,
        object_of: ObjectOf,
        *,
        after: EntryId | None = None,
        renewed: bool = False,
    ) -> None:
        """Nothing is read yet.

        Args:
            grant: as it was found; it is read again.
            entry_id: the entry that pays. If it exists, the URL is free.
            after: the entry that has to exist already; without one, a play begins.
            renewed: whether a repeated request gets a URL that works for its full time again, and not the same one.
        """
        self._services = services
        self._grant = grant
        self._entry_id = entry_id
        self._after = after
        self._renewed = renewed
        self._object_of = object_of
        self._signed: _Signed | None = None

    async def issue(self) -> PaidUrl:
        """Return the URL. It is one batch read, and one commit unless it was paid before.

        Raises:
            GrantNotFound, GrantExpired, GrantRevoked, GrantUsedUp, VideoUnavailable: the grant opens nothing any more.
            NotPlayableToday: the owner's day has not enough bandwidth left.
            LeaseOver, LeaseOutOfOrder: the entry was paid for another URL, or the one before it was not.
            BooksBusy, BooksSlow, Unavailable, and what `object_of` raises.
        """
        audit = grant_played(self._services, self._grant, self._entry_id) if self._after is None else None
        await commit(self._services, self._grant.uid, self.transaction(), audit=audit)
        signed = self._signed
        assert signed is not None, "a commit that did not refuse has prepared"
        return PaidUrl(url=signed.url, expires_at=signed.at + timedelta(seconds=signed.seconds))

    def transaction(self) -> Transaction:
        """Return the transaction that charges the URL, unless it is paid."""
        needed = (self._entry_id,) if self._after is None else (self._entry_id, self._after)
        reads = ReadSet(file_id=self._grant.file_id, grant_id=self._grant.grant_id, entry_ids=needed)
        return Transaction(self.decide, reads, self.prepare)

    async def prepare(self, snapshot: Snapshot) -> None:
        """Sign the URL for what was read, before it is charged: without a signature nothing is charged."""
        now = self._services.now()
        video = self._open(snapshot, now)
        if self._fits(snapshot, video):
            return
        wanted = await self._object_of(video)
        at = self._date(snapshot) or signed_at(now)
        charged_on = self._day(snapshot, at)
        tag = wanted.tag or EgressTag.leased(self._grant.grant_id, charged_on)
        seconds = seconds_until_end(at, self._grant.expires_at, wanted.seconds)
        to_sign = UrlToSign(
            method="GET",
            bucket=wanted.bucket,
            object_name=wanted.object_name,
            expires_seconds=seconds,
            query=tag.parameter,
        )
        url = await self._services.signer.signed_url(to_sign, now=at)
        self._signed = _Signed(video.generation, at, charged_on, wanted, seconds, url)

    def decide(self, ledger: Ledger, snapshot: Snapshot) -> Change | None:
        """Charge the URL, or find that it is paid."""
        video = self._open(snapshot, ledger.now)
        signed = self._signed
        if signed is None or not self._fits(snapshot, video):
            raise NotPrepared
        paid = snapshot.entries.get(self._entry_id)
        if paid is not None:
            if not self._renewed:
                check_repeated(paid, signed.object.variant, ledger.now, seconds=signed.seconds)
            return None
        if self._after is not None and self._after not in snapshot.entries:
            raise errors.LeaseOutOfOrder("The video has to be started again.")
        change = charge_grant(
            Ledger(ledger.policy, signed.at),  # the entry has the date of the URL, so that a repeated request gets the same
            snapshot.account,
            snapshot.video,
            _found(snapshot),
            entry_id=self._entry_id,
            size=signed.object.size,
            begins_play=self._after is None,
        )
        if change.entry is None:
            raise NotPrepared
        return replace(change, entry=replace(change.entry, fingerprint=signed.object.variant))

    def _open(self, snapshot: Snapshot, now: datetime) -> Video:
        """Return the video if the grant opens it. What is paid already is opened even if nothing is left to pay more."""
        grant = _found(snapshot)
        paid = self._entry_id in snapshot.entries
        allowed = replace(grant, max_bytes=None) if paid else grant
        _, video = require_open(allowed, snapshot.account, snapshot.video, now, playing=paid or self._after is not None)
        return video

    def _fits(self, snapshot: Snapshot, video: Video) -> bool:
        signed, dated = self._signed, self._date(snapshot)
        if signed is None or signed.generation != video.generation or dated not in {None, signed.at}:
            return False
        return signed.charged_on == self._day(snapshot, signed.at)

    def _date(self, snapshot: Snapshot) -> datetime | None:
        """The date that the URL has to have: that of the first one with the same entry."""
        paid = snapshot.entries.get(self._entry_id)
        return None if paid is None or self._renewed else signed_at(paid.at)

    def _day(self, snapshot: Snapshot, at: datetime) -> date:
        """The day of its owner that the URL is charged to, or was."""
        paid, account = snapshot.entries.get(self._entry_id), snapshot.account
        if paid is not None:
            return paid.date
        day = self._services.policy.day_of(at)
        return day if account is None else max(account.today.date, day)


def grant_played(services: HasFunctionName, grant: PlaybackGrant, entry_id: EntryId) -> PendingEvent:
    """Return the event of a play that begins with an entry, for the owner's audit log."""
    return PendingEvent(
        action_id=lambda: f"{EventAction.GRANT_PLAYED}:{entry_id.key}",
        action=EventAction.GRANT_PLAYED.value,
        uid=grant.uid,
        service=services.function,
        notes={"grant_id": grant.grant_id},
        named=FILE,
    )


def _found(snapshot: Snapshot) -> PlaybackGrant:
    if snapshot.grant is None:
        raise unknown_grant()
    return snapshot.grant
