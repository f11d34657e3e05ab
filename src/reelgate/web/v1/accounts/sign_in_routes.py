"""Routes of version 1 in the `accounts` function: registering, logging in, passwords and sessions."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.accounts.log_in import LoggedIn, log_in, refresh
from reelgate.use_cases.accounts.manage_sign_in import (
    change_password,
    end_sessions,
    request_password_reset,
    send_verification,
)
from reelgate.use_cases.accounts.register import Services as RegisterServices
from reelgate.use_cases.accounts.register import checked_registration, register
from reelgate.web.http.callers import bearer_token
from reelgate.web.http.calls import Call
from reelgate.web.http.client_address import logged_client_address
from reelgate.web.http.shapes import v1
from reelgate.web.v1.accounts.sign_in_shapes import Login, NewPassword, PasswordReset, Refresh, Registration, Tokens
from reelgate.web.v1.accounts.user_shapes import User, signed_in_user


class Services(RegisterServices, HasFunctionName, Protocol):
    """What these routes need."""


async def register_user(call: Call[Services], wanted: Registration) -> User:
    """Register.

    Repeating the request gives the same answer, also if the first one was interrupted. Log in next.
    """
    registration = checked_registration(call.services, email=wanted.email, username=wanted.username, password=wanted.password)
    call.note(email=registration.email, username=registration.username)
    registered = await register(call.services, registration, address=_address(call), audit=call.audit)
    return signed_in_user(
        registered.account,
        call.services.policy.default_limits,
        email=registration.email,
        email_verified=registered.account.email_verified,
        role=registered.role,
    )


async def log_in_user(call: Call[Services], given: Login) -> Tokens:
    """Log in with a password.

    Send `email` or `username`. Whatever is wrong, the answer is the same, so that it does not reveal who is registered.
    """
    identifier = _identifier(given)
    with suppress(errors.InvalidRequest):  # any other text may be a password in the wrong field, and must not get into logs
        call.note(email=clean_email(identifier))
    logged_in = await log_in(
        call.services, identifier, given.password, address=_address(call), about=lambda email: call.note(email=email)
    )
    return _tokens(call, logged_in)


async def refresh_tokens(call: Call[Services], given: Refresh) -> Tokens:
    """Get another token when one has expired.

    Refused once the user has logged out everywhere, changed the password, or was disabled.
    """
    return _tokens(call, await refresh(call.services, given.refresh_token))


async def reset_password(call: Call[Services], given: PasswordReset) -> None:
    """Have a mail sent with which a forgotten password can be replaced.

    The answer is the same for every address. The mail comes from Identity Platform, and is sent only to who is registered.
    """
    email = clean_email(given.email)
    call.note(email=email)
    await request_password_reset(call.services, email, address=_address(call))


async def set_password(call: Call[Services], given: NewPassword) -> None:
    """Replace your password.

    All sessions end, this one included: log in with the new password. API keys go on working.
    """
    await change_password(
        call.services, call.caller, current=given.current_password, new=given.new_password, address=_address(call)
    )


async def revoke_sessions(call: Call[Services]) -> None:
    """Log out everywhere.

    No session can be continued from now on. Tokens that were issued before work until they expire, within the hour. API keys go
    on working: delete them one by one.
    """
    await end_sessions(call.services, call.caller)


async def verify_email(call: Call[Services]) -> None:
    """Have a mail sent with which your address is verified.

    Does nothing if it is verified already.
    """
    await send_verification(call.services, call.caller, bearer_token(call.request))


def _identifier(given: Login) -> str:
    named = [name for name in (given.email, given.username) if name]
    if len(named) != 1:
        detail = "Enter either your e-mail address or your user name."
        wrong = [errors.FieldError(field, detail) for field in ("email", "username")]
        raise errors.InvalidRequest(detail, errors=wrong, hint="Send either 'email' or 'username'.")
    return named[0]


def _tokens(call: Call[Services], logged_in: LoggedIn) -> Tokens:
    caller, tokens = logged_in.caller, logged_in.tokens
    call.note(user_id=caller.uid, email=caller.email, role=caller.role)
    return Tokens(
        token=tokens.id_token,
        refresh_token=tokens.refresh_token,
        expires_at=call.services.now() + timedelta(seconds=tokens.expires_in),
        user=signed_in_user(
            logged_in.account,
            call.services.policy.default_limits,
            email=caller.email,
            email_verified=logged_in.caller.email_verified,
            role=caller.role,
        ),
    )


def _address(call: Call[Services]) -> str | None:
    return logged_client_address(call.request, proxies_in_front=call.services.account_policy.proxies_in_front)


_REGISTERING = (
    errors.EmailTaken,
    errors.UsernameTaken,
    errors.WeakPassword,
    errors.RegistrationClosed,
    errors.TooManyAttempts,
    errors.BooksBusy,
)
_SIGNING_IN = (errors.InvalidCredentials, errors.TooManyAttempts, errors.BooksBusy)

ROUTES = (
    v1(
        "POST",
        "/v1/auth/register",
        register_user,
        takes=Registration,
        gives=User,
        status=201,
        action="user.registered",
        public=True,
        rate="own",
        refuses=_REGISTERING,
    ),
    v1(
        "POST",
        "/v1/auth/login",
        log_in_user,
        takes=Login,
        gives=Tokens,
        action="login",
        public=True,
        rate="own",
        refuses=_SIGNING_IN,
    ),
    v1(
        "POST",
        "/v1/auth/refresh",
        refresh_tokens,
        takes=Refresh,
        gives=Tokens,
        action="login.refreshed",
        public=True,
        refuses=_SIGNING_IN,
    ),
    v1(
        "POST",
        "/v1/auth/password-reset",
        reset_password,
        takes=PasswordReset,
        status=202,
        action="password.reset_requested",
        public=True,
        rate="own",
        refuses=(errors.TooManyAttempts,),
    ),
    v1(
        "PUT",
        "/v1/me/password",
        set_password,
        takes=NewPassword,
        action="password.changed",
        keys="never",
        refuses=(errors.WeakPassword, errors.WrongPassword, errors.ForeignUser, errors.TooManyAttempts),
    ),
    v1(
        "DELETE",
        "/v1/me/sessions",
        revoke_sessions,
        action="sessions.revoked",
        keys="never",
        refuses=(errors.ForeignUser,),
    ),
    v1(
        "POST",
        "/v1/me/verify-email",
        verify_email,
        status=202,
        action="email.verification_requested",
        keys="never",
        refuses=(errors.ForeignUser, errors.TooManyAttempts),
    ),
)
