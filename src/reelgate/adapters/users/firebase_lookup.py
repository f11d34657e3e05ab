"""Looks up users in Firebase Auth / Identity Platform over REST: without the SDK, and without the right to change anything.

The service account needs `firebaseauth.users.get`. See the Identity Toolkit REST reference, "projects.accounts.lookup".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.rest import EMULATOR_TOKEN, Connections, GoogleRest, NoAnswer
from reelgate.domain.errors import Unavailable
from reelgate.ports import User

GOOGLE = "https://identitytoolkit.googleapis.com"
PARALLEL_CALLS = 4
"""Connections and threads at most. Four are enough, because there are few admins."""
TIMEOUT_SECONDS = 5.0
MAX_UID = 128
"""Firebase Auth docs, "Import users". A longer uid belongs to another issuer: it is a prefix and a subject."""


def connect(
    project: str, *, emulator: str | None = None, tokens: AccessTokens, connections: Connections | None = None
) -> FirebaseLookup:
    """Return the look-up of a project's users, or of the users in the Auth emulator at `emulator` (host and port)."""
    if emulator:
        endpoint, token, forget = f"http://{emulator}/identitytoolkit.googleapis.com", lambda: EMULATOR_TOKEN, lambda _: None
    else:
        endpoint, token, forget = GOOGLE, tokens.current, tokens.forget
    rest = GoogleRest(
        endpoint, token=token, forget_token=forget, parallel_calls=PARALLEL_CALLS, name="lookup", connections=connections
    )
    return FirebaseLookup(project, rest)


class FirebaseLookup:
    """Implements `UserLookup`."""

    def __init__(self, project: str, rest: GoogleRest) -> None:
        self._issuer = f"https://securetoken.google.com/{project}"
        self._path = f"/v1/projects/{project}/accounts:lookup"
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
        """End the threads, after the calls under way have finished."""
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
