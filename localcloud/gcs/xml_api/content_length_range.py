"""The x-goog-content-length-range header: how many bytes a signed PUT may send."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.gcs.errors import Refusal, StorageError

PATTERN = re.compile(r"^\s*(\d{1,18})\s*,\s*(\d{1,18})\s*$", re.ASCII)


@dataclass(frozen=True)
class LengthRange:
    """Smallest and largest body in bytes; None means no limit."""

    minimum: int = 0
    maximum: int | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "LengthRange":
        """Raises StorageError (400) if the header is set and not MIN,MAX."""
        text = headers.get("x-goog-content-length-range")
        if text is None:
            return cls()
        match = PATTERN.match(text)
        if match is None or int(match[1]) > int(match[2]):
            raise StorageError(Refusal.INVALID_ARGUMENT, f"Invalid x-goog-content-length-range: {text}")
        return cls(int(match[1]), int(match[2]))

    def admits(self, size: int) -> bool:
        """Whether a body of `size` bytes may be stored."""
        return size >= self.minimum and (self.maximum is None or size <= self.maximum)

    def check(self, size: int) -> None:
        """Raises StorageError: EntityTooSmall or EntityTooLarge."""
        if size < self.minimum:
            raise StorageError(Refusal.ENTITY_TOO_SMALL, f"{size} bytes, at least {self.minimum} are required.")
        if not self.admits(size):
            raise StorageError(Refusal.ENTITY_TOO_LARGE, f"{size} bytes, at most {self.maximum} are allowed.")
