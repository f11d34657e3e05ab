"""Playback grants are made, charged and ended, in the books of the video's owner."""

from __future__ import annotations

from dataclasses import replace

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import check_day
from reelgate.domain.books.video import Video
from reelgate.domain.playback.grants import require_open, used_up


def make_grant(account: Account, video: Video, grant: PlaybackGrant) -> Change:
    """Add a grant to a video, in its present series.

    No amount changes, so there is no entry. Raises AccountDisabled, AccountDeleted.
    """
    account.require_enabled()
    made = replace(grant, series=video.grant_series, account_series=account.grant_series)
    return Change(account=_changed(account), put_grant=made)


def charge_grant(
    ledger: Ledger,
    account: Account | None,
    video: Video | None,
    grant: PlaybackGrant,
    *,
    entry_id: EntryId,
    size: int,
    begins_play: bool,
) -> Change:
    """Charge bytes that a grant opens to the owner's day and to the grant; the first charge of a play counts the play.

    Args:
        account, video: as for `grant_state`.
        entry_id: the entry that records it, once.

    Raises:
        All errors of `require_open`. A play that has begun goes on although no further one may begin.
        GrantUsedUp: the grant's bytes are not enough.
        NotPlayableToday: the owner's day has not enough bandwidth left.
    """
    account, video = require_open(grant, account, video, ledger.now, playing=not begins_play)
    if grant.max_bytes is not None and grant.charged + size > grant.max_bytes:
        raise used_up()
    try:
        check_day(ledger.current(account), size, ledger.policy, ledger.now, traffic="stream")
    except errors.BandwidthLimitExceeded as error:
        raise errors.NotPlayableToday("This video cannot be played any more today.", retry_at=error.retry_at) from error
    plays = int(begins_play)
    entry = ledger.entry(entry_id, video, Delta(streamed=size, stream_count=plays), size=size)
    charged = replace(grant, plays=grant.plays + plays, charged=grant.charged + size)
    return replace(ledger.change(account, entry), replace_grant=charged)


def revoke_grant(ledger: Ledger, account: Account, grant: PlaybackGrant) -> Change | None:
    """End a grant; None if it was revoked before. An expired one can be revoked as well."""
    if grant.revoked_at is not None:
        return None
    return Change(account=_changed(account), replace_grant=replace(grant, revoked_at=ledger.now))


def revoke_all_grants(account: Account, video: Video) -> Change:
    """End all grants of a video that there are now, however many."""
    return Change(account=_changed(account), replace_video=replace(video, grant_series=video.grant_series + 1))


def _changed(account: Account) -> Account:
    return replace(account, grant_changes=account.grant_changes + 1)
