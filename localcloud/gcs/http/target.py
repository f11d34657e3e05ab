"""The raw request target, split without decoding, because signatures cover the raw form."""

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, unquote_plus

from localcloud.gcs.errors import Refusal, StorageError

ABSOLUTE_FORM = re.compile(r"^https?://[^/?]*", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """A request target such as `/bucket/a%20b?alt=media`, split but not decoded."""

    raw_path: str
    raw_query: str

    @classmethod
    def parse(cls, raw: str) -> "Target":
        """Split the request line's target; scheme and host of a proxy's absolute form are removed."""
        path, _, query = ABSOLUTE_FORM.sub("", raw, count=1).partition("?")
        return cls(raw_path=path or "/", raw_query=query)

    @cached_property
    def raw_pairs(self) -> list[tuple[str, str]]:
        """Query parameters in their order, name and value still percent-encoded."""
        parts = [part.partition("=") for part in self.raw_query.split("&") if part]
        return [(name, value) for name, _, value in parts]

    @cached_property
    def query(self) -> dict[str, str]:
        """Decoded query parameters; the last of a repeated name wins."""
        return {unquote_plus(name): unquote_plus(value) for name, value in self.raw_pairs}

    def all(self, name: str) -> list[str]:
        """Every decoded value of a parameter that may be repeated."""
        return [unquote_plus(value) for key, value in self.raw_pairs if unquote_plus(key) == name]


def decode(segment: str) -> str:
    """Return a percent-decoded piece of the path. Raises StorageError (400) if it is not UTF-8."""
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, "The name is not valid UTF-8.") from error
