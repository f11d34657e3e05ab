"""What one deployment allows: the settings that are rules of the product, not of its machinery."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reelgate.domain.account import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules of this deployment. Limits hold for accounts that have none of their own.

    `content_types` are media types or `type/*`; `form_upload_max_bytes` bounds a file sent through the function.
    """

    default_limits: Limits
    zone: ZoneInfo
    max_file_bytes: int
    form_upload_max_bytes: int
    content_types: tuple[str, ...]
    upload_roles: frozenset[str]
    upload_url_seconds: int
    upload_expiry_seconds: int
    stream_url_seconds: int
    trash_days: int
    max_open_uploads: int

    def takes(self, content_type: str) -> bool:
        """Return whether this deployment stores the (cleaned) media type."""
        family = content_type.partition("/")[0] + "/*"
        return content_type in self.content_types or family in self.content_types
