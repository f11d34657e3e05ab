"""Everything a use case may ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from reelgate.domain.accounts.account_policy import AccountPolicy
from reelgate.domain.books.policy import Policy
from reelgate.domain.media.conversion import ConversionRules
from reelgate.domain.notifications.channels import Notifications
from reelgate.ports.attempts import RateLimiter
from reelgate.ports.audit import AuditLog
from reelgate.ports.books import Books
from reelgate.ports.conversion import MediaConverter, MediaRanges
from reelgate.ports.deliveries import Deliveries
from reelgate.ports.derived_media import DerivedMediaRecords, DerivedObjects
from reelgate.ports.directory import UserDirectory, UserLookup
from reelgate.ports.events import EventPublisher
from reelgate.ports.identity import PushVerifier, TokenVerifier
from reelgate.ports.media import MediaStore
from reelgate.ports.preferences import Preferences
from reelgate.ports.signing import UrlSigner
from reelgate.ports.telling import Mailer, WebhookPoster
from reelgate.ports.usernames import Usernames


class Services(Protocol):
    """Everything a use case may ask for. Parts are built on first use, so a function loads only what its routes need."""

    @property
    def function(self) -> str: ...
    @property
    def policy(self) -> Policy: ...
    @property
    def bucket(self) -> str: ...
    @property
    def storage_url(self) -> str: ...
    @property
    def books(self) -> Books: ...
    @property
    def media(self) -> MediaStore: ...
    @property
    def signer(self) -> UrlSigner: ...
    @property
    def events(self) -> EventPublisher: ...
    @property
    def audit_log(self) -> AuditLog: ...
    @property
    def identity(self) -> TokenVerifier: ...
    @property
    def push_identity(self) -> PushVerifier | None: ...
    @property
    def account_policy(self) -> AccountPolicy: ...
    @property
    def directory(self) -> UserDirectory: ...
    @property
    def user_lookup(self) -> UserLookup: ...
    @property
    def usernames(self) -> Usernames: ...
    @property
    def rate_limiter(self) -> RateLimiter: ...
    @property
    def notifications(self) -> Notifications: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def preferences(self) -> Preferences: ...
    @property
    def mailer(self) -> Mailer | None: ...
    @property
    def webhooks(self) -> WebhookPoster: ...
    @property
    def conversion(self) -> ConversionRules: ...
    @property
    def derived_bucket(self) -> str: ...
    @property
    def derived_objects(self) -> DerivedObjects: ...
    @property
    def derived_media(self) -> DerivedMediaRecords: ...
    @property
    def media_ranges(self) -> MediaRanges: ...
    @property
    def converter(self) -> MediaConverter: ...

    def now(self) -> datetime:
        """Return the current instant, aware."""

    def new_id(self) -> str:
        """Return a new random id that fits into object names and document ids."""
