"""Identity tokens as Google's services attach them, unsigned: nothing local holds Google's keys."""

import base64
import json
import time

LIFETIME_SECONDS = 3600


def unsigned_id_token(*, audience: str, email: str, now_seconds: float | None = None) -> str:
    """Return an OIDC ID token with the claims Google sets, `alg: none` and an empty signature.

    It has the form that `google.oauth2.id_token` describes (iss, aud, azp, sub, email, email_verified, iat, exp), so a
    receiver can be tested up to the signature. Anything that checks signatures rejects it.
    """
    issued_at = int(time.time() if now_seconds is None else now_seconds)
    claims = {
        "iss": "https://accounts.google.com",
        "aud": audience,
        "azp": email,
        "sub": email,
        "email": email,
        "email_verified": True,
        "iat": issued_at,
        "exp": issued_at + LIFETIME_SECONDS,
    }
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def _part(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode()).rstrip(b"=").decode()


class TokenCache:
    """Caches one token per audience and renews it when half of its lifetime is over."""

    def __init__(self, email: str) -> None:
        self._email = email
        self._tokens: dict[str, tuple[float, str]] = {}

    def token_for(self, audience: str) -> str:
        """Return a token for `audience` that is valid for at least half an hour more."""
        now_seconds = time.time()
        renew_at, token = self._tokens.get(audience, (0.0, ""))
        if now_seconds >= renew_at:
            token = unsigned_id_token(audience=audience, email=self._email, now_seconds=now_seconds)
            self._tokens[audience] = (now_seconds + LIFETIME_SECONDS / 2, token)
        return token
