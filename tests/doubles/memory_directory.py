"""The directory of users in memory, for tests: the same answers as Firebase Auth under the same contract."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from reelgate.adapters.users.firebase_sign_in import ended_sign_in
from reelgate.domain.accounts.credentials import wrong_credentials
from reelgate.domain.errors import EmailTaken, Unauthorized, Unavailable, UserNotFound, WeakPassword
from reelgate.ports.accounts import SignIn, User

Hook = Callable[[str], None]
ISSUER = "https://securetoken.google.com/memory"
TOKEN_SECONDS = 3600


class MemoryDirectory:
    """Implements `UserDirectory`.

    `issue` makes the ID token of a user. `before` and `after` are called with the name of every method that changes or proves
    something; what they raise happens to the call: before it, nothing was done; after it, the answer was lost. Set
    `unavailable` to have every call fail. `sign_ins` lists the addresses of all attempts to sign in, `asked_to_reset` those
    whose password was to be reset; `mails` are the addresses and kinds of the mails that were sent.
    """

    issuer = ISSUER

    def __init__(self, *, issue: Callable[[User], str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._issue = issue
        self._clock = clock
        self._users: dict[str, User] = {}
        self._passwords: dict[str, str] = {}
        self._refresh_tokens: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self.before: Hook = _nothing
        self.after: Hook = _nothing
        self.unavailable = False
        self.sign_ins: list[str] = []
        self.asked_to_reset: list[str] = []
        self.mails: list[tuple[str, str]] = []

    async def create(self, uid: str, *, email: str, password: str, username: str) -> None:
        """See `UserDirectory.create`."""
        self._reach("create")
        if uid in self._users or await self.find(email):
            raise EmailTaken("Log in, or register with another e-mail address.")
        if len(password) < 6:
            raise WeakPassword("Choose a longer one.", field="password")
        now = self._clock()
        self._users[uid] = User(
            uid=uid,
            email=email.lower(),
            email_verified=False,
            username=username,
            role="user",
            disabled=False,
            created_at=now,
            valid_since=now,
        )
        self._passwords[uid] = password
        self.after("create")

    async def remove(self, uid: str) -> None:
        """See `UserDirectory.remove`."""
        self._reach("remove")
        self._users.pop(uid, None)
        self._end_sign_ins(uid)
        self.after("remove")

    async def get(self, uid: str) -> User | None:
        """See `UserDirectory.get`."""
        self._reach("get")
        return self._users.get(uid)

    async def get_many(self, uids: Collection[str]) -> Mapping[str, User]:
        """See `UserDirectory.get_many`."""
        self._reach("get_many")
        return {uid: self._users[uid] for uid in uids if uid in self._users}

    async def find(self, email: str) -> User | None:
        """See `UserDirectory.find`."""
        self._reach("find")
        return next((user for user in self._users.values() if user.email == email.lower()), None)

    async def set_role(self, uid: str, role: str) -> None:
        """See `UserDirectory.set_role`."""
        self._reach("set_role")
        self._users[uid] = replace(self._known(uid), role=role)
        self.after("set_role")

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """See `UserDirectory.set_disabled`."""
        self._reach("set_disabled")
        self._users[uid] = replace(self._known(uid), disabled=disabled)
        if disabled:
            self._revoke(uid)
        self.after("set_disabled")

    async def set_password(self, uid: str, password: str) -> None:
        """See `UserDirectory.set_password`."""
        self._reach("set_password")
        self._known(uid)
        if len(password) < 6:
            raise WeakPassword("Choose a longer one.", field="password")
        self._passwords[uid] = password
        self._revoke(uid)
        self.after("set_password")

    async def end_sessions(self, uid: str) -> None:
        """See `UserDirectory.end_sessions`."""
        self._reach("end_sessions")
        self._revoke(uid)
        self.after("end_sessions")

    async def send_password_reset(self, email: str) -> None:
        """See `UserDirectory.send_password_reset`."""
        self._reach("send_password_reset")
        self.asked_to_reset.append(email)
        if await self.find(email):
            self.mails.append((email, "PASSWORD_RESET"))
        self.after("send_password_reset")

    async def send_verification(self, id_token: str) -> None:
        """See `UserDirectory.send_verification`. Knows tokens by their users' ids."""
        self._reach("send_verification")
        user = next((user for user in self._users.values() if user.uid in id_token), None)
        if user is None or user.email is None:
            raise Unauthorized("The token has been revoked. Log in again.")
        self.mails.append((user.email, "VERIFY_EMAIL"))
        self.after("send_verification")

    async def sign_in(self, email: str, password: str) -> SignIn:
        """See `UserDirectory.sign_in`."""
        self._reach("sign_in")
        self.sign_ins.append(email)
        user = await self.find(email)
        if user is None or user.disabled or self._passwords[user.uid] != password:
            raise wrong_credentials()
        return self._tokens(user)

    async def refresh(self, refresh_token: str) -> SignIn:
        """See `UserDirectory.refresh`."""
        self._reach("refresh")
        user = self._users.get(self._refresh_tokens.get(refresh_token, ""))
        if user is None or user.disabled:
            raise ended_sign_in()
        return self._tokens(user)

    def verify(self, uid: str) -> None:
        """Let a user follow the link in the mail."""
        self._users[uid] = replace(self._known(uid), email_verified=True)

    def _tokens(self, user: User) -> SignIn:
        refresh_token = f"refresh-{next(self._numbers)}"
        self._refresh_tokens[refresh_token] = user.uid
        return SignIn(
            uid=user.uid,
            id_token=self._issue(user),
            refresh_token=refresh_token,
            expires_in=TOKEN_SECONDS,
        )

    def _known(self, uid: str) -> User:
        if uid not in self._users:
            raise UserNotFound("The directory has no such user.")
        return self._users[uid]

    def _revoke(self, uid: str) -> None:
        self._users[uid] = replace(self._known(uid), valid_since=self._clock())
        self._end_sign_ins(uid)

    def _end_sign_ins(self, uid: str) -> None:
        self._refresh_tokens = {token: owner for token, owner in self._refresh_tokens.items() if owner != uid}

    def _reach(self, method: str) -> None:
        if self.unavailable:
            raise Unavailable("The directory of users cannot be reached.")
        self.before(method)


def _nothing(_: str) -> None:
    """The hook that does not interfere."""
