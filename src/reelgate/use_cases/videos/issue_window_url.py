"""Issue the signed URL of a video, or of something derived from it, for its window of time: the part that all such URLs share.

The same caller gets the same URL for an object and a method during a window (`domain/videos/stream_windows.py`), and the first
request with GET pays for it (docs/adr/0020-stream-windows.md). That is one `commit`: a read of account and video, a signature,
and for the first request one write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Literal, Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import MAX_RECENT_CHARGES, Account
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.value_types import positional_value_type, value_type
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.domain.videos.url_charges import charge_url, remember_url
from reelgate.ports.books import CommitResult, HasPolicy, NotPrepared, ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasSigner, UrlToSign
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.videos.find_video import VideoRef, find_video
from reelgate.use_cases.videos.name_download import attachment

Method = Literal["GET", "HEAD"]
"""What a URL allows. HEAD sends no bytes of the object, so its URLs are free."""

SAVING = "/save"
"""Marks what an account remembers of URLs for saving a video: the same bytes, so the same charge, but another URL."""


class SigningServices(HasClock, HasPolicy, HasSigner, Protocol):
    """What signing the URL of a window needs."""


class Services(CommitServices, HasSigner, Protocol):
    """What issuing the URL of a window needs."""


@value_type
class StreamObject:
    """An object in a bucket that a URL reads, and what one transfer of it is charged: `size` bytes.

    `derived` is its kind if it is derived from the video (`audio`). With `saved_as`, browsers save it under that name.
    """

    bucket: str
    object_name: str
    size: int
    derived: str | None = None
    saved_as: str | None = None


@value_type
class StreamUrl:
    """A URL that lets its holder read an object of the video until it expires."""

    video: Video
    method: Method
    url: str = field(repr=False)
    expires_at: datetime


ObjectOf = Callable[[Video], Awaitable[StreamObject]]
"""Returns the object of a video that is to be read, or raises a domain error."""


async def issue_window_url(
    services: Services,
    caller: Caller,
    which: VideoRef,
    object_of: ObjectOf,
    *,
    method: Method,
    audit: PendingEvent | None = None,
) -> StreamUrl:
    """Return the URL of an object of one of the caller's videos, in the window of this moment.

    Args:
        audit: the event of the request. The audit log has one for each URL of a window, from the first request for it.

    Raises:
        UserStorageNotFound, VideoNotFound: see `find_video`.
        AccountDisabled: an admin has disabled the account.
        BandwidthLimitExceeded: today's bandwidth is not enough for one transfer, and the window is not paid yet.
        BooksBusy, BooksSlow, Unavailable.
        Any error that `object_of` raises.
    """
    issue = UrlIssue(services, which, object_of, method, audit=audit)
    if method == "HEAD":
        snapshot = await services.books.read(caller.uid, issue.reads)
        await issue.prepare(snapshot)
        return issue.unpaid(snapshot)
    try:
        return issue.issued(await commit(services, caller.uid, issue.transaction(), audit=audit))
    except errors.BandwidthLimitExceeded:
        if issue.perhaps_paid is None:
            raise
    # The window was perhaps paid so many URLs ago that only the ledger still knows.
    return issue.issued(await commit(services, caller.uid, issue.transaction(), audit=audit))


async def sign_in_window(
    services: SigningServices,
    window: StreamWindow,
    *,
    method: Method,
    bucket: str,
    object_name: str,
    tag: EgressTag,
    saved_as: str | None = None,
) -> str:
    """Return the window's signed URL of an object. Raises Unavailable when a remote signer cannot be reached."""
    query = tag.parameter
    if saved_as is not None:
        query["response-content-disposition"] = attachment(saved_as)
    to_sign = UrlToSign(
        method=method,
        bucket=bucket,
        object_name=object_name,
        expires_seconds=window.url_seconds,
        query=query,
    )
    return await services.signer.signed_url(to_sign, now=window.starts_at)


def window_of(services: SigningServices, file_id: str) -> StreamWindow:
    """Return the file's window of this moment."""
    return StreamWindow.of(file_id, services.now(), seconds=services.policy.stream_url_seconds)


@positional_value_type
class _Signed:
    """The URL that was signed for a video, and what it costs."""

    video: Video
    window: StreamWindow
    object: StreamObject
    url: str = field(repr=False)

    @property
    def entry_id(self) -> EntryId:
        return self.window.entry_id(self.object.derived)

    @property
    def key(self) -> str:
        """What the account remembers of the URL: the entry that paid for it, and whether it is the one for saving the video."""
        saving = self.object.saved_as is not None and self.object.derived is None
        return f"{self.entry_id.key}{SAVING}" if saving else self.entry_id.key


