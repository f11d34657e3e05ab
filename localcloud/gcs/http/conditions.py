"""Conditional requests: If-Match, If-None-Match, If-(Un)Modified-Since and If-Range.

Sources: RFC 9110, section 13; Cloud Storage documentation, "Request preconditions". Cloud Storage's JSON API writes its
entity tags without quotes, so quotes are no part of the comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from localcloud.gcs.errors import NotModifiedError, Refusal, StorageError

ENTITY_TAG_HEADERS = ("If-Match", "If-None-Match")


@dataclass(frozen=True)
class Representation:
    """The state of a resource that conditions are checked against.

    Args:
        etag: the value of the ETag header.
        modified: the moment of Last-Modified, None where the answer has no such header.
    """

    etag: str
    modified: datetime | None = None

    def check_read(self, headers: Mapping[str, str]) -> None:
        """Raises StorageError (412) or NotModifiedError (304), in the order of RFC 9110, section 13.2.2."""
        self._check_match(headers)
        if "If-Match" not in headers:
            unchanged_since = self._date(headers, "If-Unmodified-Since")
            if unchanged_since is not None and self._modified_after(unchanged_since):
                raise StorageError(Refusal.PRECONDITION_FAILED)
        if "If-None-Match" in headers:
            if self._listed(headers["If-None-Match"]):
                raise NotModifiedError({"ETag": self.etag})
            return
        known_since = self._date(headers, "If-Modified-Since")
        if known_since is not None and not self._modified_after(known_since):
            raise NotModifiedError({"ETag": self.etag})

    def check_write(self, headers: Mapping[str, str]) -> None:
        """Raises StorageError (412) if the resource is not, or is, the one that the entity tags name."""
        self._check_match(headers)
        if "If-None-Match" in headers and self._listed(headers["If-None-Match"]):
            raise StorageError(Refusal.PRECONDITION_FAILED)

    def allows_range(self, headers: Mapping[str, str]) -> bool:
        """Whether to apply Range: always without If-Range, else only if the bytes are unchanged."""
        condition = headers.get("If-Range")
        if condition is None:
            return True
        moment = _http_date(condition)
        if moment is not None:
            return self.modified is not None and moment == self.modified.replace(microsecond=0)
        return not condition.strip().startswith("W/") and _bare(condition) == _bare(self.etag)

    def _check_match(self, headers: Mapping[str, str]) -> None:
        if "If-Match" in headers and not self._listed(headers["If-Match"]):
            raise StorageError(Refusal.PRECONDITION_FAILED)

    def _listed(self, header: str) -> bool:
        return header.strip() == "*" or _bare(self.etag) in {_bare(tag) for tag in header.split(",")}

    def _date(self, headers: Mapping[str, str], name: str) -> datetime | None:
        return None if self.modified is None else _http_date(headers.get(name, ""))

    def _modified_after(self, moment: datetime) -> bool:
        # Last-Modified has whole seconds, and so do the dates that clients send back.
        return self.modified is not None and self.modified.replace(microsecond=0) > moment


def refuse_entity_tags(headers: Mapping[str, str]) -> None:
    """Raises StorageError (501) for conditions on writes that Cloud Storage judges by generation only."""
    for name in ENTITY_TAG_HEADERS:
        if name in headers:
            raise StorageError(
                Refusal.NOT_IMPLEMENTED, f"{name} is not offered on this request; use the generation preconditions instead."
            )


def _http_date(text: str) -> datetime | None:
    """Return the time, None for an invalid date: such a condition is ignored (RFC 9110, section 13.1.3)."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')
