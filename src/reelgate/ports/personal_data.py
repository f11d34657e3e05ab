"""What is stored about a user, to be erased: the erasure itself, documents, objects, and the user in the directory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from reelgate.domain.value_types import value_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from reelgate.domain.accounts.erasure import Person
    from reelgate.domain.audit import Action
    from reelgate.domain.books.account import Account


@value_type
class Erasure:
    """An erasure that has begun. `complete` is whether nothing is left but the tombstone; `person` is None then."""

    begun_at: datetime
    complete: bool
    person: Person | None = None


class Erasures(Protocol):
    """The erasures of users. Every method raises Unavailable when the database cannot be reached."""

    async def find(self, uid: str, *, now: datetime) -> Erasure | None:
        """Return a user's erasure, or None if none has begun, or its tombstone has expired."""

    async def begin(
        self, account: Account, *, emails: frozenset[str], now: datetime, audit: Callable[[str], Action]
    ) -> Erasure:
        """Begin to erase a user. One commit marks the account, and writes the tombstones and the audit event.

        If an erasure of this user has begun, or is complete, nothing is written, and it is returned.

        Args:
            account: the user's account, or a new one if they have none.
            emails: all addresses that are known to be theirs.
            audit: returns the event, given the pseudonym.
        """

    async def unfinished(self, *, limit: int) -> Sequence[str]:
        """Return ids of users whose erasure is not complete, oldest first."""

    async def remove_documents(self, uid: str) -> bool:
        """Remove a page of the documents about a user, except the account. Returns whether there was none left."""

    async def finish(self, uid: str) -> None:
        """Remove the account, as the last document of an erasure."""

    async def named(self, *, uids: Sequence[str], addresses: Sequence[str], now: datetime) -> Sequence[Person]:
        """Return those of these users and addresses that were erased, with their pseudonyms."""


class PersonalObjects(Protocol):
    """A user's objects, in both buckets."""

    async def remove(self, uid: str) -> bool:
        """Remove a page of a user's objects, in all their generations. Returns whether none is left. Raises Unavailable.

        Placeholders stay: without them, grants from before the deletion could be used again.
        """


class UserRemoval(Protocol):
    """Removes users from the directory. Functions that otherwise only look up users have this and no more."""

    async def remove(self, uid: str) -> None:
        """Remove a user, if there is one; their sign-ins end. Raises Unavailable."""


class HasErasures(Protocol):
    """Offers the erasures."""

    @property
    def erasures(self) -> Erasures: ...


class HasPersonalObjects(Protocol):
    """Offers removing a user's objects."""

    @property
    def personal_objects(self) -> PersonalObjects: ...


class HasUserRemoval(Protocol):
    """Offers removing users from the directory."""

    @property
    def user_removal(self) -> UserRemoval: ...