class UrlIssue:
    """One request for a URL: signed for the video that a round of the commit has read, and charged for the same video."""

    def __init__(
        self,
        services: SigningServices,
        which: VideoRef,
        object_of: ObjectOf,
        method: Method,
        *,
        audit: PendingEvent | None = None,
    ) -> None:
        self._services = services
        self._which = which
        self._object_of = object_of
        self._method = method
        self._audit = audit
        self._signed: dict[str, _Signed] = {}  # by file id: usually one, more if the file is replaced meanwhile
        self.perhaps_paid: EntryId | None = None
        """Set by a refusal: the entry that would prove that the window is paid, if the account may have forgotten it."""

    @property
    def reads(self) -> ReadSet:
        """What is read: account and video, and the entry that perhaps has paid."""
        looked_up = () if self.perhaps_paid is None else (self.perhaps_paid,)
        return self._which.reads(entry_ids=looked_up)

    def transaction(self) -> Transaction:
        """Return the transaction that charges the URL, unless its window is paid."""
        return Transaction(self.decide, self.reads, self.prepare)

    async def prepare(self, snapshot: Snapshot) -> None:
        """Sign the URL of the video that was read, before it is charged: without a signature nothing is charged."""
        _, video = self._allowed(snapshot)
        if video.file_id in self._signed:
            return
        window, wanted = window_of(self._services, video.file_id), await self._object_of(video)
        url = await sign_in_window(
            self._services,
            window,
            method=self._method,
            bucket=wanted.bucket,
            object_name=wanted.object_name,
            tag=EgressTag.charged_by(window.entry_id(wanted.derived)),
            saved_as=wanted.saved_as,
        )
        self._signed[video.file_id] = _Signed(video, window, wanted, url)

    def decide(self, ledger: Ledger, snapshot: Snapshot) -> Change | None:
        """Charge the URL to the day if its window is not paid yet; remember it if another URL has paid for the window."""
        account, video = self._allowed(snapshot)
        signed = self._signed.get(video.file_id)
        if signed is None:  # an operation that shares the commit has replaced the video
            raise NotPrepared
        if self._audit is not None:  # one event for each URL, also if only the ledger still knows that it was issued before
            self._audit.action_id = partial(str.join, ":", (self._audit.action, signed.key))
        if signed.key in account.recent_charges or signed.entry_id in snapshot.entries:
            return None
        if signed.entry_id.key in {key.removesuffix(SAVING) for key in account.recent_charges}:
            if self._audit is not None:  # this change has no entry that says it
                self._audit.note(file_id=video.file_id, size=signed.object.size)
            return remember_url(ledger, account, signed.key)
        try:
            return charge_url(ledger, account, video, entry_id=signed.entry_id, size=signed.object.size, url_key=signed.key)
        except errors.BandwidthLimitExceeded:
            if len(account.recent_charges) >= MAX_RECENT_CHARGES:
                self.perhaps_paid = signed.entry_id
            raise

    def issued(self, result: CommitResult) -> StreamUrl:
        """Return the URL after the commit."""
        if result.change is None or result.change.entry is None:
            url = self.unpaid(result.snapshot)
            if result.change is None and self._audit is not None:
                self._note_repeated(self._audit, result.snapshot)
            return url
        # The video of the entry, also if the answer to the commit was lost and another video has the name by now.
        return self._url(self._signed[str(result.change.entry.file_id)])

    def unpaid(self, snapshot: Snapshot) -> StreamUrl:
        """Return the URL of a request that paid nothing."""
        _, video = self._allowed(snapshot)
        if video.file_id not in self._signed:  # replaced while it turned out that the window of the earlier video was paid
            raise self._which.not_found()
        return self._url(self._signed[video.file_id])

    def _note_repeated(self, audit: PendingEvent, snapshot: Snapshot) -> None:
        account, video = self._allowed(snapshot)
        signed = self._signed[video.file_id]
        audit.recorded = signed.key in account.recent_charges  # by the first request for this URL
        audit.note(file_id=video.file_id, size=signed.object.size)

    def _url(self, signed: _Signed) -> StreamUrl:
        return StreamUrl(
            video=signed.video,
            method=self._method,
            url=signed.url,
            expires_at=signed.window.expires_at,
        )

    def _allowed(self, snapshot: Snapshot) -> tuple[Account, Video]:
        account, video = find_video(snapshot, self._which)
        account.require_enabled()
        return account, video
