"""Registering, logging in and passwords, as version 1 of the API takes and gives them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from reelgate.web.http.shapes import Instant
from reelgate.web.v1.accounts.user_shapes import User

Email = Annotated[str, Meta(max_length=320, description="An e-mail address.", examples=["ada@example.org"])]
Password = Annotated[str, Meta(min_length=1, max_length=4096, examples=["correct horse battery"])]


class Registration(Struct, kw_only=True, forbid_unknown_fields=True):
    """A new user."""

    email: Email
    username: Annotated[str, Meta(max_length=400, description="2 to 40 letters or digits, which others see.", examples=["Ada"])]
    password: Annotated[Password, Meta(description="At least 8 characters, unless the deployment says otherwise.")]


class Login(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who logs in: either `email` or `username`."""

    password: Password
    email: Email | None = None
    username: Annotated[str, Meta(max_length=400, examples=["Ada"])] | None = None


class Refresh(Struct, kw_only=True, forbid_unknown_fields=True):
    """A session to continue."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=8192, description="As the login returned it.")]


class Tokens(Struct, kw_only=True):
    """A session: the token to send with every request, and the one with which to get another when it has expired."""

    token: Annotated[str, Meta(description="Send it as `Authorization: Bearer TOKEN`.")]
    refresh_token: Annotated[str, Meta(description="Keep it secret; it does not expire by itself.")]
    expires_at: Annotated[Instant, Meta(description="When `token` expires, after an hour.")]
    user: User


class PasswordReset(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose password to reset."""

    email: Email


class NewPassword(Struct, kw_only=True, forbid_unknown_fields=True):
    """A password to set."""

    current_password: Password
    new_password: Password
