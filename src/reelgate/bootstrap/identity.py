"""Whose tokens count, and what signing in needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reelgate.config import Settings

if TYPE_CHECKING:
    from reelgate.adapters.tokens.jwt_issuers import IssuerSettings


def check_sign_in(config: Settings) -> None:
    """Raise ValueError, saying what is missing, unless people can sign in here as the settings promise."""
    if not config.accounts.has_directory:
        if not config.jwt_issuers:
            raise ValueError("REELGATE_DIRECTORY is none: set REELGATE_JWT_ISSUERS to those whose tokens count")
        return
    identity_api_key(config)
    own = f"https://securetoken.google.com/{config.project}"
    if own not in {issuer.issuer for issuer in trusted_issuers(config)}:
        raise ValueError(f'People sign in here: REELGATE_JWT_ISSUERS must list {{"firebase_project": "{config.project}"}}, too')


def identity_api_key(config: Settings) -> str:
    """Return the web API key that Firebase Auth is asked with. Raises ValueError without one."""
    if config.auth_emulator:  # takes any
        return config.accounts.identity_api_key or "local"
    if not config.accounts.identity_api_key:
        raise ValueError("People sign in here: set REELGATE_IDENTITY_API_KEY to the project's web API key")
    return config.accounts.identity_api_key


def trusted_issuers(config: Settings) -> tuple[IssuerSettings, ...]:
    """Return the issuers whose tokens count: the project's own users by default."""
    from reelgate.adapters.tokens import jwt_issuers  # noqa: PLC0415

    if config.auth_emulator:
        emulator = jwt_issuers.firebase_emulator_issuer(config.project)
        # It stands in for the project's own Firebase issuer, which the same list names on Google Cloud.
        return (emulator, *(issuer for issuer in _foreign(config) if issuer.issuer != emulator.issuer))
    return _foreign(config) or (jwt_issuers.firebase_issuer(config.project),)


def _foreign(config: Settings) -> tuple[IssuerSettings, ...]:
    from reelgate.adapters.tokens import jwt_issuers  # noqa: PLC0415

    return jwt_issuers.parse_issuers(config.jwt_issuers) if config.jwt_issuers else ()
