"""Join adapters to use cases: the only place that reads the environment, and where every client is built on first use.

Imports of SDKs stand inside the functions on purpose: a function loads only what its routes really need, which is what its
cold start consists of (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from functools import cache, cached_property

from reelgate.config import Settings
from reelgate.domain.policy import Policy
from reelgate.ports import Books, EventPublisher, MediaStore, TokenVerifier, UrlSigner


@cache
def settings() -> Settings:
    """Return this process's settings. Raises ValueError naming everything that is wrong with them."""
    return Settings.from_env(os.environ)


class CloudServices:
    """The real services, each built the first time somebody asks for it."""

    def __init__(self, config: Settings) -> None:
        self._config = config

    @property
    def policy(self) -> Policy:
        """The rules of this deployment."""
        return self._config.policy

    @property
    def bucket(self) -> str:
        """The bucket with the videos."""
        return self._config.media_bucket

    @cached_property
    def books(self) -> Books:
        """The books in Firestore."""
        from reelgate.adapters.firestore_books import connect  # noqa: PLC0415

        return connect(self._config.project)

    @cached_property
    def media(self) -> MediaStore:
        """The bucket."""
        from reelgate.adapters.gcs_media import connect  # noqa: PLC0415

        return connect(self._config.project, self._config.media_bucket)

    @cached_property
    def signer(self) -> UrlSigner:
        """The signer that REELGATE_SIGNER chooses."""
        from reelgate.adapters.signers import signer_for  # noqa: PLC0415

        return signer_for(self._config)

    @cached_property
    def events(self) -> EventPublisher:
        """The topics in Pub/Sub."""
        from reelgate.adapters.pubsub_events import PubsubEvents  # noqa: PLC0415

        return PubsubEvents(self._config.project, self._config.topics)

    @cached_property
    def identity(self) -> TokenVerifier:
        """The verifier for the configured issuers."""
        from reelgate.adapters.jwt_identity import verifier_for  # noqa: PLC0415

        return verifier_for(self._config)

    def now(self) -> datetime:
        """The clock."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A random id of 32 hexadecimal digits."""
        return uuid.uuid4().hex


@cache
def services() -> CloudServices:
    """Return this process's services."""
    return CloudServices(settings())
