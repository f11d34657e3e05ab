"""Tombstones of erased users, `erased/{hash}`: what keeps late requests and messages from bringing anything back.

A tombstone says when its user was erased and under which pseudonym the audit log has them. It has neither the user id nor an
address, and expires (docs/deleting-users.md). Who creates a document about a user does so on condition that there is none.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TypeGuard

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore
from reelgate.adapters.documents.single_documents import get_document
from reelgate.domain.errors import AccountDeleted

COLLECTION = ("erased",)


def tombstone_of_user(uid: str) -> Address:
    """Return where the tombstone of a user is."""
    return _address("user", uid)


def tombstone_of_email(email: str) -> Address:
    """Return where the tombstone of an e-mail address is, in any case of its letters."""
    return _address("email", email.lower())


def is_valid(tombstone: Document | None, now: datetime) -> TypeGuard[Document]:
    """Return whether a tombstone exists and has not expired. Firestore removes an expired one some time later."""
    return tombstone is not None and bool(tombstone.fields["expires_at"] > now)


async def require_no_tombstone(documents: DocumentStore, uid: str) -> None:
    """Raise AccountDeleted if a user was erased, or is being erased. Raises Unavailable."""
    if await get_document(documents, tombstone_of_user(uid)) is not None:
        raise AccountDeleted("This account was deleted.")


def _address(kind: str, value: str) -> Address:
    return Address(COLLECTION, hashlib.sha256(f"reelgate\0{kind}\0{value}".encode()).hexdigest())
