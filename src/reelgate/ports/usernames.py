"""Which account has which user name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A user name that an account has, or that a registration wants for the uid that it is about to create.

    Attributes:
        claimant: stands for the e-mail address that claimed it, so that a registration can be taken up again.
        confirmed: the account is there, and the name is its own for good.
    """

    username: str
    uid: str
    claimant: str
    claimed_at: datetime
    confirmed: bool = False


class Usernames(Protocol):
    """User names, compared without regard to case and form (`credentials.username_key`). Methods raise Unavailable."""

    def claimant(self, email: str) -> str:
        """Return what stands for an e-mail address in claims: not the address, and the same for the same."""

    async def find(self, username: str) -> Claim | None:
        """Return the claim to a name, or None for a free one."""

    async def claim(self, claim: Claim, *, instead_of: Claim | None = None) -> bool:
        """Claim a free name, or one that is still as `instead_of` says. False, and nothing is changed, if it is not."""

    async def confirm(self, claim: Claim) -> bool:
        """Make the claim final. False if the name is not that uid's any more."""

    async def release(self, claim: Claim) -> None:
        """Give the name back, if that uid still claims it and has not been confirmed."""
