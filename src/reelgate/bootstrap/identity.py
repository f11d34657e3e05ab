"""Which issuers are trusted, and whether the settings allow users to sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reelgate.domain.accounts.issuers import IssuerSettings, firebase_emulator_issuer, firebase_issuer

if TYPE_CHECKING:
    from reelgate.config import Settings


def check_sign_in(config: Settings) -> None:
    """Raise ValueError if users cannot sign in with these settings. Its text says what is missing."""
    if not config.accounts.has_directory:
        if not config.jwt_issuers:
            raise ValueError("REELGATE_DIRECTORY is none: set REELGATE_JWT_ISSUERS to the issuers whose tokens are accepted")
        return
    identity_api_key(config)
    own = f"https://securetoken.google.com/{config.project}"
    if own not in {issuer.issuer for issuer in trusted_issuers(config)}:
        raise ValueError(
            f'Users sign in with this project: REELGATE_JWT_ISSUERS must list {{"firebase_project": "{config.project}"}}'
        )


def identity_api_key(config: Settings) -> str:
    """Return the web API key for requests to Firebase Auth. Raises ValueError without one."""
    if config.auth_emulator:  # accepts any key
        return config.accounts.identity_api_key or "local"
    if not config.accounts.identity_api_key:
        raise ValueError("Users sign in with this project: set REELGATE_IDENTITY_API_KEY to its web API key")
    return config.accounts.identity_api_key


def trusted_issuers(config: Settings) -> tuple[IssuerSettings, ...]:
    """Return the trusted issuers; by default the project's own Firebase Auth."""
    if config.auth_emulator:
        emulator = firebase_emulator_issuer(config.project)
        # It replaces the project's own Firebase issuer, which the list names on Google Cloud.
        return (emulator, *(issuer for issuer in config.jwt_issuers if issuer.issuer != emulator.issuer))
    return config.jwt_issuers or (firebase_issuer(config.project),)
