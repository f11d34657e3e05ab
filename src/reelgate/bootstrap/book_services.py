"""The part of `CloudServices` about the books."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from reelgate.bootstrap.base_services import BaseServices

if TYPE_CHECKING:
    from reelgate.ports.audit import AuditLog
    from reelgate.ports.books import Books
    from reelgate.ports.events import EventPublisher
    from reelgate.ports.playback import KnownGrants
    from reelgate.ports.storage import MediaRanges
    from reelgate.ports.usage import EgressRecords, UsageExports

_EMULATED_SEARCH_SECONDS = 30
"""For a search of the audit log: Firestore's emulator has no index, and needs seconds for some thousand events. Deleting a user
would then time out at every try."""


class BookServices(BaseServices):
    """The books, and the records that accompany them: events, audit log, exports."""

    @cached_property
    def books(self) -> Books:
        """The books in Firestore."""
        from reelgate.adapters.books.document_books import DocumentBooks
        from reelgate.adapters.records.audit_log import audit_document

        encode_action = partial(audit_document, keep=self._audit_kept)
        return DocumentBooks(self._documents, clock=self.now, encode_action=encode_action)

    @cached_property
    def known_grants(self) -> KnownGrants:
        """The playback grants in Firestore, of which this instance remembers some."""
        from reelgate.adapters.playback.known_grants import RememberedGrants

        return RememberedGrants(self.books)

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

    @property
    def audit_feed(self) -> bool:
        """Whether recorded actions are published as well."""
        return self._config.audit.feed

    @cached_property
    def audit_log(self) -> AuditLog:
        """The audit log in Firestore."""
        from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
        from reelgate.adapters.records.audit_log import DocumentAuditLog

        documents = self._documents
        if self._config.firestore_emulator:
            documents = FirestoreDocumentStore(self._firestore, timeout_seconds=_EMULATED_SEARCH_SECONDS)
        return DocumentAuditLog(documents, keep=self._audit_kept)

    @cached_property
    def usage_exports(self) -> UsageExports:
        """The orders for exports of usage in Firestore."""
        from reelgate.adapters.records.usage_exports import DocumentUsageExports

        return DocumentUsageExports(self._documents)

    @property
    def settles_egress(self) -> bool:
        """Whether charges are settled with usage logs."""
        return self._config.egress.settles

    @cached_property
    def egress_records(self) -> EgressRecords:
        """What usage logs say was sent, in Firestore."""
        from reelgate.adapters.records.egress_documents import DocumentEgressRecords

        return DocumentEgressRecords(self._documents)

    @property
    def usage_logs_bucket(self) -> str:
        """The bucket with the usage logs."""
        return self._config.egress.logs_bucket

    @cached_property
    def usage_logs(self) -> MediaRanges:
        """Parts of the usage logs in their bucket."""
        from reelgate.adapters.storage.gcs_derived import connect_ranges

        return connect_ranges(self._config.project, self.usage_logs_bucket)
