"""The Content-Range header of resumable uploads.

Source: Cloud Storage documentation, "Perform resumable uploads"; the forms with an open end: what Google's clients for
Node.js and C++ send when they upload in one request.
"""

import re
from dataclasses import dataclass

PATTERN = re.compile(r"^bytes\s+(?:(\d{1,18})-(\d{1,18}|\*)|\*)/(\d{1,18}|\*)$", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class ContentRange:
    """`bytes FIRST-LAST/TOTAL`.

    `first` is None in a status query, `last` also if the body's end is the end (`FIRST-*`), `total` while it is
    unknown.
    """

    first: int | None
    last: int | None
    total: int | None

    @property
    def is_status_query(self) -> bool:
        """Whether the request sends no bytes."""
        return self.first is None

    @property
    def open_ended(self) -> bool:
        """Whether the request sends everything from `first` on, and its end is the end of the object."""
        return self.first is not None and self.last is None

    @property
    def length(self) -> int:
        """Bytes that the request sends, None if not declared."""
        return 0 if self.first is None or self.last is None else self.last - self.first + 1

    @property
    def limit(self) -> int | None:
        """The offset that the body must not exceed, None if there is no limit."""
        return self.last + 1 if self.last is not None else self.total


def parse_content_range(header: str) -> ContentRange:
    """Return the parsed header. Raises ValueError for an invalid upload range."""
    match = PATTERN.match(header.strip())
    if match is None:
        raise ValueError(f"Failed to parse Content-Range header: {header!r}")
    first, last, total = (None if text in {None, "*"} else int(text) for text in match.groups())
    end = last if last is not None else (first or 0) - 1
    impossible = first is not None and ((last is not None and first > last) or (total is not None and end >= total))
    if impossible:
        raise ValueError(f"Failed to parse Content-Range header: {header!r}")
    return ContentRange(first, last, total)
