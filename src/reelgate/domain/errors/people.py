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


class AccountDeleted(Forbidden):
    code = "account_deleted"
    message = "Account deleted"


class SignInTooOld(Unauthorized):
    """What cannot be undone needs a sign-in of the last minutes, not only a valid token."""

    code = "sign_in_too_old"
    message = "Sign in again"
    hint = "Have the user sign in, and repeat the request with the new token: its `auth_time` may be at most five minutes ago."


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

    hint = "Wait as many seconds as `Retry-After` says."

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


class WrongPassword(Forbidden):
    """403 and not 401: the token is valid, so a client that signs in again at each 401 must not do it for this."""

    code = "wrong_password"
    message = "Wrong password"


class InvalidApiKey(Unauthorized):
    code = "invalid_api_key"
    message = "Invalid API key"


class ApiKeyExpired(Unauthorized):
    code = "api_key_expired"
    message = "API key expired"


class ApiKeyRevoked(Unauthorized):
    code = "api_key_revoked"
    message = "API key revoked"


class NotForApiKeys(Forbidden):
    code = "not_for_api_keys"
    message = "Not for API keys"


class MissingScope(Forbidden):
    code = "missing_scope"
    message = "The API key's scope does not include this"


class ApiKeyNotFound(NotFound):
    code = "api_key_not_found"
    message = "API key not found"


class TooManyApiKeys(Conflict):
    code = "too_many_api_keys"
    message = "Too many API keys"


class ExportNotFound(NotFound):
    code = "export_not_found"
    message = "Export not found"
    hint = "Exports are removed a week after they were ordered: POST /v1/admin/usage/exports orders another one."


class ExportNeeded(Conflict):
    code = "export_needed"
    message = "Too many users for one answer"
    hint = "POST /v1/admin/usage/exports writes the same lines into a file. Or read format=json page by page."


class ExportContinues(Conflict):
    """The last line of a list that is longer than one answer may be."""

    code = "export_continues"
    message = "There is more"


class TooManyExports(Conflict):
    code = "too_many_exports"
    message = "Too many exports"
    hint = "GET /v1/admin/usage/exports/{export_id} shows how far one is."


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"
    message = "Delivery not found"


class DeliveryBusy(Conflict):
    code = "delivery_busy"
    message = "The delivery is being sent"


class ChannelGone(Conflict):
    code = "channel_gone"
    message = "There is no such channel any more"
