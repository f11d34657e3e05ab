"""Signing in, and one's own account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reelgate_client.aio.api import AsyncApi
from reelgate_client.core.calls import Call, given
from reelgate_client.core.credentials import Session
from reelgate_client.models import ApiKeyList, CreatedApiKey, DeletionUnderWay, Me, Tokens, User, UserExport
from reelgate_client.models.decode import decode


class AsyncAuthApi:
    """Signing in and out. A session is kept in the client's store, and refreshed when needed."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api

    @property
    def session(self) -> Session | None:
        """The present session; None with an API key or a token, or when signed out."""
        return self._api.credentials.session

    async def register(self, email: str, password: str, username: str) -> User:
        """Create an account. It does not sign in."""
        body = {"email": email, "password": password, "username": username}
        return await self._api.fetch(
            User, Call(method="POST", path="/v1/auth/register", body=body, public=True, repeatable=True)
        )

    async def sign_in(self, password: str, *, email: str | None = None, username: str | None = None) -> Tokens:
        """Sign in with an address or a user name.

        Raises:
            NotSignedIn: they do not belong together (`invalid_credentials`).
            LimitReached: too many attempts.
        """
        body = {"password": password, **given(email=email, username=username)}
        tokens = await self._api.fetch(Tokens, Call(method="POST", path="/v1/auth/login", body=body, public=True))
        self._api.credentials.begin(Session.of(tokens))
        return tokens

    async def refresh(self, refresh_token: str | None = None) -> Tokens:
        """Get a new token now, of this session or of a refresh token from elsewhere. Calls do so by themselves."""
        token = refresh_token or self._api.credentials.require_session().refresh_token
        call = Call(method="POST", path="/v1/auth/refresh", body={"refresh_token": token}, public=True, repeatable=True)
        tokens = await self._api.fetch(Tokens, call)
        self._api.credentials.begin(Session.of(tokens))
        return tokens

    def sign_out(self) -> None:
        """Forget the session on this machine. `me.sign_out_everywhere` ends it on all."""
        self._api.credentials.end()

    async def reset_password(self, email: str) -> None:
        """Have a mail sent with which a forgotten password can be replaced, if the address is registered."""
        await self._api.send(Call(method="POST", path="/v1/auth/password-reset", body={"email": email}, public=True))


class AsyncMeApi:
    """The account that is signed in."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api
        self.api_keys = AsyncApiKeysApi(api)

    async def get(self) -> Me:
        """Show it."""
        return await self._api.fetch(Me, Call(method="GET", path="/v1/me"))

    async def set_mails(self, *, alerts: bool | None = None, audio: bool | None = None) -> Me:
        """Choose which mails to get."""
        body = {"mails": given(alerts=alerts, audio=audio)}
        return await self._api.fetch(Me, Call(method="PATCH", path="/v1/me", body=body, repeatable=True))

    async def delete(self) -> DeletionUnderWay | None:
        """Delete the account with everything in it. Needs a sign-in of the last five minutes. None when it is done."""
        response = await self._api.send(Call(method="DELETE", path="/v1/me"))
        return None if response.status_code == 204 else decode(DeletionUnderWay, response.json())

    async def export(self, *, limit: int | None = None, cursor: str | None = None) -> UserExport:
        """Return a page of everything that is stored about the account."""
        query = {"limit": limit, "cursor": cursor}
        return await self._api.fetch(UserExport, Call(method="GET", path="/v1/me/export", query=query))

    async def set_password(self, current_password: str, new_password: str) -> None:
        """Choose another password. All refresh tokens are revoked: sign in again."""
        body = {"current_password": current_password, "new_password": new_password}
        await self._api.send(Call(method="PUT", path="/v1/me/password", body=body))

    async def verify_email(self) -> None:
        """Have a mail sent with which the address is verified."""
        await self._api.send(Call(method="POST", path="/v1/me/verify-email"))

    async def sign_out_everywhere(self) -> None:
        """Revoke all refresh tokens. Tokens that were given out before work for up to an hour more."""
        await self._api.send(Call(method="DELETE", path="/v1/me/sessions"))


class AsyncApiKeysApi:
    """API keys of the account, for machines."""

    def __init__(self, api: AsyncApi) -> None:
        self._api = api

    async def list(self) -> ApiKeyList:
        """List them, without their secrets."""
        return await self._api.fetch(ApiKeyList, Call(method="GET", path="/v1/me/api-keys"))

    async def create(self, label: str, scopes: Sequence[str], *, expires_at: datetime | None = None) -> CreatedApiKey:
        """Make a key. The answer is the only place where it is shown. Scopes are `read` and `write`."""
        body = {"label": label, "scopes": list(scopes), **given(expires_at=expires_at)}
        return await self._api.fetch(CreatedApiKey, Call(method="POST", path="/v1/me/api-keys", body=body))

    async def revoke(self, key_id: str) -> None:
        """End a key; it may work for a minute more."""
        await self._api.send(Call(method="DELETE", path="/v1/me/api-keys/{key_id}", variables={"key_id": key_id}))
