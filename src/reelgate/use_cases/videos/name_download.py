"""The Content-Disposition header for any file name (RFC 6266; extended form of RFC 8187, the successor of RFC 5987)."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

# attr-char of RFC 8187, 3.2.1; letters and digits are never quoted.
_ATTR_CHAR = "!#$&+-.^_`|~"
# Characters that separate folders, have a meaning in a Windows shell or in old header parsers, or end the quoted string. NFKD
# turns # some harmless letters into them (U+FF0F becomes `/`, U+2105 becomes `c/o`, U+FF1A becomes `:`).
_REPLACED = frozenset('"\\%/:*?<>|;')


def attachment(filename: str) -> str:
    """Return a header value that makes a browser save under `filename`, with a plain ASCII name for old clients.

    The plain name is always a single path segment, even if the original name contains compatibility forms of separators.
    """
    ascii_name = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = "".join("_" if c in _REPLACED or not c.isprintable() else c for c in ascii_name).strip()
    plain = plain.rstrip(". ")  # Windows drops them
    if not plain or plain.startswith("."):  # only the extension is left: a hidden file, or `..`
        plain = f"video{plain}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe=_ATTR_CHAR)}"
