"""The records of API keys, as documents `api_keys/{key_id}`."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore, Fields, Query
from reelgate.adapters.documents.single_documents import (
    change_document,
    create_document,
    delete_document,
    get_document,
    replace_document,
)
from reelgate.adapters.documents.tombstones import require_no_tombstone, tombstone_of_user
from reelgate.domain.accounts.api_keys import NOTED_AFTER, ApiKey
from reelgate.domain.accounts.checked_tokens import CheckedToken
from reelgate.domain.errors import ApiKeyNotFound, Unavailable

COLLECTION = ("api_keys",)
KEPT = timedelta(days=30)
"""How long the document of a revoked or expired key is kept. While it is, the answer to the key says what has become of it.
The collection's time-to-live on `purge_at` removes it later."""

MAX_LISTED = 100
"""More than a user can have, also for a moment (`MAX_KEYS`)."""

_NAMES = tuple(field.name for field in fields(ApiKey))
_log = logging.getLogger(__name__)


class DocumentApiKeys:
    """Implements `ApiKeys` over any `DocumentStore`.

    The document of a revoked key no longer names its user. It keeps a digest of the uid, so that revoking it again succeeds.
    """

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    async def add(self, key: ApiKey) -> None:
        """See `ApiKeys.add`."""
        unless = tombstone_of_user(key.uid)
        if not await create_document(self._documents, _address(key.key_id), _fields(key), unless=unless):
            await require_no_tombstone(self._documents, key.uid)
            raise Unavailable("The new key's id exists already. Try again.")

    async def use(self, presented: CheckedToken, *, now: datetime) -> ApiKey | None:
        """See `ApiKeys.use`."""
        stored = await get_document(self._documents, _address(presented.token_id))
        key = None if stored is None else _key(stored)
        if stored is None or key is None or not key.is_made_of(presented):
            return None
        usable = key.revoked_at is None and not key.has_expired(now) and not key.suspended
        if usable and (key.last_used_at is None or key.last_used_at + NOTED_AFTER <= now):
            try:
                # If it has changed meanwhile, another use was recorded, or the key was revoked.
                await replace_document(self._documents, stored, {**stored.fields, "last_used_at": now})
            except Unavailable as error:
                _log.warning("the use of API key %s is not recorded yet: %s", key.key_id, error)
        return key

    async def of_user(self, uid: str) -> Sequence[ApiKey]:
        """See `ApiKeys.of_user`."""
        found = await self._documents.find(
            Query(collection=COLLECTION, equals={"uid": uid}, order_by="created_at", descending=True, limit=MAX_LISTED)
        )
        return [_key(stored) for stored in found]

    async def revoke(self, uid: str, key_id: str, *, at: datetime) -> bool:
        """See `ApiKeys.revoke`."""
        owner = _owner(uid)

        def decided(document: Document | None) -> tuple[Fields | None, bool]:
            if document is None or document.fields["owner"] != owner:
                raise ApiKeyNotFound("You have no API key with this id.")
            key = _key(document)
            if key.revoked_at is not None:
                return None, False
            revoked = _fields(replace(key, uid="", label="", scopes=(), revoked_at=at))
            return {**revoked, "owner": owner}, True

        return await self._change(key_id, decided)

    async def suspend(self, uid: str, suspended: bool) -> None:
        """See `ApiKeys.suspend`."""

        def decided(document: Document | None) -> tuple[Fields | None, bool]:
            if document is None or not document.fields["uid"] or document.fields["suspended"] == suspended:
                return None, False
            return {**document.fields, "suspended": suspended}, True

        await asyncio.gather(*(self._change(key.key_id, decided) for key in await self.of_user(uid)))

    async def remove(self, key_id: str) -> None:
        """See `ApiKeys.remove`."""
        await delete_document(self._documents, _address(key_id))

    async def _change(self, key_id: str, decided: Callable[[Document | None], tuple[Fields | None, bool]]) -> bool:
        contended = "The API key is being changed by too many requests at once."
        return await change_document(self._documents, _address(key_id), decided, contended=contended)


def _address(key_id: str) -> Address:
    return Address(COLLECTION, key_id)


def _owner(uid: str) -> str:
    return hashlib.sha256(uid.encode()).hexdigest()


def _fields(key: ApiKey) -> dict[str, Any]:
    ends = key.revoked_at or key.expires_at
    document = {name: getattr(key, name) for name in _NAMES}
    return {**document, "scopes": list(key.scopes), "owner": _owner(key.uid), "purge_at": None if ends is None else ends + KEPT}


def _key(document: Document) -> ApiKey:
    known = {name: document.fields[name] for name in _NAMES}
    return ApiKey(**{**known, "scopes": tuple(known["scopes"])})
