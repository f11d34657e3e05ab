"""What one deployment allows: the settings that are rules of the product, not of its machinery."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reelgate.domain.books.account import Limits
from reelgate.domain.media.media_types import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules of this deployment. Limits hold for accounts that have none of their own.

    `content_types` are media types or `type/*` (all of that kind that are known), `chunked_content_types` what may come in
    chunks; `form_upload_max_bytes` bounds a file, or one chunk of it, that is sent through the function.
    """

    default_limits: Limits
    zone: ZoneInfo
    max_file_bytes: int
    form_upload_max_bytes: int
    content_types: tuple[str, ...]
    chunked_content_types: tuple[str, ...]
    upload_roles: frozenset[str]
    upload_url_seconds: int
    upload_expiry_seconds: int
    stream_url_seconds: int
    trash_days: int
    max_open_uploads: int

    def types_for(self, *, chunked: bool) -> tuple[str, ...]:
        """Return the media types that are stored, as they come."""
        return self.chunked_content_types if chunked else self.content_types

    def takes(self, content_type: str, *, chunked: bool = False) -> bool:
        """Return whether this deployment stores the (cleaned) media type, by whichever of its names.

        `type/*` stands for those that are known to be sound or video. Any other type has to be named by itself.
        """
        listed, known = self.types_for(chunked=chunked), canonical(content_type)
        if known is None:
            return content_type in listed
        family = content_type.partition("/")[0] + "/*"
        return family in listed or known in {canonical(one) for one in listed}
