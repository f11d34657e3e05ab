"""Everything a use case may ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from reelgate.domain.policy import Policy
from reelgate.ports.books import Books
from reelgate.ports.events import EventPublisher
from reelgate.ports.identity import PushVerifier, TokenVerifier
from reelgate.ports.media import MediaStore
from reelgate.ports.signing import UrlSigner


class Services(Protocol):
    """Everything a use case may ask for. Parts are built on first use, so a function loads only what its routes need."""

    @property
    def policy(self) -> Policy: ...
    @property
    def bucket(self) -> str: ...
    @property
    def books(self) -> Books: ...
    @property
    def media(self) -> MediaStore: ...
    @property
    def signer(self) -> UrlSigner: ...
    @property
    def events(self) -> EventPublisher: ...
    @property
    def identity(self) -> TokenVerifier: ...
    @property
    def push_identity(self) -> PushVerifier | None: ...

    def now(self) -> datetime:
        """Return the current instant, aware."""

    def new_id(self) -> str:
        """Return a new random id that fits into object names and document ids."""
