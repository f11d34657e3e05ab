"""The directory of a deployment whose users all sign in elsewhere: it is empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from reelgate.domain.errors import InvalidCredentials, RegistrationClosed, UserNotFound
from reelgate.ports.accounts import SignIn, User


class NoDirectory:
    """Implements `UserDirectory`. It calls no other service, so it is always available."""

    @property
    def issuer(self) -> str:
        """See `UserDirectory.issuer`: no token has this one."""
        return ""

    async def create(self, uid: str, *, email: str, password: str, username: str) -> None:
        """Raise RegistrationClosed."""
        raise RegistrationClosed("The users of this service sign in elsewhere.")

    async def remove(self, uid: str) -> None:
        """See `UserDirectory.remove`."""

    async def get(self, uid: str) -> User | None:
        """Return None."""
        return None

    async def get_many(self, uids: Collection[str]) -> Mapping[str, User]:
        """Return no users."""
        return {}

    async def find(self, email: str) -> User | None:
        """Return None."""
        return None

    async def set_role(self, uid: str, role: str) -> None:
        """Raise UserNotFound."""
        raise UserNotFound("The users of this service sign in elsewhere.")

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """Raise UserNotFound."""
        raise UserNotFound("The users of this service sign in elsewhere.")

    async def sign_in(self, email: str, password: str) -> SignIn:
        """Raise InvalidCredentials."""
        raise InvalidCredentials("The users of this service sign in elsewhere; send the token that you get there.")

    async def refresh(self, refresh_token: str) -> SignIn:
        """Raise InvalidCredentials."""
        raise InvalidCredentials("The users of this service sign in elsewhere; send the token that you get there.")
