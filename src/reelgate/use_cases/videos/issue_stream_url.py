"""Issue a signed URL for watching or downloading a video, charged to the daily limit before it is returned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from reelgate.domain import errors
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.ports import Caller, HasBucket, HasIds, HasSigner, ReadSet, Snapshot, UrlToSign
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.videos.name_download import attachment


class Services(CommitServices, HasBucket, HasIds, HasSigner, Protocol):
    """What issuing the URL of a video needs."""


Charge = Literal["per_request", "per_window", "nothing"]
"""What a URL costs: one transfer of the file per request; one per window (for a player that follows the redirect of
`/stream/video` for every range); or nothing (HEAD sends no bytes). Windows are fixed and as long as a URL is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamUrl:
    """A URL that lets its holder read the video until it expires."""

    video: Video
    method: str
    url: str = field(repr=False)
    expires_at: datetime


async def issue_stream_url(
    services: Services,
    caller: Caller,
    filename: str,
    *,
    charge: Charge,
    method: str = "GET",
    download: bool = False,
    audit: PendingEvent | None = None,
) -> StreamUrl:
    """Return a signed URL for one of the caller's videos. With `download`, browsers save the file under its name.

    Raises:
        UserStorageNotFound: the caller has never stored anything.
        FileNotFound: there is no finished video with this name.
        BandwidthLimitExceeded: today's bandwidth is not enough for one transfer of the file.
        BooksBusy, Unavailable.
    """
    now = services.now()
    snapshot = await services.books.read(caller.uid, ReadSet(filename=filename))
    video = find_video(snapshot, filename)
    if snapshot.account is not None:  # it may be charged for this window already
        snapshot.account.require_enabled()
    to_sign = UrlToSign(
        method=method,
        bucket=services.bucket,
        object_name=video.object_name,
        expires_seconds=services.policy.stream_url_seconds,
        query={"response-content-disposition": attachment(video.filename)} if download else {},
    )
    # Signed before it is charged: if the signer cannot be reached, nothing is charged.
    url = await services.signer.signed_url(to_sign, now=now)
    if charge != "nothing":
        await charge_transfer(services, caller, video, once_per_window=charge == "per_window", audit=audit)
    return StreamUrl(video=video, method=method, url=url, expires_at=now + timedelta(seconds=to_sign.expires_seconds))


async def charge_transfer(
    services: Services,
    caller: Caller,
    video: Video,
    *,
    once_per_window: bool,
    derived: tuple[str, int] | None = None,
    audit: PendingEvent | None = None,
) -> None:
    """Charge one transfer of a video to the day, or of a file `derived` from it, given by its kind and its size in bytes.

    Raises FileNotFound, BandwidthLimitExceeded, BooksBusy.
    """
    kind, size = derived or (None, None)
    window = int(services.now().timestamp()) // services.policy.stream_url_seconds
    entry_id = EntryId.stream_once(video.file_id, window, kind) if once_per_window else EntryId.stream(services.new_id())
    transaction = transfer(video, entry_id, size=size, repeatable=once_per_window)
    result = await commit(services, caller.uid, transaction, audit=audit)
    if audit is not None and result.existing_entry is not None:
        audit.recorded = True  # with the first request of this window


def transfer(video: Video, entry_id: EntryId, *, size: int | None = None, repeatable: bool) -> Transaction:
    """Return the transaction that charges a transfer to the day; with `repeatable`, only once per entry id.

    Args:
        size: bytes to charge if a derived file is transferred; None charges the size of the video.
    """

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        current = find_video(snapshot, video.filename)
        if snapshot.account is None or current.file_id != video.file_id:
            raise errors.FileNotFound(f"'{video.filename}' has just been replaced. Try again.")
        return ledger.stream(snapshot.account, current, entry_id=entry_id, size=size)

    return Transaction(decide, ReadSet(filename=video.filename, entry_id=entry_id if repeatable else None))


def find_video(snapshot: Snapshot, filename: str) -> Video:
    """Return the video of this name in a snapshot. Raises UserStorageNotFound or FileNotFound."""
    if snapshot.account is None:
        raise errors.UserStorageNotFound("You have not stored any files yet.")
    if snapshot.video is None:
        raise errors.FileNotFound(f"There is no finished video '{filename}'. GET /files lists your videos.")
    return snapshot.video
