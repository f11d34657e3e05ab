"""The Content-Range header of resumable uploads.

Source: Cloud Storage documentation, "Perform resumable uploads".
"""

import re
from dataclasses import dataclass

PATTERN = re.compile(r"^bytes\s+(?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)$", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class ContentRange:
    """`bytes FIRST-LAST/TOTAL`; first and last are None in a status query, total while it is unknown."""

    first: int | None
    last: int | None
    total: int | None

    @property
    def is_status_query(self) -> bool:
        """Whether the request brings no bytes."""
        return self.first is None

    @property
    def length(self) -> int:
        """Bytes that the request brings."""
        return 0 if self.first is None or self.last is None else self.last - self.first + 1


def parse_content_range(header: str) -> ContentRange:
    """Return the parsed header. Raises ValueError for anything that is not a possible range of an upload."""
    match = PATTERN.match(header.strip())
    if match is None:
        raise ValueError(f"Failed to parse Content-Range header: {header!r}")
    first, last, total = (None if text in {None, "*"} else int(text) for text in match.groups())
    if first is not None and last is not None and (first > last or (total is not None and last >= total)):
        raise ValueError(f"Failed to parse Content-Range header: {header!r}")
    return ContentRange(first, last, total)
