"""Looks up users in Firebase Auth / Identity Platform over REST: without the SDK, and without the right to change anything.

The service account needs `firebaseauth.users.get`. See the Identity Toolkit REST reference, "projects.accounts.lookup".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.domain.errors import Unavailable
from reelgate.ports.accounts import User

TIMEOUT_SECONDS = 5.0
MAX_UID = 128
"""Firebase Auth docs, "Import users". A longer uid belongs to another issuer: it is a prefix and a subject."""


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
        return next((user for user in await self._users({"localId": [uid]}) if user.uid == uid), None)

    async def find(self, email: str) -> User | None:
        """See `UserLookup.find`."""
        address = email.lower()
        found = await self._users({"email": [address]})
        return next((user for user in found if user.email is not None and user.email.lower() == address), None)

    async def _users(self, wanted: dict[str, list[str]]) -> list[User]:
        try:
            status, content = await self._rest.post(self._path, wanted, seconds=TIMEOUT_SECONDS)
            if status != 200:
                raise NoAnswer(f"HTTP {status}")
            return [_user(record) for record in content.get("users", [])]
        except (NoAnswer, AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unavailable(
                "Signing in and accounts are not available at the moment. Try again.",
                hint="The directory of users cannot be reached.",
            ) from error

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._rest.close()


def _user(record: dict[str, Any]) -> User:
    claims = json.loads(record.get("customAttributes") or "{}")
    return User(
        uid=record["localId"],
        email=record.get("email"),
        email_verified=bool(record.get("emailVerified")),
        username=record.get("displayName"),
        role="admin" if claims.get("role") == "admin" else "user",
        disabled=bool(record.get("disabled")),
        created_at=datetime.fromtimestamp(int(record.get("createdAt", 0)) / 1000, UTC),
        valid_since=datetime.fromtimestamp(int(record.get("validSince", 0)), UTC),
    )
