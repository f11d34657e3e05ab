"""Routes of the `accounts` function: registration, login, tokens, and the caller's own account."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Any, Protocol

from starlette.responses import PlainTextResponse, Response

from reelgate.domain.accounts.credentials import clean_email
from reelgate.domain.errors import InvalidRequest, in_words
from reelgate.ports.identity import HasApiKeys
from reelgate.ports.notifications import HasPreferences
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.accounts.inspect_token import inspect_token
from reelgate.use_cases.accounts.log_in import LoggedIn, log_in, refresh
from reelgate.use_cases.accounts.manage_users import uploading_since
from reelgate.use_cases.accounts.register import Services as RegisterServices
from reelgate.use_cases.accounts.register import checked_registration, register
from reelgate.use_cases.notifications.set_mail_preferences import mail_preferences
from reelgate.use_cases.uploads.check_uploads import current_account
from reelgate.web.compat.accounts import admin_user_routes, preference_routes
from reelgate.web.compat.accounts.user_answers import logged_in_json, user_json
from reelgate.web.http.answers.json_answers import as_json, instant
from reelgate.web.http.callers import basic_credentials, bearer_token
from reelgate.web.http.calls import Call, Route, Routes
from reelgate.web.http.client_address import logged_client_address


class Services(RegisterServices, HasApiKeys, HasFunctionName, HasPreferences, Protocol):
    """What the routes of `accounts` need."""


async def post_register(call: Call[Services]) -> Response:
    """Create an account (streaming backend). Repeating the request returns the same answer."""
    body = await call.json()
    registration = checked_registration(
        call.services, email=body.get("email"), username=body.get("username"), password=body.get("password")
    )
    call.note(email=registration.email, username=registration.username)
    registered = await register(call.services, registration, address=_address(call), audit=call.audit)
    account = registered.account
    return as_json(
        {
            "message": "User registered successfully",
            "id": account.uid,
            "uid": account.uid,
            "email": registration.email,
            "username": account.username,
            "role": registered.role,
            "created_at": instant(account.created_at),
        },
        201,
    )


async def post_login(call: Call[Services]) -> Response:
    """Exchange a password for tokens: HTTP Basic (video to MP3) or JSON (streaming backend)."""
    identifier, password = basic_credentials(call.request) or await _json_credentials(call)
    _note_address(call, identifier)
    logged_in = await log_in(
        call.services, identifier, password, address=_address(call), about=lambda email: call.note(email=email)
    )
    _note_login(call, logged_in)
    if _wants_text(call.request.headers.get("accept", "")):
        return PlainTextResponse(logged_in.tokens.id_token)
    return as_json(logged_in_json(logged_in))


async def post_refresh(call: Call[Services]) -> Response:
    """Exchange a refresh token for new tokens."""
    token = (await call.json()).get("refresh_token")
    if not isinstance(token, str) or not token:
        raise InvalidRequest("Sign in again.", field="refresh_token", hint="Send 'refresh_token' as the login returned it.")
    logged_in = await refresh(call.services, token)
    _note_login(call, logged_in)
    return as_json(logged_in_json(logged_in))


async def post_validate(call: Call[Services]) -> Response:
    """Say whether the bearer token is valid at this moment, and whose it is (video to MP3)."""
    inspected = await inspect_token(call.services, bearer_token(call.request))
    caller, token = inspected.caller, inspected.token
    return as_json(
        {
            "valid": True,
            "uid": caller.uid,
            "email": caller.email,
            "username": inspected.account.username if inspected.account else None,
            "role": caller.role,
            "admin": caller.role == "admin",
            "exp": int(token.expires_at.timestamp()),
            "issuer": token.issuer,
            "claims": dict(token.claims),
        }
    )


async def get_me(call: Call[Services]) -> Response:
    """Show the caller's own account."""
    account = await current_account(call.services, call.caller)
    shown = user_json(
        account,
        call.services.policy.default_limits,
        email=call.caller.email or account.email,
        role=call.caller.role,
        disabled=account.disabled,
        created_at=account.created_at,
        uploading=await uploading_since(call.services, account),
    )
    return as_json({**shown, "mails": asdict(await mail_preferences(call.services, call.caller))})


async def _json_credentials(call: Call[Services]) -> tuple[str, str]:
    body = await call.json(missing="Credentials missing")
    for name in ("email", "username"):
        if body.get(name) is not None:
            return _text(body, name), _text(body, "password")
    raise InvalidRequest(
        "The e-mail address or user name is missing.",
        field="email",
        hint="Send 'email' or 'username', and 'password', as JSON or by HTTP Basic.",
    )


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"The {in_words(name)} is missing.", field=name, hint=f"Send '{name}' as text.")
    return value


def _note_address(call: Call[Services], identifier: str) -> None:
    """Note an e-mail address. Any other text may be a password in the wrong field, and must not get into logs."""
    with suppress(InvalidRequest):
        call.note(email=clean_email(identifier))


def _note_login(call: Call[Services], logged_in: LoggedIn) -> None:
    call.note(user_id=logged_in.caller.uid, email=logged_in.caller.email, role=logged_in.caller.role)


def _address(call: Call[Services]) -> str | None:
    return logged_client_address(call.request, proxies_in_front=call.services.account_policy.proxies_in_front)


def _wants_text(accept: str) -> bool:
    """Return whether a client accepts text/plain, but not JSON (RFC 9110, 12.5.1)."""
    asked = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return "text/plain" in asked and "application/json" not in asked


ROUTES: Routes[Services] = (
    Route("POST", "/register", post_register, action="user.registered", public=True, rate="own"),
    Route("POST", "/login", post_login, action="login", public=True, rate="own"),
    Route("POST", "/login/refresh", post_refresh, action="login.refreshed", public=True),
    Route("POST", "/validate", post_validate),
    Route("GET", "/me", get_me),
    *preference_routes.ROUTES,
    *admin_user_routes.ROUTES,
)
