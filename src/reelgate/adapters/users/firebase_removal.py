"""Removes users from Firebase Auth / Identity Platform over REST, for functions that have no other right to change users.

The service account needs `firebaseauth.users.delete`. See the Identity Toolkit REST reference, "projects.accounts.delete".
"""

from __future__ import annotations

from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.users.firebase_lookup import MAX_UID, TIMEOUT_SECONDS
from reelgate.adapters.users.firebase_rest import code_of
from reelgate.domain.errors import Unavailable


class FirebaseRemoval:
    """Implements `UserRemoval`."""

    def __init__(self, project: str, rest: GoogleRest) -> None:
        self._path = f"/v1/projects/{project}/accounts:delete"
        self._rest = rest

    async def remove(self, uid: str) -> None:
        """See `UserRemoval.remove`."""
        if not 0 < len(uid) <= MAX_UID:  # of another issuer
            return
        try:
            status, content = await self._rest.post(self._path, {"localId": uid}, seconds=TIMEOUT_SECONDS)
        except NoAnswer as error:
            raise _not_removed(f"The directory of users cannot be reached ({error}).") from error
        if status != 200 and code_of(content) != "USER_NOT_FOUND":
            raise _not_removed(f"The directory of users answered HTTP {status}.")

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._rest.close()


def _not_removed(hint: str) -> Unavailable:
    return Unavailable("The account is not deleted completely yet. Try again.", hint=hint)
