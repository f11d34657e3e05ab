"""The directory of users in Firebase Auth / Identity Platform: firebase-admin for users, REST for sign-ins.

The service account needs roles/firebaseauth.admin.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import firebase_admin
from firebase_admin import auth
from firebase_admin.exceptions import FirebaseError, InvalidArgumentError
from google.auth.exceptions import GoogleAuthError

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.users.firebase_rest import code_of
from reelgate.adapters.users.firebase_sign_in import TIMEOUT_SECONDS, FirebaseSignIn
from reelgate.domain.accounts.credentials import MIN_PASSWORD_CHARACTERS
from reelgate.domain.errors import EmailTaken, InvalidRequest, Unavailable, UserNotFound, WeakPassword
from reelgate.ports.accounts import SignIn, User

BATCH = 100
"""How many users one look-up accepts (Firebase docs, "Bulk retrieve user data")."""

PARALLEL_CALLS = 16
"""Threads of the SDK at most."""

ROLE_CLAIM = "role"
WEAK = frozenset({"WEAK_PASSWORD", "PASSWORD_DOES_NOT_MEET_REQUIREMENTS"})
"""The codes for a password that is too short for any project, or that violates the project's own policy."""

_log = logging.getLogger(__name__)


def connect(
    project: str, *, api_key: str, emulator: str | None = None, connections: Connections | None = None
) -> FirebaseDirectory:
    """Return the directory of a project; nothing is fetched yet.

    Args:
        api_key: the project's web API key.
        emulator: host and port of the Auth emulator, which the Admin SDK finds by FIREBASE_AUTH_EMULATOR_HOST itself.
    """
    # Each application has a unique name, because the SDK keeps them for the whole process.
    options = {"projectId": project, "httpTimeout": TIMEOUT_SECONDS}
    app = firebase_admin.initialize_app(options=options, name=f"reelgate-{uuid.uuid4().hex}")
    return FirebaseDirectory(
        project, auth.Client(app), FirebaseSignIn(api_key=api_key, emulator=emulator, connections=connections)
    )


