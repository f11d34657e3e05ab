"""Erasures of users over documents: the mark in `users/{uid}`, and tombstones `erased/{hash}` (docs/deleting-users.md).

The mark is the map `erasing` in the account's document, with what the work still needs to know. The books refuse every change
of an account that has it, and open none for a user who has a tombstone (`DocumentBooks`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from reelgate.adapters.documents.document_store import (
    Address,
    ConflictError,
    Document,
    DocumentStore,
    Fields,
    OutcomeUnknown,
    Query,
    Write,
)
from reelgate.adapters.documents.single_documents import delete_document, get_document
from reelgate.adapters.documents.tombstones import is_valid, tombstone_of_email, tombstone_of_user
from reelgate.adapters.records.user_documents import MEDIA_PLACES, PLACES, Place
from reelgate.domain.accounts.erasure import ADDRESS_KEPT, TOMBSTONE_KEPT, Person
from reelgate.domain.audit import Action
from reelgate.domain.books.account import Account
from reelgate.domain.errors import Unavailable
from reelgate.ports.personal_data import Erasure

MARK = "erasing"
MAX_TRIES = 8


class EncodeAction(Protocol):
    """Returns an action as a document of the audit log."""

    def __call__(self, action: Action) -> Write: ...


class DocumentErasures:
    """Implements `Erasures` over any `DocumentStore`."""

    def __init__(
        self,
        documents: DocumentStore,
        *,
        media: DocumentStore,
        encode_account: Callable[[Account], Fields],
        encode_action: EncodeAction,
    ) -> None:
        """`media` has the records of derived media, in a database of their own. `encode_account` and `encode_action` return an
        account and an audit event as the books write them.
        """
        self._documents = documents
        self._media = media
        self._encode_account = encode_account
        self._encode_action = encode_action

    async def find(self, uid: str, *, now: datetime) -> Erasure | None:
        """See `Erasures.find`."""
        return _erasure(uid, *(await self._read(uid)), now)

    async def begin(
        self, account: Account, *, emails: frozenset[str], now: datetime, audit: Callable[[str], Action]
    ) -> Erasure:
        """See `Erasures.begin`. After a lost answer, the account shows whether the mark was written."""
        uid = account.uid
        for _ in range(MAX_TRIES):
            standing, tombstone = await self._read(uid)
            begun = _erasure(uid, standing, tombstone, now)
            if begun is not None:
                return begun
            person = Person(uid=uid, pseudonym=f"erased-{secrets.token_hex(12)}", emails=emails, erased_at=now)
            fields = self._encode_account(account) if standing is None else standing.fields
            marked = Write(
                _account(uid),
                {**fields, "disabled": True, MARK: _mark(person)},
                version=None if standing is None else standing.version,
                absent=standing is None,
            )
            try:
                await self._documents.commit([marked, *self._written_for(person), self._encode_action(audit(person.pseudonym))])
            except ConflictError:  # another request has changed the account, or has begun; or the answer was lost
                continue
            return Erasure(begun_at=now, complete=False, person=person)
        raise Unavailable("The account is being changed by too many requests at once. Try again.")

    async def unfinished(self, *, limit: int) -> Sequence[str]:
        """See `Erasures.unfinished`."""
        return [document.address.id for document in await self._documents.find(find_unfinished(limit=limit))]

    async def remove_documents(self, uid: str) -> bool:
        """See `Erasures.remove_documents`."""
        if not await self._remove_page(self._documents, PLACES, uid):
            return False
        await self._copy_tombstone(uid)
        return await self._remove_page(self._media, MEDIA_PLACES, uid)

    async def _remove_page(self, documents: DocumentStore, places: Sequence[Place], uid: str) -> bool:
        """Remove a page of documents from one of the places. Returns whether there were none."""
        for place in places:
            page = await place.page(documents, uid)
            if page:
                await self._remove(documents, page)
                return False
        return True

    async def _copy_tombstone(self, uid: str) -> None:
        """Put the user's tombstone also where the records of derived media are: a condition holds within one database only."""
        at = tombstone_of_user(uid)
        tombstone = await get_document(self._documents, at)
        if tombstone is None:
            return
        try:
            await self._media.commit([Write(at, tombstone.fields)])
        except (ConflictError, OutcomeUnknown) as error:
            raise Unavailable("The database did not say in time whether the user's records are closed.") from error

    async def finish(self, uid: str) -> None:
        """See `Erasures.finish`."""
        account = await get_document(self._documents, _account(uid))
        if account is not None and MARK in account.fields:
            await delete_document(self._documents, account.address)

    async def named(self, *, uids: Sequence[str], addresses: Sequence[str], now: datetime) -> Sequence[Person]:
        """See `Erasures.named`."""
        named = {tombstone_of_user(uid): (uid, frozenset[str]()) for uid in uids}
        named |= {tombstone_of_email(email): ("", frozenset({email.lower()})) for email in addresses}
        if not named:
            return []
        found = await self._documents.get(*named)
        return [
            Person(uid=uid, emails=emails, pseudonym=tombstone.fields["pseudonym"], erased_at=tombstone.fields["begun_at"])
            for at, (uid, emails) in named.items()
            if is_valid(tombstone := found.get(at), now)
        ]

    async def _read(self, uid: str) -> tuple[Document | None, Document | None]:
        """Return a user's account and tombstone."""
        account, tombstone = _account(uid), tombstone_of_user(uid)
        found = await self._documents.get(account, tombstone)
        return found.get(account), found.get(tombstone)

    async def _remove(self, documents: DocumentStore, page: Sequence[Document]) -> None:
        """Remove documents, unless one has changed since it was found: then the next page has them again."""
        try:
            await documents.commit([Write(document.address, None, version=document.version) for document in page])
        except OutcomeUnknown as error:
            raise Unavailable("The database did not say in time whether the documents were removed.") from error
        except ConflictError:
            return

    def _written_for(self, person: Person) -> Sequence[Write]:
        kept = {
            tombstone_of_user(person.uid): TOMBSTONE_KEPT,
            **{tombstone_of_email(email): ADDRESS_KEPT for email in person.emails},
        }
        fields = {"pseudonym": person.pseudonym, "begun_at": person.erased_at}
        return [Write(at, {**fields, "expires_at": person.erased_at + long}) for at, long in kept.items()]


def find_unfinished(*, limit: int) -> Query:
    """Return the query of the accounts that are being erased, oldest first."""
    return Query(collection=("users",), order_by=f"{MARK}.since", ids_only=True, limit=limit)


def _account(uid: str) -> Address:
    return Address(("users",), uid)


def _mark(person: Person) -> dict[str, Any]:
    return {"since": person.erased_at, "pseudonym": person.pseudonym, "emails": sorted(person.emails)}


def _erasure(uid: str, account: Document | None, tombstone: Document | None, now: datetime) -> Erasure | None:
    if account is not None:
        mark = account.fields.get(MARK)
        if mark is None:
            return None
        person = Person(uid=uid, pseudonym=mark["pseudonym"], emails=frozenset(mark["emails"]), erased_at=mark["since"])
        return Erasure(begun_at=person.erased_at, complete=False, person=person)
    if not is_valid(tombstone, now):
        return None
    return Erasure(begun_at=tombstone.fields["begun_at"], complete=True)
