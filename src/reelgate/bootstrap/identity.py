"""Whose tokens count, and what signing in needs."""

from __future__ import annotations

from reelgate.config import Settings
from reelgate.domain.accounts.issuers import IssuerSettings, firebase_emulator_issuer, firebase_issuer


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
    """Return the issuers whose tokens count: by default the project's own users."""
    if config.auth_emulator:
        emulator = firebase_emulator_issuer(config.project)
        # It stands in for the project's own Firebase issuer, which the same list names on Google Cloud.
        return (emulator, *(issuer for issuer in config.jwt_issuers if issuer.issuer != emulator.issuer))
    return config.jwt_issuers or (firebase_issuer(config.project),)
