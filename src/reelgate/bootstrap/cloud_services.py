"""The services of a deployment. Each client is built, and its SDK imported, on first use."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from reelgate.bootstrap.identity import identity_api_key, trusted_issuers
from reelgate.bootstrap.mails import mail_server
from reelgate.bootstrap.signing import url_signer

if TYPE_CHECKING:
    from reelgate.adapters.documents.document_store import DocumentStore
    from reelgate.adapters.documents.firestore_store import FirestoreClient
    from reelgate.adapters.google.access_tokens import AccessTokens
    from reelgate.adapters.google.connections import Connections
    from reelgate.config import Settings
    from reelgate.domain.accounts.account_policy import AccountPolicy
    from reelgate.domain.books.policy import Policy
    from reelgate.domain.media.conversion import ConversionRules
    from reelgate.domain.notifications.channels import Notifications
    from reelgate.ports.accounts import RateLimiter, UserDirectory, UserLookup, Usernames
    from reelgate.ports.audit import AuditLog
    from reelgate.ports.books import Books
    from reelgate.ports.events import EventPublisher
    from reelgate.ports.identity import PushVerifier, TokenVerifier
    from reelgate.ports.media import DerivedMediaRecords, DerivedObjects, MediaConverter
    from reelgate.ports.notifications import Deliveries, Mailer, Preferences, WebhookPoster
    from reelgate.ports.signing import UrlSigner
    from reelgate.ports.storage import MediaRanges, MediaStore

_APIS = ("datastore", "pubsub", "identitytoolkit", "iam", "devstorage.read_only")
_SCOPES = tuple(f"https://www.googleapis.com/auth/{scope}" for scope in _APIS)


class CloudServices:
    """The services of a deployment, each built on first use. It satisfies every protocol of `reelgate.ports`."""

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

    @property
    def bucket(self) -> str:
        """The bucket with the videos."""
        return self._config.media_bucket

    @property
    def storage_url(self) -> str:
        """The scheme and host at which clients reach Cloud Storage."""
        return self._config.storage_url

    @cached_property
    def books(self) -> Books:
        """The books in Firestore."""
        from reelgate.adapters.books.document_books import DocumentBooks
        from reelgate.adapters.records.audit_log import audit_document

        return DocumentBooks(self._documents, encode_action=partial(audit_document, keep=self._audit_kept))

    @property
    def audit_feed(self) -> bool:
        """Whether recorded actions are published as well."""
        return self._config.audit.feed

    @property
    def _audit_kept(self) -> timedelta:
        """How long the audit log keeps an action."""
        return timedelta(days=self._config.audit.days)

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
        """The client for all data in Firestore."""
        from reelgate.adapters.documents.firestore_store import connect

        config = self._config
        return connect(
            config.project, emulator=config.firestore_emulator, tokens=self._access_tokens, connections=self._connections
        )

    @cached_property
    def _documents(self) -> DocumentStore:
        """The store of the books and of all other records."""
        from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore

        return FirestoreDocumentStore(self._firestore)

    @cached_property
    def media(self) -> MediaStore:
        """The bucket with the videos."""
        from reelgate.adapters.storage.gcs_media import connect

        config = self._config
        return connect(
            config.project,
            config.media_bucket,
            storage_url=config.storage_url,
            tokens=None if config.storage_emulator else self._access_tokens,
            connections=self._connections,
        )

    @cached_property
    def signer(self) -> UrlSigner:
        """The signer that REELGATE_SIGNER chooses."""
        return url_signer(self._config, tokens=self._access_tokens, connections=self._connections)

    @cached_property
    def events(self) -> EventPublisher:
        """The topics in Pub/Sub."""
        config = self._config
        from reelgate.adapters.google import pubsub_client
        from reelgate.adapters.google.pubsub_events import PubsubEvents

        client = pubsub_client.connect(
            config.project, emulator=config.pubsub_emulator, tokens=self._access_tokens, connections=self._connections
        )
        return PubsubEvents(client, config.topics)

    @cached_property
    def audit_log(self) -> AuditLog:
        """The audit log in Firestore."""
        from reelgate.adapters.records.audit_log import DocumentAuditLog

        return DocumentAuditLog(self._documents, keep=self._audit_kept)

    @cached_property
    def identity(self) -> TokenVerifier:
        """The verifier for the trusted issuers."""
        from reelgate.adapters.tokens.jwt_identity import jwt_identity

        config = self._config
        return jwt_identity(
            trusted_issuers(config),
            in_cloud=config.in_cloud,
            anonymous_users=config.anonymous_users,
            connections=self._connections,
        )

    @cached_property
    def push_identity(self) -> PushVerifier | None:
        """The verifier for pushed messages; None for the Pub/Sub emulator, which sends no tokens."""
        from reelgate.adapters.tokens.push_identity import PushIdentity

        audience, account = self._config.push_audience, self._config.push_account
        if not (audience and account):
            return None
        return PushIdentity(
            audience=audience,
            account=account,
            platform_checks=self._config.push_signature == "platform",
            connections=self._connections,
        )

    @property
    def notifications(self) -> Notifications:
        """Which events go to which channels."""
        return self._config.notifications.channels

    @cached_property
    def deliveries(self) -> Deliveries:
        """The records of deliveries in Firestore."""
        from reelgate.adapters.records.deliveries import DocumentDeliveries

        return DocumentDeliveries(self._documents)

    @cached_property
    def preferences(self) -> Preferences:
        """The users' preferences in Firestore."""
        from reelgate.adapters.records.preferences import DocumentPreferences

        return DocumentPreferences(self._documents)

    @cached_property
    def mailer(self) -> Mailer | None:
        """The mail server of REELGATE_SMTP_*; None if no mails are sent."""
        return mail_server(self._config.notifications)

    @cached_property
    def webhooks(self) -> WebhookPoster:
        """Webhooks over HTTP."""
        from reelgate.adapters.webhooks.webhook_post import HttpWebhookPoster

        return HttpWebhookPoster(private_allowed=self._config.notifications.private_targets)

    @property
    def account_policy(self) -> AccountPolicy:
        """The rules for registering and logging in."""
        return self._config.accounts.policy

    @cached_property
    def directory(self) -> UserDirectory:
        """The users in Firebase Auth or its emulator; an empty directory if REELGATE_DIRECTORY is none.

        Raises ValueError without the web API key.
        """
        if not self._config.accounts.has_directory:
            from reelgate.adapters.users.no_directory import NoDirectory

            return NoDirectory()
        from reelgate.adapters.users.firebase_directory import connect

        return connect(
            self._config.project,
            api_key=identity_api_key(self._config),
            emulator=self._config.auth_emulator,
            connections=self._connections,
        )

    @cached_property
    def user_lookup(self) -> UserLookup:
        """The same users, read without the SDK and without the permission to change them."""
        if not self._config.accounts.has_directory:
            from reelgate.adapters.users.no_directory import NoDirectory

            return NoDirectory()
        from reelgate.adapters.users.firebase_lookup import connect

        return connect(
            self._config.project,
            emulator=self._config.auth_emulator,
            tokens=self._access_tokens,
            connections=self._connections,
        )

    @cached_property
    def usernames(self) -> Usernames:
        """The user names in Firestore."""
        from reelgate.adapters.records.usernames import DocumentUsernames

        return DocumentUsernames(self._documents)

    @cached_property
    def rate_limiter(self) -> RateLimiter:
        """The counters of attempts in Firestore."""
        from reelgate.adapters.records.rate_limiter import DocumentRateLimiter

        return DocumentRateLimiter(self._documents, key=(self._config.accounts.throttle_key or self._config.project).encode())

    @property
    def conversion(self) -> ConversionRules:
        """The rules of conversion."""
        return self._config.conversion.rules

    @property
    def derived_bucket(self) -> str:
        """The bucket with derived media."""
        return self._config.conversion.derived_bucket

    @cached_property
    def derived_objects(self) -> DerivedObjects:
        """The bucket with derived media."""
        from reelgate.adapters.storage.gcs_derived import connect

        return connect(self._config.project, self.derived_bucket)

    @cached_property
    def derived_media(self) -> DerivedMediaRecords:
        """The records of derived media in Firestore."""
        from reelgate.adapters.records.derived_media import DerivedMediaDocuments

        return DerivedMediaDocuments(self._documents)

    @cached_property
    def media_ranges(self) -> MediaRanges:
        """Parts of videos in the bucket."""
        from reelgate.adapters.storage.gcs_derived import connect_ranges

        return connect_ranges(self._config.project, self._config.media_bucket)

    @cached_property
    def converter(self) -> MediaConverter:
        """FFmpeg, in processes of its own."""
        from reelgate.adapters.pyav.process.process import PyavConverter

        return PyavConverter()

    def now(self) -> datetime:
        """The clock."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A random id of 32 hexadecimal digits."""
        return secrets.token_hex(16)
