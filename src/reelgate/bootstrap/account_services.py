"""The part of `CloudServices` about callers and accounts."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from reelgate.bootstrap.base_services import BaseServices
from reelgate.domain.accounts.issuers import IssuerSettings, firebase_emulator_issuer, firebase_issuer

if TYPE_CHECKING:
    from reelgate.adapters.google.rest import GoogleRest
    from reelgate.adapters.users.no_directory import NoDirectory
    from reelgate.config import Settings
    from reelgate.domain.accounts.account_policy import AccountPolicy
    from reelgate.ports.accounts import RateLimiter, RequestLimits, UserDirectory, UserLookup, Usernames
    from reelgate.ports.identity import ApiKeys, KeyVerifier, PushVerifier, TokenVerifier
    from reelgate.ports.personal_data import Erasures, UserRemoval

_LEASE_SECONDS = 1.0
"""How long a request waits for tokens that instances share, before its instance goes on alone."""


class AccountServices(BaseServices):
    """Who calls, and whose accounts these are: tokens, API keys, the directory of users, erasures."""

    @cached_property
    def identity(self) -> TokenVerifier:
        """The verifier for the trusted issuers."""
        from reelgate.adapters.tokens.jwt_identity import jwt_identity

        config = self._config
        return jwt_identity(
            trusted_issuers(config),
            in_cloud=config.in_cloud,
            anonymous_users=config.anonymous_users,
            connections=self._connections,
        )

    @cached_property
    def api_keys(self) -> ApiKeys:
        """The records of API keys in Firestore."""
        from reelgate.adapters.records.api_keys import DocumentApiKeys

        return DocumentApiKeys(self._documents)

    @cached_property
    def key_identity(self) -> KeyVerifier:
        """The verifier of API keys."""
        from reelgate.adapters.tokens.api_key_identity import ApiKeyIdentity

        return ApiKeyIdentity(self.api_keys, self.rate_limiter, self.account_policy, clock=self.now)

    @cached_property
    def push_identity(self) -> PushVerifier | None:
        """The verifier for pushed messages; None for the Pub/Sub emulator, which sends no tokens."""
        from reelgate.adapters.tokens.push_identity import PushIdentity

        audience, account = self._config.push_audience, self._config.push_account
        if not (audience and account):
            return None
        return PushIdentity(
            audience=audience,
            account=account,
            platform_checks=self._config.push_signature == "platform",
            connections=self._connections,
        )

    @property
    def account_policy(self) -> AccountPolicy:
        """The rules for registering and logging in."""
        return self._config.accounts.policy

    @cached_property
    def directory(self) -> UserDirectory:
        """The users in Firebase Auth or its emulator; an empty directory if REELGATE_DIRECTORY is none.

        Raises ValueError without the web API key.
        """
        if not self._config.accounts.has_directory:
            return self._no_directory
        from reelgate.adapters.users.firebase_directory import connect

        return connect(
            self._config.project,
            api_key=identity_api_key(self._config),
            emulator=self._config.auth_emulator,
            connections=self._connections,
        )

    @cached_property
    def user_lookup(self) -> UserLookup:
        """The same users, read without the SDK and without the permission to change them."""
        if not self._config.accounts.has_directory:
            return self._no_directory
        from reelgate.adapters.users.firebase_lookup import FirebaseLookup

        return FirebaseLookup(self._config.project, self._identity_toolkit)

    @cached_property
    def user_removal(self) -> UserRemoval:
        """The users of the directory, to be removed, without the SDK."""
        if not self._config.accounts.has_directory:
            return self._no_directory
        from reelgate.adapters.users.firebase_removal import FirebaseRemoval

        return FirebaseRemoval(self._config.project, self._identity_toolkit)

    @cached_property
    def _identity_toolkit(self) -> GoogleRest:
        """The REST interface to the directory, with the rights of this function."""
        from reelgate.adapters.users.firebase_rest import identity_toolkit

        config = self._config
        return identity_toolkit(emulator=config.auth_emulator, tokens=self._access_tokens, connections=self._connections)

    @cached_property
    def _no_directory(self) -> NoDirectory:
        """The empty directory of a deployment whose users all sign in elsewhere."""
        from reelgate.adapters.users.no_directory import NoDirectory

        return NoDirectory()

    @cached_property
    def usernames(self) -> Usernames:
        """The user names in Firestore."""
        from reelgate.adapters.records.usernames import DocumentUsernames

        return DocumentUsernames(self._documents)

    @cached_property
    def rate_limiter(self) -> RateLimiter:
        """The counters of attempts in Firestore."""
        from reelgate.adapters.records.rate_limiter import DocumentRateLimiter

        return DocumentRateLimiter(self._documents, key=self._throttle_key)

    @cached_property
    def request_limits(self) -> RequestLimits:
        """The rate limits of requests: buckets in this instance, and counters in Firestore."""
        from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
        from reelgate.adapters.records.request_limits import LeasedRequestLimits

        documents = FirestoreDocumentStore(self._firestore, timeout_seconds=_LEASE_SECONDS)
        return LeasedRequestLimits(documents, self._config.request_rates, key=self._throttle_key)

    @property
    def _throttle_key(self) -> bytes:
        """The key of the hashes under which attempts and requests are counted."""
        return (self._config.accounts.throttle_key or self._config.project).encode()

    @cached_property
    def erasures(self) -> Erasures:
        """The erasures of users in Firestore."""
        from reelgate.adapters.books.book_records import encode
        from reelgate.adapters.records.audit_log import audit_document
        from reelgate.adapters.records.erasures import DocumentErasures

        encode_action = partial(audit_document, keep=self._audit_kept)
        return DocumentErasures(
            self._documents, media=self._media_documents, encode_account=encode, encode_action=encode_action
        )


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
