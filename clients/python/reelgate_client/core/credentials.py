"""Who is calling: an API key, a token, or a session that is refreshed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from reelgate_client.errors import NotSignedIn
from reelgate_client.models import Tokens

REFRESH_AHEAD = timedelta(minutes=2)
"""A token that ends within this time is refreshed before the next request, so that it outlives the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in. Both tokens are secrets; the refresh token is valid until it is revoked."""

    token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    user_id: str
    email: str | None = None

    @classmethod
    def of(cls, tokens: Tokens) -> Session:
        """Return the session that an answer to a sign-in or refresh begins."""
        return cls(
            token=tokens.token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
            user_id=tokens.user.user_id,
            email=tokens.user.email,
        )

    def is_fresh(self, now: datetime | None = None) -> bool:
        """Return whether its token can be used for the next request."""
        return self.expires_at - (now or datetime.now(UTC)) > REFRESH_AHEAD


class SessionStore(Protocol):
    """Where a session is kept between runs of a program."""

    def load(self) -> Session | None:
        """Return the session, None if there is none that can be read."""

    def save(self, session: Session) -> None:
        """Keep the session, in place of an earlier one."""

    def clear(self) -> None:
        """Forget the session."""


class MemoryStore:
    """Keeps a session for as long as the program runs."""

    def __init__(self, session: Session | None = None) -> None:
        self._session = session

    def load(self) -> Session | None:
        """Return the session."""
        return self._session

    def save(self, session: Session) -> None:
        """Keep the session."""
        self._session = session

    def clear(self) -> None:
        """Forget the session."""
        self._session = None


class Credentials:
    """What a client signs its requests with. An API key or a token, if there is one, goes before the session."""

    def __init__(
        self, *, api_key: str | None = None, token: str | Callable[[], str] | None = None, store: SessionStore | None = None
    ) -> None:
        self._fixed = api_key or token
        self.store: SessionStore = store or MemoryStore()
        self.session = None if self._fixed else self.store.load()

    @property
    def is_fixed(self) -> bool:
        """Whether there is nothing to refresh."""
        return self._fixed is not None

    def bearer(self) -> str:
        """Return what goes into the Authorization header. Raises NotSignedIn if there is nothing."""
        if callable(self._fixed):
            return self._fixed()
        if self._fixed is not None:
            return self._fixed
        return self.require_session().token

    def require_session(self) -> Session:
        """Return the session. Raises NotSignedIn if there is none."""
        if self.session is None:
            raise NotSignedIn("signed_out", "You are not signed in.", hint="Sign in, or set an API key.")
        return self.session

    def needs_refresh(self, refused: str | None = None) -> bool:
        """Return whether the token has to be replaced: it ends soon, or it is the one that was refused."""
        if self.is_fixed or self.session is None:
            return False
        return self.session.token == refused if refused is not None else not self.session.is_fresh()

    def begin(self, session: Session) -> None:
        """Use a session from now on."""
        self.session = session
        self.store.save(session)

    def end(self) -> None:
        """Use no session any more."""
        self.session = None
        self.store.clear()
