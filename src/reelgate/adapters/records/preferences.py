"""Users' preferences, as documents `preferences/{uid}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from reelgate.adapters.documents.document_store import Address, DocumentStore
from reelgate.domain.errors import Unavailable
from reelgate.domain.notifications.preferences import MailPreferences

MAX_TRIES = 8
_NAMES = tuple(field.name for field in fields(MailPreferences))


class DocumentPreferences:
    """Implements `Preferences` over any `DocumentStore`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    async def get(self, uid: str) -> MailPreferences:
        """See `Preferences.get`."""
        address = _address(uid)
        stored = (await self._documents.get(address)).get(address)
        return _preferences({} if stored is None else stored.fields)

    async def change(self, uid: str, change: Callable[[MailPreferences], MailPreferences]) -> MailPreferences:
        """See `Preferences.change`."""
        address = _address(uid)
        for _ in range(MAX_TRIES):
            stored = (await self._documents.get(address)).get(address)
            wanted = change(_preferences({} if stored is None else stored.fields))
            document = {"mails": asdict(wanted)}
            if stored is None:
                written = await self._documents.create(address, document)
            else:
                written = await self._documents.replace(stored, {**stored.fields, **document})
            if written:
                return wanted
        raise Unavailable("The preferences are being changed by too many at once.")


def _preferences(document: Mapping[str, Any]) -> MailPreferences:
    kept = document.get("mails", {})
    return MailPreferences(**{name: kept[name] for name in _NAMES if name in kept})


def _address(uid: str) -> Address:
    return Address(("preferences",), uid)
