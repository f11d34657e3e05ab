"""What streaming and download URLs cost: they are charged to the day, and the account remembers which ones."""

from __future__ import annotations

from dataclasses import replace

from reelgate.domain.books.account import MAX_RECENT_CHARGES, Account
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import check_day
from reelgate.domain.books.video import Video


def charge_url(
    ledger: Ledger, account: Account, video: Video, *, entry_id: EntryId, size: int | None = None, url_key: str | None = None
) -> Change:
    """Charge a streaming or download URL to the day, as one full transfer of the file.

    Args:
        size: bytes to charge if a derived file is transferred; None charges the size of the video.
        url_key: what the account remembers of the URL; None is the key of the entry.

    Raises:
        AccountDisabled, BandwidthLimitExceeded.
    """
    account.require_enabled()
    size = video.size if size is None else size
    current = ledger.current(account)
    check_day(current, size, ledger.policy, ledger.now, traffic="stream")
    entry = ledger.entry(entry_id, video, Delta(streamed=size, stream_count=1), size=size)
    return ledger.change(_remembering(account, url_key or entry_id.key), entry)


def remember_url(ledger: Ledger, account: Account, url_key: str) -> Change:
    """Remember another URL of something that is charged already. No amount changes, so there is no entry."""
    account.require_enabled()
    return ledger.change(_remembering(account, url_key))


def _remembering(account: Account, url_key: str) -> Account:
    return replace(account, recent_charges=(*account.recent_charges, url_key)[-MAX_RECENT_CHARGES:])
