"""User names as documents: `usernames/{key}`, created by whoever claims the name first (docs/accounts.md)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields, replace
from datetime import timedelta

from reelgate.adapters.documents.document_store import Address, DocumentStore, Fields, Stored
from reelgate.domain.accounts.credentials import username_key
from reelgate.domain.errors import Unavailable
from reelgate.ports import Claim

COLLECTION = ("usernames",)
KEPT_AFTER_RELEASE = timedelta(hours=1)
"""A name is given back by writing so, on condition that it is still ours: a removal knows no conditions. What was written is
removed by the collection's time-to-live on `expires_at`."""

_TRIES = 8


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
        if instead_of is None and await self._documents.create(_address(claim.username), _fields(claim)):
            return True
        standing = await self._read(claim.username)
        if standing is None or _claim_of(standing) != instead_of:
            return False
        return await self._documents.replace(standing, _fields(claim))

    async def confirm(self, claim: Claim) -> bool:
        """See `Usernames.confirm`."""
        for _ in range(_TRIES):
            standing = await self._read(claim.username)
            found = _claim_of(standing)
            if standing is None or found is None or found.uid != claim.uid:
                return False
            if found.confirmed or await self._documents.replace(standing, _fields(replace(found, confirmed=True))):
                return True
        raise Unavailable("The user name keeps changing.")

    async def release(self, claim: Claim) -> None:
        """See `Usernames.release`."""
        standing = await self._read(claim.username)
        found = _claim_of(standing)
        if standing is not None and found is not None and found.uid == claim.uid and not found.confirmed:
            # If it has changed meanwhile, somebody else goes on with it.
            free = {**_fields(found), "uid": "", "expires_at": claim.claimed_at + KEPT_AFTER_RELEASE}
            await self._documents.replace(standing, free)

    async def _read(self, username: str) -> Stored | None:
        address = _address(username)
        return (await self._documents.get(address)).get(address)


def _address(username: str) -> Address:
    return Address(COLLECTION, username_key(username))


def _fields(claim: Claim) -> Fields:
    return {**asdict(claim), "expires_at": None}


def _claim_of(stored: Stored | None) -> Claim | None:
    if stored is None or not stored.fields["uid"]:
        return None
    return Claim(**{field.name: stored.fields[field.name] for field in fields(Claim)})
