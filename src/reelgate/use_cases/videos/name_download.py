"""Content-Disposition with any file name (RFC 6266, with RFC 8187's extended form, the successor of RFC 5987)."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

# attr-char of RFC 8187, 3.2.1; letters and digits are never quoted.
_ATTR_CHAR = "!#$&+-.^_`|~"
# What separates folders, means something to a shell of Windows or an old parser of the header, or ends the quoted text: NFKD
# brings some of it in from harmless letters (U+FF0F is `/`, U+2105 is `c/o`, U+FF1A is `:`).
_REPLACED = frozenset('"\\%/:*?<>|;')


def attachment(filename: str) -> str:
    """Return a header value that makes a browser save under `filename`, with a plain ASCII name for old clients.

    The plain name is one part of a path everywhere, whatever compatibility forms the name is made of.
    """
    ascii_name = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = "".join("_" if c in _REPLACED or not c.isprintable() else c for c in ascii_name).strip()
    plain = plain.rstrip(". ")  # Windows would drop them
    if not plain or plain.startswith("."):  # nothing but the ending is left: a hidden file, or `..`
        plain = f"video{plain}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe=_ATTR_CHAR)}"
