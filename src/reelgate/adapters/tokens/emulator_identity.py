"""Tokens of the Firebase Auth emulator: unsigned, so anybody can make one. For a developer's machine only."""

from __future__ import annotations

from typing import Any

from reelgate.adapters.tokens import jwt_claims
from reelgate.adapters.tokens.jwt_issuers import IssuerSettings
from reelgate.adapters.tokens.jwt_parts import TokenParts, invalid_token


class EmulatorTokenVerifier:
    """Checks everything about a token but its signature, because it has none."""

    def __init__(self, issuer: IssuerSettings, *, in_cloud: bool) -> None:
        """`in_cloud` is whether this runs on Cloud Run (K_SERVICE is set). Raises ValueError if it does."""
        if in_cloud:
            raise ValueError("unsigned tokens of the Auth emulator are never accepted in the cloud")
        self._issuer = issuer

    async def claims(self, token: str, parts: TokenParts) -> dict[str, Any]:
        """Return the claims of an emulator's token. Raises Unauthorized, also for a signed one."""
        if parts.header.get("alg") != "none" or parts.is_signed:
            raise invalid_token()
        return jwt_claims.decode(token, None, [], self._issuer)
