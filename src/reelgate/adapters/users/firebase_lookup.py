"""Who somebody is by now, asked of Firebase Auth / Identity Platform over REST: no SDK, and no right to change anything.

The service account needs `firebaseauth.users.get`. See the Identity Toolkit REST reference, "projects.accounts.lookup".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.rest import EMULATOR_TOKEN, GoogleRest, NoAnswer
from reelgate.domain.errors import Unavailable
from reelgate.ports import User

GOOGLE = "https://identitytoolkit.googleapis.com"
PARALLEL_CALLS = 4
"""Connections and threads at most: admins are few."""
TIMEOUT_SECONDS = 5.0
MAX_UID = 128
"""Firebase Auth docs, "Import users": what is longer is nobody's uid there, such as a foreign subject with its prefix."""


def connect(project: str, *, emulator: str | None = None, tokens: AccessTokens) -> FirebaseLookup:
    """Return the look-up in a project's users, or in those of the Auth emulator at `emulator` (host and port)."""
    if emulator:
        rest = GoogleRest(f"http://{emulator}", token=lambda: EMULATOR_TOKEN, parallel_calls=PARALLEL_CALLS, name="lookup")
        return FirebaseLookup(project, rest, prefix="/identitytoolkit.googleapis.com")
    rest = GoogleRest(GOOGLE, token=tokens.current, forget_token=tokens.forget, parallel_calls=PARALLEL_CALLS, name="lookup")
    return FirebaseLookup(project, rest)


class FirebaseLookup:
    """Implements `UserLookup`."""

    def __init__(self, project: str, rest: GoogleRest, *, prefix: str = "") -> None:
        self._issuer = f"https://securetoken.google.com/{project}"
        self._path = f"{prefix}/v1/projects/{project}/accounts:lookup"
        self._rest = rest

    @property
    def issuer(self) -> str:
        """See `UserLookup.issuer`."""
        return self._issuer

    async def get(self, uid: str) -> User | None:
        """See `UserLookup.get`."""
        if not 0 < len(uid) <= MAX_UID:
            return None
        try:
            status, content = await self._rest.post(self._path, {"localId": [uid]}, seconds=TIMEOUT_SECONDS)
            if status != 200:
                raise NoAnswer(f"HTTP {status}")
            found = [_user(record) for record in content.get("users", [])]
        except (NoAnswer, AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"The directory of users cannot be reached ({error}).") from error
        return next((user for user in found if user.uid == uid), None)

    def close(self) -> None:
        """Let go of threads and connections."""
        self._rest.close()


def _user(record: dict[str, Any]) -> User:
    claims = json.loads(record.get("customAttributes") or "{}")
    return User(
        uid=record["localId"],
        email=record.get("email"),
        username=record.get("displayName"),
        role="admin" if claims.get("role") == "admin" else "user",
        disabled=bool(record.get("disabled")),
        created_at=datetime.fromtimestamp(int(record.get("createdAt", 0)) / 1000, UTC),
        valid_since=datetime.fromtimestamp(int(record.get("validSince", 0)), UTC),
    )
