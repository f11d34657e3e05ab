"""What a deployment allows to those who register and log in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPolicy:
    """Rules for registering and logging in.

    Attributes:
        registration_open: whether anybody may register.
        password_min_length: in characters, never below 6.
        login_max_failures: per e-mail address or user name that is typed, and client address, within one window.
        login_max_failures_of_account: per e-mail address or user name, from all client addresses together.
        login_max_failures_of_address: per client address, for all accounts together.
        registrations_of_address: tries to register per client address, within one window.
        attempts_without_address: tries to register, and failed logins, of all clients together whose address is not known.
        attempts_window: how long failures count: windows of this length, cut by the clock.
        proxies_in_front: addresses that trusted proxies have put behind the client's in X-Forwarded-For.
    """

    registration_open: bool
    password_min_length: int
    login_max_failures: int
    login_max_failures_of_account: int
    login_max_failures_of_address: int
    registrations_of_address: int
    attempts_without_address: int
    attempts_window: timedelta
    proxies_in_front: int
