"""What the use cases need from outside, in our own words. Adapters implement these; tests hold all of them to one contract."""

from reelgate.ports.books import Books, Decide, Outcome, Page, View, Wanted
from reelgate.ports.events import EventPublisher
from reelgate.ports.identity import ANONYMOUS, Caller, PushVerifier, TokenVerifier
from reelgate.ports.media import MediaStore, SessionStatus
from reelgate.ports.services import Services
from reelgate.ports.signing import UrlSigner, UrlToSign

__all__ = [
    "ANONYMOUS",
    "Books",
    "Caller",
    "Decide",
    "EventPublisher",
    "MediaStore",
    "Outcome",
    "Page",
    "PushVerifier",
    "Services",
    "SessionStatus",
    "TokenVerifier",
    "UrlSigner",
    "UrlToSign",
    "View",
    "Wanted",
]