class FirebaseDirectory:
    """Implements `UserDirectory`."""

    def __init__(self, project: str, users: auth.Client, sign_in: FirebaseSignIn) -> None:
        self._issuer = f"https://securetoken.google.com/{project}"
        self._users = users
        self._sign_in = sign_in
        self._threads = ThreadPoolExecutor(PARALLEL_CALLS, thread_name_prefix="directory")

    @property
    def issuer(self) -> str:
        """See `UserDirectory.issuer`."""
        return self._issuer

    async def create(self, uid: str, *, email: str, password: str, username: str) -> None:
        """See `UserDirectory.create`."""

        if len(password) < MIN_PASSWORD_CHARACTERS:
            raise _weak_password()

        def work() -> None:
            try:
                self._users.create_user(uid=uid, email=email, password=password, display_name=username)
            except (auth.EmailAlreadyExistsError, auth.UidAlreadyExistsError):
                raise EmailTaken("This e-mail address is registered already. Sign in, or use another one.") from None
            except ValueError:  # the SDK's own checks
                raise _bad_address() from None
            except InvalidArgumentError as error:
                raise _refused(error) from None

        await self._run(work)

    async def remove(self, uid: str) -> None:
        """See `UserDirectory.remove`."""

        def work() -> None:
            try:
                self._users.delete_user(uid)
            except auth.UserNotFoundError:
                return

        await self._run(work)

    async def get(self, uid: str) -> User | None:
        """See `UserDirectory.get`."""
        return (await self.get_many([uid])).get(uid)

    async def get_many(self, uids: Collection[str]) -> Mapping[str, User]:
        """See `UserDirectory.get_many`."""
        # The SDK refuses uids of other lengths, which other issuers may use.
        accepted = [uid for uid in dict.fromkeys(uids) if 0 < len(uid) <= 128]
        batches = [accepted[start : start + BATCH] for start in range(0, len(accepted), BATCH)]
        found = await asyncio.gather(*(self._run(partial(self._look_up, batch)) for batch in batches))
        return {user.uid: user for users in found for user in users}

    async def find(self, email: str) -> User | None:
        """See `UserDirectory.find`."""

        def work() -> User | None:
            try:
                return _user(self._users.get_user_by_email(email))
            except (auth.UserNotFoundError, ValueError):
                return None

        return await self._run(work)

    async def set_role(self, uid: str, role: str) -> None:
        """See `UserDirectory.set_role`. Other custom claims of the user stay."""

        def work() -> None:
            claims = dict(self._users.get_user(uid).custom_claims or {})
            claims.pop(ROLE_CLAIM, None)
            if role != "user":
                claims[ROLE_CLAIM] = role
            self._users.set_custom_user_claims(uid, claims)

        await self._run(work)

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """See `UserDirectory.set_disabled`."""

        def work() -> None:
            self._users.update_user(uid, disabled=disabled)
            if disabled:
                self._users.revoke_refresh_tokens(uid)

        await self._run(work)

    async def set_password(self, uid: str, password: str) -> None:
        """See `UserDirectory.set_password`. Firebase revokes the refresh tokens by itself (docs, "Manage user sessions")."""

        if len(password) < MIN_PASSWORD_CHARACTERS:
            raise _weak_password()

        def work() -> None:
            try:
                self._users.update_user(uid, password=password)
            except InvalidArgumentError as error:
                raise _refused(error) from None

        await self._run(work)

    async def end_sessions(self, uid: str) -> None:
        """See `UserDirectory.end_sessions`."""
        await self._run(partial(self._users.revoke_refresh_tokens, uid))

    async def send_password_reset(self, email: str) -> None:
        """See `UserDirectory.send_password_reset`."""
        await self._sign_in.send_password_reset(email)

    async def send_verification(self, id_token: str) -> None:
        """See `UserDirectory.send_verification`."""
        await self._sign_in.send_verification(id_token)

    async def sign_in(self, email: str, password: str) -> SignIn:
        """See `UserDirectory.sign_in`."""
        return await self._sign_in.sign_in(email, password)

    async def refresh(self, refresh_token: str) -> SignIn:
        """See `UserDirectory.refresh`."""
        return await self._sign_in.refresh(refresh_token)

    def close(self) -> None:
        """End the threads, after the calls under way have finished, and close own connections."""
        self._threads.shutdown()
        self._sign_in.close()

    def _look_up(self, uids: Collection[str]) -> list[User]:
        return [_user(record) for record in self._users.get_users([auth.UidIdentifier(uid) for uid in uids]).users]

    async def _run[T](self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread and translate the SDK's errors, whose texts may quote the request."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except auth.UserNotFoundError:
            raise UserNotFound("There is no such user.") from None
        except (FirebaseError, GoogleAuthError) as error:
            raise Unavailable(
                "Signing in and accounts are not available at the moment. Try again.",
                hint=f"The directory of users cannot be reached ({type(error).__name__}).",
            ) from None


def _refused(error: InvalidArgumentError) -> InvalidRequest | Unavailable:
    """Return the error for a refusal of Firebase Auth, by its code: the SDK has no error types for these, and texts change.

    The error names the field, and never quotes the text. A refusal that concerns neither the password nor the address is a
    fault of the deployment.
    """
    code = _code_of(error)
    if code in WEAK:
        return _weak_password()
    if code == "INVALID_EMAIL":
        return _bad_address()
    _log.error("the directory of users refused an address or a password: %s (are passwords enabled?)", code)
    return Unavailable("Registrations and passwords cannot be changed at the moment.")


def _code_of(error: InvalidArgumentError) -> str:
    try:
        return code_of(error.http_response.json()) or "(no code)"
    except (AttributeError, ValueError):
        return "(no code)"


def _weak_password() -> WeakPassword:
    return WeakPassword("This password is too easy to guess. Choose a longer one.", field="password")


def _bad_address() -> InvalidRequest:
    return InvalidRequest("This e-mail address is not accepted.", field="email")


def _user(record: Any) -> User:
    claims = record.custom_claims or {}
    return User(
        uid=record.uid,
        email=record.email,
        email_verified=record.email_verified,
        username=record.display_name,
        role="admin" if claims.get(ROLE_CLAIM) == "admin" else "user",
        disabled=record.disabled,
        created_at=_instant(record.user_metadata.creation_timestamp),
        valid_since=_instant(record.tokens_valid_after_timestamp),
    )


def _instant(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
