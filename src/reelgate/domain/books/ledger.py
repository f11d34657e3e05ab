"""The rules of the books: every operation on an account as pure arithmetic.

Each operation takes the current records and returns everything to write, as one `Change`: the new account, its ledger entry,
the videos that change, and the outbox. To refuse, it raises a domain error. Nothing here depends on where the
records are kept, so the same rules run over Firestore and over memory.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from reelgate.domain import errors
from reelgate.domain.audit import Action
from reelgate.domain.books import messages
from reelgate.domain.books.account import MAX_RECENT_CHARGES, Account, Day, Limits, NameClaim, OpenUpload
from reelgate.domain.books.entries import Delta, Entry, EntryId
from reelgate.domain.books.limits import check_day, check_storage, raise_alerts
from reelgate.domain.books.policy import Policy
from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.books.video import StoredObject, Video, mismatch
from reelgate.domain.value_types import positional_value_type, value_type


@value_type
class Change:
    """Everything one operation writes, in one atomic commit.

    The numbers of `more_entries` follow that of `entry`. If this is the first operation of a new day, `closed_day` is the day
    before it. What is put must not overwrite anything; records that are removed or replaced must be unchanged since they were
    read. `audit` are the actions that the audit log records in the same commit.

    `put_upload` also claims the upload's name; `remove_upload` releases it, to the same change's `put_video` if there is one.
    """

    account: Account
    entry: Entry | None = None
    more_entries: tuple[Entry, ...] = ()
    closed_day: Day | None = None
    put_upload: OpenUpload | None = None
    replace_upload: OpenUpload | None = None
    remove_upload: OpenUpload | None = None
    put_video: Video | None = None
    replace_video: Video | None = None
    remove_video: Video | None = None
    put_trash: Video | None = None
    remove_trash: Video | None = None
    outbox: tuple[messages.OutboxItem, ...] = ()
    audit: tuple[Action, ...] = ()


@positional_value_type
class Ledger:
    """The operations, under one deployment's policy, at one instant (aware)."""

    policy: Policy
    now: datetime

    def account_for(self, existing: Account | None, uid: str, email: str | None = None) -> Account:
        """Return the user's account: the existing one, with its e-mail address updated if one is given, or a new one."""
        if existing is None:
            return Account(uid=uid, email=email, created_at=self.now, today=Day(date=self.today))
        return replace(existing, email=email) if email and email != existing.email else existing

    @property
    def today(self) -> date:
        """The current day."""
        return self.policy.day_of(self.now)

    def roll(self, account: Account) -> Change | None:
        """Return the change that closes the account's day and re-arms its alerts; None if the day is not over."""
        if account.today.date >= self.today:
            return None
        return self.change(account)

    def reserve(self, account: Account, upload: OpenUpload, *, existing: Video | NameClaim | None, fingerprint: str) -> Change:
        """Grant an upload: its name and its bytes are reserved until it is finished, rejected, cancelled or expired.

        Args:
            existing: the finished video, or the open upload's claim, that has this name already, if any.
            fingerprint: identifies the request, so that an idempotency key cannot be used for a different one.

        Raises:
            AccountDisabled, NameTaken, TooManyOpenUploads, StorageLimitExceeded, BandwidthLimitExceeded.
        """
        account.require_enabled()
        if isinstance(existing, NameClaim):
            raise errors.NameTaken(f"An upload of '{upload.filename}' is open. Finish or cancel it, or choose another name.")
        if existing is not None:
            raise errors.NameTaken(f"Choose another name, or delete '{upload.filename}' first.")
        if account.open_uploads >= self.policy.max_open_uploads:
            raise errors.TooManyOpenUploads(
                f"{account.open_uploads} uploads are open, as many as allowed. Finish or cancel some of them."
            )
        current, _ = self._rolled(account)
        check_storage(current, upload.size, self.policy)
        check_day(current, upload.size, self.policy, self.now)
        change = self.change(
            replace(account, reserved=account.reserved + upload.size, open_uploads=account.open_uploads + 1),
            self.entry(EntryId.reserve(upload.upload_id), upload, Delta(reserved=upload.size), fingerprint=fingerprint),
        )
        return replace(change, put_upload=upload)

    def commit(self, account: Account, upload: OpenUpload, found: StoredObject) -> Change:
        """Turn an open upload into a video, or reject it if the object is not what was granted.

        A rejected upload's bytes are released, and the outbox gets the order to remove the object.
        """
        difference = mismatch(upload, found)
        if difference:
            change = self.release(account, upload, reason=ReleaseReason.rejected(difference))
            removal = messages.removal(upload.upload_id, found.name, found.generation)
            rejected = messages.Message(
                event_id=f"video.rejected:{upload.upload_id}",
                topic="videos",
                type="video.rejected",
                uid=account.uid,
                data={"file_id": upload.upload_id, "filename": upload.filename, "reason": difference},
            )
            return replace(change, outbox=(*change.outbox, removal, rejected))
        video = Video(
            uid=account.uid,
            file_id=upload.upload_id,
            filename=upload.filename,
            size=found.size,
            content_type=upload.content_type,
            crc32c=found.crc32c,
            generation=found.generation,
            title=upload.title,
            created_at=upload.created_at,
            uploaded_at=self.now,
            main_service_file_id=upload.main_service_file_id,
        )
        size = found.size
        closed = _without(account, upload)
        delta = Delta(stored=size, reserved=-size, uploaded=size, upload_count=1)
        change = self.change(
            replace(closed, stored=closed.stored + size),
            self.entry(EntryId.commit(upload.upload_id, found.generation), upload, delta),
        )
        ready = messages.video_event("video.ready", video, f"{video.file_id}:{video.generation}")
        return replace(change, remove_upload=upload, put_video=video, outbox=(ready, *change.outbox))

    def release(self, account: Account, upload: OpenUpload, *, reason: ReleaseReason) -> Change:
        """Give back what an open upload had reserved."""
        change = self.change(
            _without(account, upload),
            self.entry(EntryId.release(upload.upload_id), upload, Delta(reserved=-upload.size), reason=str(reason)),
        )
        return replace(change, remove_upload=upload)

    def renew_session(self, account: Account, upload: OpenUpload) -> Change:
        """Store an open upload whose session is new. No amount changes, so there is no entry."""
        return replace(self.change(account), replace_upload=upload)

    def delete(self, account: Account, video: Video) -> Change:
        """Move a video to the trash. Its bytes no longer count as stored; its object stays until the video is purged."""
        trashed = replace(video, deleted_at=self.now, purge_at=self.now + timedelta(days=self.policy.trash_days))
        delta = Delta(stored=-video.size, deleted_bytes=video.size, deletion_count=1)
        entry_id = EntryId.delete(video.file_id, account.sequence + 1)
        change = self.change(replace(account, stored=account.stored - video.size), self.entry(entry_id, video, delta))
        deleted = messages.video_event("video.deleted", trashed, entry_id.key)
        return replace(change, remove_video=video, put_trash=trashed, outbox=(deleted, *change.outbox))

    def restore(self, account: Account, trashed: Video, *, existing: Video | NameClaim | None) -> Change:
        """Restore a video from the trash. `existing` has its name by now, if anything has.

        Raises:
            AccountDisabled.
            NameTaken: another file or an open upload has taken its name.
            StorageLimitExceeded: its bytes no longer fit.
        """
        account.require_enabled()
        if isinstance(existing, NameClaim):
            raise errors.NameTaken(f"An upload of '{trashed.filename}' is open. Cancel it before restoring this one.")
        if existing is not None:
            raise errors.NameTaken(f"Another '{trashed.filename}' exists by now. Delete it before restoring this one.")
        check_storage(account, trashed.size, self.policy)
        video = replace(trashed, deleted_at=None, purge_at=None)
        entry_id = EntryId.restore(video.file_id, account.sequence + 1)
        change = self.change(
            replace(account, stored=account.stored + video.size), self.entry(entry_id, video, Delta(stored=video.size))
        )
        restored = messages.video_event("video.restored", video, entry_id.key)
        return replace(change, put_video=video, remove_trash=trashed, outbox=(restored, *change.outbox))

    def purge(self, account: Account, trashed: Video) -> Change:
        """Remove a video from the trash for good. The outbox gets the order to remove its object."""
        change = self.change(account, self.entry(EntryId.purge(trashed.file_id), trashed, Delta()))
        removal = messages.removal(trashed.file_id, trashed.object_name, trashed.generation)
        purged = messages.video_event("video.purged", trashed, trashed.file_id)
        return replace(change, remove_trash=trashed, outbox=(removal, purged, *change.outbox))

    def stream(
        self, account: Account, video: Video, *, entry_id: EntryId, size: int | None = None, url_key: str | None = None
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
        current, _ = self._rolled(account)
        check_day(current, size, self.policy, self.now, traffic="stream")
        entry = self.entry(entry_id, video, Delta(streamed=size), size=size)
        return self.change(_remembering(account, url_key or entry_id.key), entry)

    def remember_url(self, account: Account, url_key: str) -> Change:
        """Remember another URL of something that is charged already. No amount changes, so there is no entry."""
        account.require_enabled()
        return self.change(_remembering(account, url_key))

    def report_upload(self, account: Account, *, filename: str, size: int, report_id: str) -> Change:
        """Count an upload to another store, reported by a client, against the daily limit (`log-upload` of usage monitoring).

        Raises:
            BandwidthLimitExceeded.
        """
        current, _ = self._rolled(account)
        check_day(current, size, self.policy, self.now, traffic="report")
        entry = self.entry(EntryId.report_upload(report_id), None, Delta(uploaded=size, upload_count=1))
        return self.change(account, replace(entry, filename=filename, size=size))

    def report_deletion(self, account: Account, *, filename: str, size: int, report_id: str) -> Change:
        """Count a deletion in another store, reported by a client (`log-deletion` of usage monitoring)."""
        entry = self.entry(EntryId.report_deletion(report_id), None, Delta(deleted_bytes=size, deletion_count=1))
        return self.change(account, replace(entry, filename=filename, size=size))

    def reset_day(self, account: Account, *, reset_id: str, by: str) -> Change:
        """Reset the day's usage to 0 by order of the admin `by`, and re-arm the bandwidth alerts."""
        current, _ = self._rolled(account)
        day = current.today
        delta = Delta(
            uploaded=-day.uploaded,
            streamed=-day.streamed,
            upload_count=-day.upload_count,
            deleted_bytes=-day.deleted_bytes,
            deletion_count=-day.deletion_count,
        )
        entry = self.entry(EntryId.reset_day(reset_id), None, delta, reason=f"by {by}")
        return self.change(account, entry, rearm="bandwidth:")

    def limits(self, account: Account) -> Limits:
        """Return the limits that apply to the account."""
        return account.limits(self.policy.default_limits)

    def current(self, account: Account) -> Account:
        """Return the account as of now: with a new, empty day if its day is over. Writes nothing."""
        return self._rolled(account)[0]

    def _rolled(self, account: Account) -> tuple[Account, Day | None]:
        if account.today.date >= self.today:
            return account, None
        return replace(account, today=Day(date=self.today)), account.today

    def change(self, account: Account, entry: Entry | None = None, *, rearm: str | None = None) -> Change:
        """Return the change that writes an account with an entry: start a new day if the old one is over, number the entry, add
        its delta to the day, and raise alerts.

        Args:
            rearm: alerts whose keys begin with this may be raised again today.
        """
        account, closed = self._rolled(account)
        if rearm is not None:
            standing = frozenset(key for key in account.today.standing if not key.startswith(rearm))
            account = replace(account, today=replace(account.today, standing=standing))
        if entry is not None:
            entry = replace(entry, sequence=account.sequence + 1, date=account.today.date)
            account = replace(account, today=_added(account.today, entry.delta), sequence=entry.sequence)
        account, alerts = raise_alerts(account, self.limits(account))
        return Change(account=account, entry=entry, closed_day=closed, outbox=alerts)

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


def _without(account: Account, upload: OpenUpload) -> Account:
    return replace(account, reserved=account.reserved - upload.size, open_uploads=account.open_uploads - 1)


def _remembering(account: Account, url_key: str) -> Account:
    return replace(account, recent_charges=(*account.recent_charges, url_key)[-MAX_RECENT_CHARGES:])


def _added(day: Day, delta: Delta) -> Day:
    return replace(
        day,
        uploaded=day.uploaded + delta.uploaded,
        streamed=day.streamed + delta.streamed,
        upload_count=day.upload_count + delta.upload_count,
        deleted_bytes=day.deleted_bytes + delta.deleted_bytes,
        deletion_count=day.deletion_count + delta.deletion_count,
    )
