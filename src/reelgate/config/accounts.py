"""Settings of registering and signing in."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta

from reelgate.config.reader import Reader
from reelgate.domain.accounts.account_policy import AccountPolicy
from reelgate.domain.accounts.credentials import MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS
from reelgate.domain.value_types import value_type


@value_type
class AccountSettings:
    """Settings of registering and signing in.

    `has_directory` is whether users can register with this project's Firebase Auth, besides users of other issuers. Every
    function with routes for admins looks users up there. `identity_api_key` is the project's web API key. `throttle_key` is the
    key for hashes of client addresses.
    """

    policy: AccountPolicy
    has_directory: bool
    identity_api_key: str | None = field(repr=False)
    throttle_key: str | None = field(repr=False)


def accounts_from(read: Reader, *, confirm_addresses: bool) -> AccountSettings:
    """Return the settings. `confirm_addresses`: see `AccountPolicy`."""
    has_directory = read.choice("REELGATE_DIRECTORY", "firebase", ("firebase", "none")) == "firebase"
    registration = read.choice("REELGATE_REGISTRATION", "open", ("open", "closed"))
    return AccountSettings(
        policy=AccountPolicy(
            registration_open=registration == "open" and has_directory,
            password_min_length=read.whole(
                "REELGATE_PASSWORD_MIN_LENGTH", 8, minimum=MIN_PASSWORD_CHARACTERS, maximum=MAX_PASSWORD_CHARACTERS
            ),
            login_max_failures=read.whole("REELGATE_LOGIN_MAX_FAILURES", 10),
            login_max_failures_of_account=read.whole("REELGATE_LOGIN_MAX_FAILURES_PER_ACCOUNT", 100),
            login_max_failures_of_address=read.whole("REELGATE_LOGIN_MAX_FAILURES_PER_ADDRESS", 100),
            registrations_of_address=read.whole("REELGATE_REGISTRATIONS_PER_ADDRESS", 20),
            attempts_without_address=read.whole("REELGATE_ATTEMPTS_WITHOUT_ADDRESS", 1000),
            attempts_window=timedelta(seconds=read.whole("REELGATE_ATTEMPTS_WINDOW_SECONDS", 900, maximum=86_400)),
            confirm_addresses=confirm_addresses,
            proxies_in_front=read.whole("REELGATE_PROXIES_IN_FRONT", 1, minimum=0, maximum=10),
        ),
        has_directory=has_directory,
        identity_api_key=read.optional("REELGATE_IDENTITY_API_KEY"),
        throttle_key=read.optional("REELGATE_THROTTLE_KEY"),
    )
