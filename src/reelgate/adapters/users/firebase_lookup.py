"""Looks up users in Firebase Auth / Identity Platform over REST: without the SDK, and without the right to change anything.

The service account needs `firebaseauth.users.get`. See the Identity Toolkit REST reference, "projects.accounts.lookup".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest, emulator_token
from reelgate.domain.errors import Unavailable
from reelgate.ports.accounts import User

GOOGLE = "https://identitytoolkit.googleapis.com"
TIMEOUT_SECONDS = 5.0
MAX_UID = 128
"""Firebase Auth docs, "Import users". A longer uid belongs to another issuer: it is a prefix and a subject."""


def connect(
    project: str, *, emulator: str | None = None, tokens: AccessTokens, connections: Connections | None = None
) -> FirebaseLookup:
    """Return the look-up of a project's users, or of the users in the Auth emulator at `emulator` (host and port)."""
    if emulator:
        rest = GoogleRest(f"http://{emulator}/identitytoolkit.googleapis.com", token=emulator_token, connections=connections)
    else:
        rest = GoogleRest(GOOGLE, token=tokens.current, forget_token=tokens.forget, connections=connections)
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
        """Close own connections; calls under way fail."""
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
