"""Who signs the user's token, and whether a garbled one is refused."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from reelgate_client.cli.doctor.deployment import Deployment, refusal
from reelgate_client.cli.doctor.subjects import clock
from reelgate_client.models import Me
from reelgate_client.models.decode import decode

SUBJECT = "token"
FIREBASE = "https://securetoken.google.com/"
ISSUERS = "REELGATE_JWT_ISSUERS (docs/identity.md) must name this issuer and audience; then terraform -chdir=terraform apply"


@dataclass(frozen=True)
class _Token:
    header: dict[str, Any]
    claims: dict[str, Any]
    parts: tuple[str, str, str]


async def examine(deployment: Deployment) -> Me | None:
    """Ask with the user's token, and with one that is garbled. Returns the user, or None if the token is refused.

    Raises:
        ReelgateError: there are no credentials.
    """
    findings = deployment.findings
    bearer = await deployment.bearer()
    token = _read(bearer)
    answer = await deployment.ask("GET", "/v1/me", bearer=bearer)
    if answer.status_code == 200:
        findings.ok(SUBJECT, "it is accepted", "An API key." if token is None else f"Of {_issuer(token)}.")
    else:
        error = refusal(answer)
        mend = deployment.explain(answer)
        if error.status == 401:
            mend = "reelgate login   # or another REELGATE_API_KEY" if token is None else ISSUERS
        findings.wrong(SUBJECT, "it is accepted", f"It is refused: {error.code}, {error.detail}", mend)
    _claims(deployment, token)
    await _garbled(deployment, bearer, token)
    return decode(Me, answer.json()) if answer.status_code == 200 else None


def _claims(deployment: Deployment, token: _Token | None) -> None:
    """Look at issuer, audience and times."""
    findings = deployment.findings
    if token is None:
        findings.not_asked(
            SUBJECT, "issuer, audience and times", "An API key has none.", "reelgate login, without REELGATE_API_KEY"
        )
        return
    claims, project = token.claims, deployment.project
    issuer, audience, left = claims.get("iss"), claims.get("aud"), _seconds_left(claims)
    is_firebase = isinstance(issuer, str) and issuer.startswith(FIREBASE)
    if is_firebase and issuer != f"{FIREBASE}{audience}":
        findings.wrong(
            SUBJECT, "issuer, audience and times", f"{_issuer(token)} signs for another audience, {audience}.", "reelgate login"
        )
    elif is_firebase and project is not None and audience != project:
        findings.wrong(
            SUBJECT,
            "issuer, audience and times",
            f"It is of the project {audience}, not of {project}: another deployment's sign-in, or another --project.",
            f"reelgate login --url {deployment.url}",
        )
    elif left is None or left <= 0:
        findings.wrong(
            SUBJECT, "issuer, audience and times", "It has no end." if left is None else "It has ended.", "reelgate login"
        )
    else:
        findings.ok(
            SUBJECT,
            "issuer, audience and times",
            f"Issuer {_issuer(token)}, audience {audience}, {left // 60:.0f} minutes left.",
        )


async def _garbled(deployment: Deployment, bearer: str, token: _Token | None) -> None:
    """Ask with a token whose signature is not of its content. Only its refusal is right."""
    answer = await deployment.ask("GET", "/v1/me", bearer=_garble(bearer, token))
    if answer.status_code == 401:
        deployment.findings.ok(SUBJECT, "a garbled one is refused", "With 401.")
    elif answer.status_code == 200:
        deployment.findings.wrong(
            SUBJECT,
            "a garbled one is refused",
            "It is accepted: anybody can be any user.",
            "close the API at once (docs/operations.md, A function must stop), then look at REELGATE_JWT_ISSUERS",
        )
    else:
        error = refusal(answer)
        deployment.findings.wrong(
            SUBJECT, "a garbled one is refused", f"With {error.status} {error.code}, not 401.", deployment.explain(answer)
        )


def _garble(bearer: str, token: _Token | None) -> str:
    if token is None:
        return bearer[:-4] + ("zzzz" if not bearer.endswith("zzzz") else "yyyy")
    head, body, signature = token.parts
    if signature:
        return f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    return f"{head}.{body[: len(body) // 2]}."  # the local cloud's tokens have no signature


def _read(bearer: str) -> _Token | None:
    """Return a JWT's content, unverified; None for an API key."""
    parts = bearer.split(".")
    if len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, binascii.Error):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    return _Token(header, claims, (parts[0], parts[1], parts[2]))


def _issuer(token: _Token) -> str:
    return str(token.claims.get("iss", "nobody"))[:200]


def _seconds_left(claims: dict[str, Any]) -> float | None:
    end = claims.get("exp")
    return end - clock.now().timestamp() if isinstance(end, int | float) else None
