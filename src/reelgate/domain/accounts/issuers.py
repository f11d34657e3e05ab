"""The issuers whose tokens a deployment trusts."""

from __future__ import annotations

from reelgate.domain.value_types import value_type

ALGORITHMS = ("RS256", "ES256")

_FIREBASE_KEYS = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"


@value_type
class IssuerSettings:
    """One issuer and what its tokens must look like.

    Exactly one of `jwks_url`, `public_key` (PEM) and `public_key_file` (path of a PEM file) is set. Only the Firebase Auth
    emulator needs none, because its tokens are unsigned. If `role_claim` is empty, the issuer's users are never admins. The
    uid is `subject_prefix` followed by the subject: issuers with the same prefix share their users. With `verified_addresses`,
    the addresses in its tokens are verified also without the claim `email_verified`.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256",)
    jwks_url: str = ""
    public_key: str = ""
    public_key_file: str = ""
    role_claim: str = "role"
    subject_prefix: str = ""
    leeway_seconds: int = 30
    require_auth_time: bool = False
    verified_addresses: bool = False
    unsigned: bool = False


def firebase_issuer(project: str) -> IssuerSettings:
    """Return the issuer of a project's Firebase Auth or Identity Platform ID tokens (Firebase, "Verify ID tokens")."""
    return IssuerSettings(
        issuer=f"https://securetoken.google.com/{project}",
        audience=project,
        jwks_url=_FIREBASE_KEYS,
        require_auth_time=True,
    )


def firebase_emulator_issuer(project: str) -> IssuerSettings:
    """Return the issuer of the Firebase Auth emulator's tokens, which are unsigned. Never use it in a deployment."""
    return IssuerSettings(
        issuer=f"https://securetoken.google.com/{project}",
        audience=project,
        algorithms=(),
        require_auth_time=True,
        unsigned=True,
    )
