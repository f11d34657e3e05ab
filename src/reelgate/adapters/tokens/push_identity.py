"""Checks that a push request comes from Pub/Sub (Pub/Sub docs, "Authentication for push subscriptions").

Behind IAM, Cloud Run checks a caller's token itself and may pass it on with `SIGNATURE_REMOVED_BY_GOOGLE` in place of the
signature, so that it cannot be used elsewhere (Cloud Run docs, "Troubleshoot", "Identity token signature redacted by Google").
Google documents this for users' tokens. Only a deployment shows whether it also happens to Pub/Sub's tokens.
"""

from __future__ import annotations

import logging

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.tokens.jwt_contents import decode_unverified, invalid_token, verified_claims
from reelgate.adapters.tokens.jwt_identity import SignedTokenVerifier
from reelgate.adapters.tokens.jwt_keys import JwksKeySource, KeySource, jwks_fetch
from reelgate.domain.accounts.issuers import IssuerSettings

GOOGLE_ISSUER = "https://accounts.google.com"
GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs"
REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"

_log = logging.getLogger(__name__)


class PushIdentity:
    """Implements `PushVerifier`: accepts Google's tokens for one audience and one service account."""

    def __init__(
        self,
        *,
        audience: str,
        account: str,
        platform_checks: bool = False,
        keys: KeySource | None = None,
        connections: Connections | None = None,
    ) -> None:
        """`account` is the e-mail address of the subscription's service account; nothing is fetched yet.

        With `platform_checks`, a token without its signature is accepted. This is safe only if IAM requires every caller to
        have a token, which Cloud Run then checks. If `allUsers` may call the service, anyone can forge such a token.
        """
        self._account = account
        self._platform_checks = platform_checks
        self._issuer = IssuerSettings(issuer=GOOGLE_ISSUER, audience=audience, role_claim="")
        self._verifier = SignedTokenVerifier(self._issuer, keys or JwksKeySource(jwks_fetch(GOOGLE_KEYS, connections)))
        self._logged: set[str] = set()

    async def verify(self, token: str, *, seen_by_platform: bool) -> None:
        """See `PushVerifier.verify`."""
        parts = decode_unverified(token)
        removed = token.rpartition(".")[2] == REMOVED
        if not removed:
            claims = await self._verifier.claims(token, parts)
        elif self._platform_checks and seen_by_platform and parts.header.get("alg") in self._issuer.algorithms:
            claims = verified_claims(token, None, [], self._issuer)
        else:
            self._log_refused()
            raise invalid_token()
        if claims.get("email") != self._account or claims.get("email_verified") is not True:
            raise invalid_token()
        self._log_kind("removed" if removed else "checked")

    def _log_kind(self, kind: str) -> None:
        """Log once per instance in which form tokens arrive, because Google does not document it."""
        if kind in self._logged:
            return
        self._logged.add(kind)
        what = "without its signature, which Cloud Run checked" if kind == "removed" else "with its signature, checked here"
        _log.info("Pub/Sub's token arrived %s", what, extra={"json_fields": {"push_signature": kind}})

    def _log_refused(self) -> None:
        if "refused" in self._logged:
            return
        self._logged.add("refused")
        _log.warning(
            "a pushed message was refused: its token has no signature (%s). If IAM lets only this deployment's accounts call"
            " this service, and never allUsers, set REELGATE_PUSH_SIGNATURE=platform (docs/configuration.md)",
            REMOVED,
            extra={"json_fields": {"push_signature": "refused"}},
        )
