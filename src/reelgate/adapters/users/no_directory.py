"""The directory of a deployment whose users all sign in elsewhere: it is empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from reelgate.domain.errors import InvalidCredentials, RegistrationClosed, Unauthorized, UserNotFound
from reelgate.ports.accounts import SignIn, User


class NoDirectory:
    """Implements `UserDirectory`. It calls no other service, so it is always available."""

    @property
    def issuer(self) -> str:
        """See `UserDirectory.issuer`: no token has this one."""
        return ""

    async def create(self, uid: str, *, email: str, password: str, username: str) -> None:
        """Raise RegistrationClosed."""
        raise RegistrationClosed("Accounts of this service are made elsewhere.")

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
        raise UserNotFound("The accounts of this service are kept elsewhere.")

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """Raise UserNotFound."""
        raise UserNotFound("The accounts of this service are kept elsewhere.")

    async def set_password(self, uid: str, password: str) -> None:
        """Raise UserNotFound."""
        raise UserNotFound("The accounts of this service are kept elsewhere.")

    async def end_sessions(self, uid: str) -> None:
        """Raise UserNotFound."""
        raise UserNotFound("The accounts of this service are kept elsewhere.")

    async def send_password_reset(self, email: str) -> None:
        """Do nothing: no address is known."""

    async def send_verification(self, id_token: str) -> None:
        """Raise Unauthorized: no token is the directory's."""
        raise Unauthorized("The accounts of this service are kept elsewhere.")

    async def sign_in(self, email: str, password: str) -> SignIn:
        """Raise InvalidCredentials."""
        raise InvalidCredentials(
            "You cannot sign in here with a password.",
            hint="The users of this service sign in elsewhere: send the token from there.",
        )

    async def refresh(self, refresh_token: str) -> SignIn:
        """Raise InvalidCredentials."""
        raise InvalidCredentials(
            "You cannot sign in here with a password.",
            hint="The users of this service sign in elsewhere: send the token from there.",
        )
