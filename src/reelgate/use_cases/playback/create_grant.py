"""Make a playback grant: a link with which others watch a video."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import field
from datetime import datetime
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.checked_tokens import NewToken, derived_token_id
from reelgate.domain.books.account import Account
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.playback.grant_changes import make_grant
from reelgate.domain.playback.grant_terms import MAX_GRANTS_OF_USER, MAX_GRANTS_OF_VIDEO, GrantTerms
from reelgate.domain.playback.grants import TOKENS, grant_state
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, NotPrepared, ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasApiUrl
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.playback.list_grants import ShownGrant
from reelgate.use_cases.videos.find_video import by_id, find_video


@value_type
class MadeGrant:
    """A grant, whether it is open, and the text of its token, which is stored nowhere, with the links that contain it."""

    shown: ShownGrant
    token: str = field(repr=False)
    watch_url: str = field(repr=False)
    play_url: str = field(repr=False)


class Services(CommitServices, HasApiUrl, Protocol):
    """What making a grant needs."""


async def create_grant(
    services: Services,
    caller: Caller,
    file_id: str,
    terms: GrantTerms,
    *,
    idempotency_key: str | None = None,
    audit: PendingEvent | None = None,
) -> MadeGrant:
    """Make a grant of one of the caller's videos. With an idempotency key, a repeated request gets the same grant and token.

    Raises:
        VideoNotFound, AccountDisabled, AccountDeleted, BooksBusy, BooksSlow, Unavailable.
        TooManyGrants: of this video, or of all videos of the caller.
        IdempotencyMismatch: the key was used for another grant.
    """
    making = GrantMaking(services, caller.uid, file_id, terms, at=services.now(), idempotency_key=idempotency_key)
    if audit is not None:
        audit.note(grant_id=making.grant_id, file_id=file_id)
    result = await commit(services, caller.uid, making.transaction(), audit=audit)
    change, snapshot = result.change, result.snapshot
    if change is not None and change.put_grant is not None:
        return _made(services, change.put_grant, change.account, snapshot.video, making.token)
    if snapshot.grant is None:
        raise errors.BooksSlow("It is not known whether the link was made.")
    if audit is not None:
        audit.recorded = True
    return _made(services, snapshot.grant, snapshot.account, snapshot.video, making.token_of(snapshot.grant))


def _made(services: Services, grant: PlaybackGrant, account: Account | None, video: Video | None, token: str) -> MadeGrant:
    url, state = services.api_url, grant_state(grant, account, video, services.now())
    return MadeGrant(
        shown=ShownGrant(grant=grant, state=state),
        token=token,
        watch_url=f"{url}/watch/{token}",
        play_url=f"{url}/v1/play/{token}",
    )


class GrantMaking:
    """One request for a grant: which grant it makes, and how many there are already."""

    def __init__(
        self,
        services: HasBooks,
        uid: str,
        file_id: str,
        terms: GrantTerms,
        *,
        at: datetime,
        idempotency_key: str | None = None,
    ) -> None:
        self._services = services
        self._key = idempotency_key
        self._which = by_id(file_id)
        self._counted: tuple[int, int, int] | None = None
        salt = None if idempotency_key is None else secrets.token_hex(32)
        made = TOKENS.new() if salt is None else self._derived(derived_token_id(f"{uid}\0{idempotency_key}"), salt)
        self.token = made.text
        self._grant = PlaybackGrant(
            grant_id=made.token.token_id,
            uid=uid,
            file_id=file_id,
            digest=made.token.digest,
            created_at=at,
            expires_at=terms.end(at),
            label=terms.label,
            origins=terms.origins,
            max_bytes=terms.max_bytes,
            max_plays=terms.max_plays,
            fingerprint=terms.fingerprint(file_id),
            salt=salt,
        )

    @property
    def grant_id(self) -> str:
        """The id of the grant, which follows from the idempotency key if there is one."""
        return self._grant.grant_id

    def transaction(self) -> Transaction:
        """Return the transaction that makes the grant, once."""
        return Transaction(self._decide, ReadSet(file_id=self._grant.file_id, grant_id=self.grant_id), self._count)

    def token_of(self, grant: PlaybackGrant) -> str:
        """Return the token of the grant that an earlier attempt, or an earlier request with the same key, has made.

        Raises IdempotencyMismatch if that request had other terms.
        """
        if grant.fingerprint != self._grant.fingerprint:
            raise errors.IdempotencyMismatch("This link was already made, with other terms.")
        if grant.salt is None:
            return self.token
        return self._derived(grant.grant_id, grant.salt).text

    def _derived(self, grant_id: str, salt: str) -> NewToken:
        """Return the token that salt and idempotency key make together; who has one of them cannot make it."""
        return TOKENS.derived(grant_id, hmac.digest(salt.encode(), str(self._key).encode(), "sha256"))

    async def _count(self, snapshot: Snapshot) -> None:
        """Count the grants that there are. Each new one changes the account, so what is counted holds if the commit does."""
        if snapshot.grant is not None:
            return
        account, video = find_video(snapshot, self._which)
        books, at = self._services.books, self._grant.created_at
        of_video, of_user = await asyncio.gather(
            books.count_grants(account.uid, at, limit=MAX_GRANTS_OF_VIDEO, video=video),
            books.count_grants(account.uid, at, limit=MAX_GRANTS_OF_USER),
        )
        self._counted = account.grant_changes, of_video, of_user

    def _decide(self, ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.grant is not None:
            self.token_of(snapshot.grant)
            return None
        account, video = find_video(snapshot, self._which)
        change = make_grant(account, video, self._grant)
        if self._counted is None:
            raise NotPrepared
        counted_at, of_video, of_user = self._counted
        since = account.grant_changes - counted_at  # by operations that share the commit: at most so many more grants
        if of_video + since < MAX_GRANTS_OF_VIDEO and of_user + since < MAX_GRANTS_OF_USER:
            return change
        if since:
            raise NotPrepared
        raise _too_many(of_video)


def _too_many(of_video: int) -> errors.TooManyGrants:
    if of_video >= MAX_GRANTS_OF_VIDEO:
        return errors.TooManyGrants(
            f"This video has {MAX_GRANTS_OF_VIDEO:,} links already. Revoke those that are no longer needed.",
            hint="DELETE /v1/grants/{grant_id} revokes one, DELETE /v1/videos/{video_id}/grants all of a video.",
        )
    return errors.TooManyGrants(
        f"You have {MAX_GRANTS_OF_USER:,} links already. Revoke those that are no longer needed.",
        hint="DELETE /v1/grants/{grant_id} revokes one. Those that ended with their video count until they expire.",
    )
