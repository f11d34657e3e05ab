"""What the use cases need from outside, in our own words. Adapters implement these; tests hold all of them to one contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO, Generic, Protocol, TypeVar

from reelgate.domain.account import Account, Day
from reelgate.domain.entries import Entry
from reelgate.domain.ledger import Change
from reelgate.domain.messages import Message, OutboxItem
from reelgate.domain.policy import Policy
from reelgate.domain.video import StoredObject, Video

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which documents an operation needs to see beside the account: a name's video, a trashed file, a ledger entry."""

    filename: str | None = None
    trashed_file_id: str | None = None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What was read, all at one instant. `account` is None for somebody who has no books yet."""

    account: Account | None
    video: Video | None = None
    trashed: Video | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an operation.

    `change` is None when the decision was to write nothing; `already` is the entry that stood there from before when the
    operation turned out to have been applied earlier.
    """

    view: View
    change: Change | None = None
    already: Entry | None = None


Decide = Callable[[View], Change | None]
"""A pure decision: may run several times, on newer and newer views. Raising a domain error ends the operation."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list. `next_cursor` continues it; None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None


class Books(Protocol):
    """The accounts, their videos, trash and ledgers. All sizes are bytes, all instants aware."""

    async def change(self, uid: str, decide: Decide, wanted: Wanted) -> Outcome:
        """Read, decide, and write everything in one atomic commit, or nothing.

        What was read must still hold when it is written; otherwise it is read and decided again, a bounded number of
        times. An entry that exists already means that the operation was applied before: nothing is written.

        Raises:
            BooksBusy: it could not be done in time because others kept changing the same account. Nothing was written.
            Any error that `decide` raises.
        """

    async def view(self, uid: str, wanted: Wanted) -> View:
        """Return the account and the wanted documents as they are."""

    async def videos(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """Return finished videos, newest first. Raises InvalidRequest for a cursor that this list never gave."""

    async def trash(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """Return trashed videos, last deleted first. Raises InvalidRequest for a cursor that this list never gave."""

    async def entries(
        self, uid: str, *, limit: int, cursor: str | None = None, day: date | None = None, file_id: str | None = None
    ) -> Page[Entry]:
        """Return ledger entries, newest first, of one day or one file if asked.

        Raises InvalidRequest for a cursor that this list never gave.
        """

    async def closed_day(self, uid: str, day: date) -> Day | None:
        """Return a day as it was when it ended, or None."""

    async def accounts_to_close(self, before: date, *, limit: int) -> Sequence[str]:
        """Return uids whose current day began before `before`, oldest days first."""

    async def accounts_with_expired_uploads(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return uids that have an open upload whose time is over."""

    async def trash_to_purge(self, now: datetime, *, limit: int) -> Sequence[Video]:
        """Return trashed videos whose time is over, of any user."""

    async def outbox(self, written_before: datetime, *, limit: int) -> Sequence[OutboxItem]:
        """Return what was to be done after commits before that instant and is not known to be done, oldest first."""

    async def outbox_done(self, event_id: str) -> None:
        """Forget an outbox item that was carried out. Forgetting it twice is fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """What the bucket knows of a resumable session. `alive` is False for one that can no longer be continued."""

    received_bytes: int
    alive: bool


class MediaStore(Protocol):
    """The bucket with the videos."""

    async def find(self, object_name: str) -> StoredObject | None:
        """Return the live object of that name, or None."""

    async def remove(self, object_name: str, generation: int) -> None:
        """Remove that generation of an object, if it is still there. Raises Unavailable."""

    async def open_session(
        self, object_name: str, *, content_type: str, size: int, crc32c: str | None, upload_id: str, origin: str | None
    ) -> str:
        """Open a create-only resumable session and return its URL, a bearer secret. Raises Unavailable."""

    async def session_status(self, session_url: str, *, size: int) -> SessionStatus:
        """Ask how many bytes a session has. Raises Unavailable."""

    async def cancel_session(self, session_url: str) -> None:
        """End a session, if it still lives. Raises Unavailable."""

    async def put(self, object_name: str, data: BinaryIO, *, content_type: str, size: int, upload_id: str) -> None:
        """Write a new object from a file-like of `size` bytes, unless one of that name exists. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlToSign:
    """A request that a client shall be able to make without credentials.

    `headers` are what the client must send besides Host; POST only opens resumable uploads (`x-goog-resumable: start`).
    """

    method: str
    bucket: str
    object_name: str
    expires_seconds: int
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


class UrlSigner(Protocol):
    """Makes V4-signed URLs."""

    async def signed_url(self, wanted: UrlToSign, *, now: datetime) -> str:
        """Return a URL that works from `now` for `expires_seconds`.

        Raises:
            ValueError: the request cannot be signed at all (a programming error).
            Unavailable: a remote signer could not be reached.
        """


class EventPublisher(Protocol):
    """Publishes messages to the topics of this deployment."""

    async def publish(self, message: Message, *, at: datetime) -> None:
        """Return once the message is safely with the broker. Raises Unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking: `uid` is the token's subject, `role` is `user` or `admin`."""

    uid: str
    email: str | None
    role: str


class TokenVerifier(Protocol):
    """Tells who a bearer token belongs to."""

    async def verify(self, token: str) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: the token proves nothing.
            Unavailable: the issuer's keys could not be fetched.
        """


class Services(Protocol):
    """Everything a use case may ask for. Parts are built on first use, so a function loads only what its routes need."""

    @property
    def policy(self) -> Policy: ...
    @property
    def bucket(self) -> str: ...
    @property
    def books(self) -> Books: ...
    @property
    def media(self) -> MediaStore: ...
    @property
    def signer(self) -> UrlSigner: ...
    @property
    def events(self) -> EventPublisher: ...
    @property
    def identity(self) -> TokenVerifier: ...

    def now(self) -> datetime:
        """Return the current instant, aware."""

    def new_id(self) -> str:
        """Return a new random id that fits into object names and document ids."""
