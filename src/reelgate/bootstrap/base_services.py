"""What all other services need, as the base of `CloudServices`."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reelgate.adapters.documents.document_store import DocumentStore
    from reelgate.adapters.documents.firestore_store import FirestoreClient
    from reelgate.adapters.google.access_tokens import AccessTokens
    from reelgate.adapters.google.connections import Connections
    from reelgate.config import Settings
    from reelgate.domain.books.policy import Policy

_APIS = ("datastore", "pubsub", "identitytoolkit", "iam", "devstorage.read_only")
_SCOPES = tuple(f"https://www.googleapis.com/auth/{scope}" for scope in _APIS)


class BaseServices:
    """What services are built from: settings, clock, connections, access tokens, the store of documents."""

    def __init__(self, config: Settings) -> None:
        self._config = config

    @property
    def function(self) -> str:
        """The name of this function."""
        return self._config.function

    @property
    def policy(self) -> Policy:
        """The limits and periods of this deployment."""
        return self._config.policy

    def now(self) -> datetime:
        """The clock."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A random id of 32 hexadecimal digits."""
        return secrets.token_hex(16)

    @cached_property
    def _connections(self) -> Connections:
        """One pool of connections to all of Google's APIs; nothing is connected yet."""
        from reelgate.adapters.google.connections import Connections

        return Connections()

    @cached_property
    def _access_tokens(self) -> AccessTokens:
        """Tokens for Google's APIs, for the account that the function runs as. None is fetched yet."""
        from reelgate.adapters.google import access_tokens

        if not self._config.in_cloud:
            return access_tokens.AccessTokens(access_tokens.default_credentials(*_SCOPES))
        source = access_tokens.metadata_server(self._config.metadata_host, connections=self._connections)
        return access_tokens.AccessTokens(source)

    @cached_property
    def _firestore(self) -> FirestoreClient:
        """The client of the books' database."""
        return self._database("(default)")

    @cached_property
    def _documents(self) -> DocumentStore:
        """The store of the books and of all other records but those of derived media."""
        from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore

        return FirestoreDocumentStore(self._firestore)

    @cached_property
    def _media_documents(self) -> DocumentStore:
        """The store of the records of derived media: the one that `convert` may write (docs/adr/0036-confined-decoder.md)."""
        from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore

        return FirestoreDocumentStore(self._database(self._config.conversion.media_database))

    def _database(self, database: str) -> FirestoreClient:
        from reelgate.adapters.documents.firestore_store import connect

        config = self._config
        return connect(
            config.project,
            database=database,
            emulator=config.firestore_emulator,
            tokens=self._access_tokens,
            connections=self._connections,
        )

    @property
    def _audit_kept(self) -> timedelta:
        """How long the audit log keeps an action."""
        return timedelta(days=self._config.audit.days)
