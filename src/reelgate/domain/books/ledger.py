"""The rules of the books: what every operation on an account has in common, as pure arithmetic.

The operations are functions, by subject: `reelgate.domain.uploads`, `videos`, `usage` and `accounts`. Each takes the ledger
and the current records, and returns everything to write, as one `Change`: the new account, its ledger entry, the videos that
change, and the outbox. To refuse, it raises a domain error. Nothing depends on where the records are kept, so the same rules
run over Firestore and over memory.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from reelgate.domain.audit import Action
from reelgate.domain.books import messages
from reelgate.domain.books.account import Account, Day, Limits, NameClaim, OpenUpload
from reelgate.domain.books.captions import CaptionsKey, CaptionsText
from reelgate.domain.books.entries import Delta, Entry, EntryId, EntryKind, settled_on
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.limits import excess_trash, raise_alerts
from reelgate.domain.books.policy import Policy
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import positional_value_type, value_type


@value_type
class Change:
    """Everything one operation writes, in one atomic commit.

    The numbers of `more_entries` follow that of `entry`. If this is the first operation of a new day, `closed_day` is the day
    before it. `rebuilt_days` are closed days that are written anew. What is put must not overwrite anything; records that are
    removed or replaced must be unchanged since they were read. `audit` are the actions that the audit log records in the same
    commit.

    `put_name` claims a file name, `remove_name` releases it. An upload that becomes a video keeps its name, and its claim as it
    is.

    `put_captions` and `remove_captions` are written whatever is there. Each change of a text is one of its video's list, too,
    so the account's version decides which of two is the later one.
    """

    account: Account
    entry: Entry | None = None
    more_entries: tuple[Entry, ...] = ()
    closed_day: Day | None = None
    rebuilt_days: tuple[Day, ...] = ()
    put_upload: OpenUpload | None = None
    replace_upload: OpenUpload | None = None
    remove_upload: OpenUpload | None = None
    put_video: Video | None = None
    replace_video: Video | None = None
    remove_video: Video | None = None
    put_trash: Video | None = None
    remove_trash: Video | None = None
    put_name: NameClaim | None = None
    remove_name: NameClaim | None = None
    put_captions: CaptionsText | None = None
    remove_captions: tuple[CaptionsKey, ...] = ()
    put_grant: PlaybackGrant | None = None
    replace_grant: PlaybackGrant | None = None
    outbox: tuple[messages.OutboxItem, ...] = ()
    audit: tuple[Action, ...] = ()


@positional_value_type
class Ledger:
    """An account's day and its entries, under one deployment's policy, at one instant (aware)."""

    policy: Policy
    now: datetime

    def account_for(
        self, existing: Account | None, uid: str, email: str | None = None, *, email_verified: bool = False
    ) -> Account:
        """Return the user's account: the existing one, with its e-mail address updated if one is given, or a new one.

        An address stays verified until there is another one: an older token may be from before it was verified.
        """
        if existing is None:
            today = self._new_day(stored=0)
            return Account(uid=uid, email=email, email_verified=email_verified, created_at=self.now, today=today, trash=0)
        if not email or (email == existing.email and (existing.email_verified or not email_verified)):
            return existing
        return replace(existing, email=email, email_verified=email_verified)

    @property
    def today(self) -> date:
        """The current day."""
        return self.policy.day_of(self.now)

    def roll(self, account: Account) -> Change | None:
        """Return the change that closes the account's day and re-arms its alerts; None if the day is not over."""
        if account.today.date >= self.today:
            return None
        return self.change(account)

    def limits(self, account: Account) -> Limits:
        """Return the limits that apply to the account."""
        return account.limits(self.policy.default_limits)

    def current(self, account: Account) -> Account:
        """Return the account as of now: with a new, empty day if its day is over. Writes nothing."""
        return self._rolled(account)[0]

    def _rolled(self, account: Account, *, moved: int = 0) -> tuple[Account, Day | None]:
        """Return the account on the current day, and the day that this closes.

        Args:
            moved: what the operation has added to the stored bytes already; it belongs to the new day.
        """
        if account.today.date >= self.today:
            return account, None
        stored = account.stored - moved
        return replace(account, today=self._new_day(stored=stored)), replace(account.today, stored=stored)

    def _new_day(self, *, stored: int) -> Day:
        return Day(date=self.today, byte_seconds=stored * self.policy.seconds_of(self.today))

    def _moved(self, account: Account, entry: Entry) -> Account:
        """Return the account with an entry's delta in its day and its trash; the caller has changed the other totals."""
        day, delta = account.today, entry.delta
        if delta.stored and day.byte_seconds is not None:
            gained = delta.stored * self.policy.seconds_left(day.date, entry.at)
            day = replace(day, byte_seconds=day.byte_seconds + gained)
        waived = day.waived + -delta if entry.kind == EntryKind.RESET_DAY else day.waived
        return replace(
            account,
            today=replace(_added(day, delta), waived=waived, settled=day.settled + settled_on(day.date, entry)),
            trash=None if account.trash is None else account.trash + delta.trash,
            sequence=entry.sequence,
        )

    def change(self, account: Account, entry: Entry | None = None, *, rearm: str | None = None) -> Change:
        """Return the change that writes an account with an entry: start a new day if the old one is over, number the entry, add
        its delta to the day, raise alerts, and order the trash trimmed if that is due now.

        Args:
            rearm: alerts whose keys begin with this may be raised again today.
        """
        account, closed = self._rolled(account, moved=entry.delta.stored if entry is not None else 0)
        if rearm is not None:
            standing = frozenset(key for key in account.today.standing if not key.startswith(rearm))
            account = replace(account, today=replace(account.today, standing=standing))
        if entry is not None:
            entry = replace(entry, sequence=account.sequence + 1, date=account.today.date)
            account = self._moved(account, entry)
        account, alerts = raise_alerts(account, self.limits(account))
        return Change(account=account, entry=entry, closed_day=closed, outbox=(*alerts, *self._trimming(account, entry)))

    def _trimming(self, account: Account, entry: Entry | None) -> tuple[messages.TrimTrash, ...]:
        """Return the order to trim the trash, if this change has made the trash too large, or has found it so.

        A change that adds nothing to the excess needs no order: the one that went over has written it. Limits can be lowered by
        an admin, whose entry adds nothing, and by the operator: that is found when a day is closed, or an account rebuilt.
        """
        excess = excess_trash(account, self.policy)
        if not excess:
            return ()
        if entry is not None and entry.kind != EntryKind.LIMITS:
            before = replace(
                account,
                stored=account.stored - entry.delta.stored,
                reserved=account.reserved - entry.delta.reserved,
                trash=(account.trash or 0) - entry.delta.trash,
            )
            if excess <= excess_trash(before, self.policy):
                return ()
        return (messages.trimming(account.uid, account.today.date, account.sequence),)

    def entry(
        self,
        entry_id: EntryId,
        about: OpenUpload | Video | None,
        delta: Delta,
        *,
        size: int | None = None,
        reason: str | None = None,
        fingerprint: str | None = None,
    ) -> Entry:
        """Return the entry of an operation on an upload or a video, of its whole size in bytes unless `size` says otherwise.

        `change` sets its number and its day.
        """
        file_id = None if about is None else about.upload_id if isinstance(about, OpenUpload) else about.file_id
        return Entry(
            entry_id=entry_id,
            kind=entry_id.kind,
            sequence=0,
            at=self.now,
            date=self.today,
            delta=delta,
            file_id=file_id,
            filename=None if about is None else about.filename,
            size=size if size is not None else 0 if about is None else about.size,
            reason=reason,
            fingerprint=fingerprint,
        )


def _added(day: Day, delta: Delta) -> Day:
    return replace(
        day,
        uploaded=day.uploaded + delta.uploaded,
        streamed=day.streamed + delta.streamed,
        upload_count=day.upload_count + delta.upload_count,
        stream_count=day.stream_count + delta.stream_count,
        deleted_bytes=day.deleted_bytes + delta.deleted_bytes,
        deletion_count=day.deletion_count + delta.deletion_count,
        rejected=day.rejected + delta.rejected,
        rejected_count=day.rejected_count + delta.rejected_count,
    )
