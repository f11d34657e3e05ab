"""Users' preferences, as documents `preferences/{uid}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from reelgate.adapters.documents.document_store import Address, Document, DocumentStore, Fields
from reelgate.adapters.documents.single_documents import change_document, get_document
from reelgate.adapters.documents.tombstones import require_no_tombstone, tombstone_of_user
from reelgate.domain.notifications.preferences import MailPreferences

_NAMES = tuple(field.name for field in fields(MailPreferences))


class DocumentPreferences:
    """Implements `Preferences` over any `DocumentStore`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    async def get(self, uid: str) -> MailPreferences:
        """See `Preferences.get`."""
        stored = await get_document(self._documents, _address(uid))
        return _preferences({} if stored is None else stored.fields)

    async def change(self, uid: str, change: Callable[[MailPreferences], MailPreferences]) -> MailPreferences:
        """See `Preferences.change`."""

        def decided(document: Document | None) -> tuple[Fields, MailPreferences]:
            current = {} if document is None else document.fields
            changed = change(_preferences(current))
            return {**current, "mails": asdict(changed)}, changed

        await require_no_tombstone(
            self._documents, uid
        )  # if it is written from here on, `unless` still prevents a new document
        contended = "The preferences are being changed by too many requests at once."
        unless = tombstone_of_user(uid)
        return await change_document(self._documents, _address(uid), decided, contended=contended, unless=unless)


def _preferences(document: Mapping[str, Any]) -> MailPreferences:
    kept = document.get("mails", {})
    return MailPreferences(**{name: kept[name] for name in _NAMES if name in kept})


def _address(uid: str) -> Address:
    return Address(("preferences",), uid)
