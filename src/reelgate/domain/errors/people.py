"""Errors about users, sign-in and deliveries."""

from __future__ import annotations

from reelgate.domain.errors.base import Conflict, Forbidden, InvalidRequest, NotFound, ReelgateError, Unauthorized


class InvalidCredentials(Unauthorized):
    """The error is the same for every cause, so that it does not reveal which accounts exist."""

    code = "invalid_credentials"
    message = "Invalid credentials"


class LoginFailed(InvalidCredentials):
    """The credentials were tried and the attempt was counted, so the rate limits of logins bound how often this occurs."""


class AccountDisabled(Forbidden):
    code = "account_disabled"
    message = "Account disabled"


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    message = "Registration is closed"


class WeakPassword(InvalidRequest):
    code = "weak_password"
    message = "Weak password"


class TooManyAttempts(ReelgateError):
    """A retry can succeed after `retry_after_seconds`.

    `counter` names the full counter and its window; None if the user directory itself refuses. `first` is set on the first
    refusal by a full counter, and on the directory's refusal of a login that was counted. Rate limits bound how often either
    occurs.
    """

    code = "too_many_attempts"
    message = "Too many attempts"

    def __init__(self, detail: str, *, retry_after_seconds: int, counter: str | None = None, first: bool = False) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
        self.counter = counter
        self.first = first


class UserNotFound(NotFound):
    code = "user_not_found"
    message = "User not found"


class EmailTaken(Conflict):
    code = "email_taken"
    message = "Email already registered"


class UsernameTaken(Conflict):
    code = "username_taken"
    message = "Username already taken"


class OwnAccount(Conflict):
    code = "own_account"
    message = "Not on your own account"


class ForeignUser(Conflict):
    code = "foreign_user"
    message = "User of another issuer"


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    message = "Delivery not found"


class DeliveryBusy(Conflict):
    code = "delivery_busy"
    message = "The delivery is being sent"


class ChannelGone(Conflict):
    code = "channel_gone"
    message = "There is no such channel any more"
