"""Tells whether a push request comes from Pub/Sub (Pub/Sub docs, "Authentication for push subscriptions")."""

from __future__ import annotations

from reelgate.adapters.jwt_identity import SignedTokenVerifier
from reelgate.adapters.jwt_issuers import IssuerSettings
from reelgate.adapters.jwt_key_sources import JwksKeySource, KeySource
from reelgate.adapters.jwt_parts import invalid_token, take_apart

GOOGLE_ISSUER = "https://accounts.google.com"
GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs"


class PushIdentity:
    """Implements `PushVerifier`: a token of Google, for this audience, of that one service account."""

    def __init__(self, *, audience: str, account: str, keys: KeySource | None = None) -> None:
        """`account` is the e-mail address of the subscription's service account; nothing is fetched yet."""
        self._account = account
        issuer = IssuerSettings(issuer=GOOGLE_ISSUER, audience=audience, role_claim="")
        self._verifier = SignedTokenVerifier(issuer, keys or JwksKeySource(GOOGLE_KEYS))

    async def verify(self, token: str) -> None:
        """Return if it does. Raises Unauthorized, Unavailable."""
        claims = await self._verifier.claims(token, take_apart(token))
        if claims.get("email") != self._account or claims.get("email_verified") is not True:
            raise invalid_token()
