"""User names as documents: `usernames/{key}`, created by the first registration that claims the name (docs/accounts.md)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields, replace
from datetime import timedelta

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore, Fields
from reelgate.adapters.documents.single_documents import change_document, create_document, get_document, replace_document
from reelgate.domain.accounts.credentials import username_key
from reelgate.ports.accounts import Claim

COLLECTION = ("usernames",)
KEPT_AFTER_RELEASE = timedelta(hours=1)
"""How long the document of a released name is kept. Releasing overwrites the document, on condition that it has not changed,
because a removal has no such condition. The collection's time-to-live on `expires_at` removes it later."""


class DocumentUsernames:
    """Implements `Usernames` over a `DocumentStore`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    def claimant(self, email: str) -> str:
        """See `Usernames.claimant`."""
        return hashlib.sha256(email.encode()).hexdigest()

    async def find(self, username: str) -> Claim | None:
        """See `Usernames.find`."""
        return _claim_of(await self._read(username))

    async def claim(self, claim: Claim, *, instead_of: Claim | None = None) -> bool:
        """See `Usernames.claim`."""
        if instead_of is None and await create_document(self._documents, _address(claim.username), _fields(claim)):
            return True
        current = await self._read(claim.username)
        if current is None or _claim_of(current) != instead_of:
            return False
        return await replace_document(self._documents, current, _fields(claim))

    async def confirm(self, claim: Claim) -> bool:
        """See `Usernames.confirm`."""

        def decided(document: Document | None) -> tuple[Fields | None, bool]:
            found = _claim_of(document)
            if found is None or found.uid != claim.uid:
                return None, False
            return None if found.confirmed else _fields(replace(found, confirmed=True)), True

        contended = "The user name keeps changing."
        return await change_document(self._documents, _address(claim.username), decided, contended=contended)

    async def release(self, claim: Claim) -> None:
        """See `Usernames.release`."""
        current = await self._read(claim.username)
        found = _claim_of(current)
        if current is not None and found is not None and found.uid == claim.uid and not found.confirmed:
            # If the document has changed since it was read, another registration has claimed the name.
            free = {**_fields(found), "uid": "", "expires_at": claim.claimed_at + KEPT_AFTER_RELEASE}
            await replace_document(self._documents, current, free)

    async def _read(self, username: str) -> Document | None:
        return await get_document(self._documents, _address(username))


def _address(username: str) -> Address:
    return Address(COLLECTION, username_key(username))


def _fields(claim: Claim) -> Fields:
    return {**asdict(claim), "expires_at": None}


def _claim_of(stored: Document | None) -> Claim | None:
    if stored is None or not stored.fields["uid"]:
        return None
    return Claim(**{field.name: stored.fields[field.name] for field in fields(Claim)})
