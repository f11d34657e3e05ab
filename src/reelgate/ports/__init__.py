"""What the use cases need from outside, in our own words. Adapters implement these; tests hold all of them to one contract."""

from reelgate.ports.attempts import RateLimit, RateLimiter
from reelgate.ports.audit import AuditLog, LogFilter, LoggedAction
from reelgate.ports.books import Books, CommitResult, Decide, Page, ReadSet, Snapshot
from reelgate.ports.conversion import MediaConverter, MediaRanges
from reelgate.ports.deliveries import Deliveries, DeliveriesWanted
from reelgate.ports.derived_media import DerivedMediaRecords, DerivedObjects
from reelgate.ports.directory import SignIn, User, UserDirectory, UserLookup
from reelgate.ports.events import EventPublisher
from reelgate.ports.identity import ANONYMOUS, Caller, PushVerifier, TokenVerifier, VerifiedToken
from reelgate.ports.media import MediaStore, SessionStatus
from reelgate.ports.preferences import Preferences
from reelgate.ports.services import Services
from reelgate.ports.signing import UrlSigner, UrlToSign
from reelgate.ports.telling import Mailer, NotSent, PerhapsSent, WebhookPoster
from reelgate.ports.usernames import Claim, Usernames

__all__ = [
    "ANONYMOUS",
    "AuditLog",
    "Books",
    "Caller",
    "Claim",
    "CommitResult",
    "Decide",
    "Deliveries",
    "DeliveriesWanted",
    "DerivedMediaRecords",
    "DerivedObjects",
    "EventPublisher",
    "LogFilter",
    "LoggedAction",
    "Mailer",
    "MediaConverter",
    "MediaRanges",
    "MediaStore",
    "NotSent",
    "Page",
    "PerhapsSent",
    "Preferences",
    "PushVerifier",
    "RateLimit",
    "RateLimiter",
    "ReadSet",
    "Services",
    "SessionStatus",
    "SignIn",
    "Snapshot",
    "TokenVerifier",
    "UrlSigner",
    "UrlToSign",
    "User",
    "UserDirectory",
    "UserLookup",
    "Usernames",
    "VerifiedToken",
    "WebhookPoster",
]
