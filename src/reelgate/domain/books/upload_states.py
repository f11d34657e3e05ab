"""The states of an upload, and the reasons for which it was released."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from reelgate.domain.value_types import positional_value_type


class UploadState(StrEnum):
    """An upload is open until its object arrives (`ready`) or it is released (the other states)."""

    OPEN = "open"
    READY = "ready"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@positional_value_type
class ReleaseReason:
    """Why an upload was released. `problem` says what is wrong with its object, if that was rejected.

    As text, in ledger entries and answers, it is `cancelled`, `expired` or `rejected: PROBLEM`.
    """

    state: UploadState
    problem: str | None = None

    @classmethod
    def cancelled(cls) -> Self:
        """The owner cancelled the upload."""
        return cls(UploadState.CANCELLED)

    @classmethod
    def expired(cls) -> Self:
        """The upload was still open after its expiry, and the bucket had no object for it."""
        return cls(UploadState.EXPIRED)

    @classmethod
    def rejected(cls, problem: str) -> Self:
        """The object is not what was granted."""
        return cls(UploadState.REJECTED, problem)

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Return the reason that a ledger entry holds as text. Any other text means `cancelled`."""
        state, _, problem = (text or "").partition(": ")
        if state == UploadState.REJECTED:
            return cls.rejected(problem)
        return cls.expired() if text == UploadState.EXPIRED else cls.cancelled()

    def __str__(self) -> str:
        return self.state if self.problem is None else f"{self.state}: {self.problem}"
