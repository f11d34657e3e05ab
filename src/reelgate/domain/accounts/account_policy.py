"""The rules of a deployment for registering and logging in."""

from __future__ import annotations

from datetime import timedelta

from reelgate.domain.value_types import value_type


@value_type
class AccountPolicy:
    """Rules for registering and logging in.

    Attributes:
        registration_open: whether new users may register.
        password_min_length: in characters, never below 6.
        login_max_failures: per pair of e-mail address or user name (as typed) and client address, in one window.
        login_max_failures_of_account: per e-mail address or user name, from all client addresses together, in one window.
        login_max_failures_of_address: per client address, for all accounts together, in one window.
        registrations_of_address: attempts to register, per client address, in one window.
        attempts_without_address: attempts to register, and failed logins, of all clients with an unknown address together.
        attempts_window: the length of a window. Windows are fixed by the clock.
        confirm_addresses: whether a registration has the directory send its mail for confirming the address.
        proxies_in_front: how many addresses trusted proxies append after the client's in X-Forwarded-For.
    """

    registration_open: bool
    password_min_length: int
    login_max_failures: int
    login_max_failures_of_account: int
    login_max_failures_of_address: int
    registrations_of_address: int
    attempts_without_address: int
    attempts_window: timedelta
    confirm_addresses: bool
    proxies_in_front: int
