"""Document ids for names of any kind, and back."""

from __future__ import annotations

import re
from urllib.parse import unquote


def document_id(name: str) -> str:
    """Return the document id for any name: names that Firestore would refuse or split are escaped (`/`, `.`, `__x__`)."""
    escaped = name.replace("%", "%25").replace("/", "%2F")
    if escaped in {".", ".."} or (escaped.startswith("__") and re.fullmatch(r"__.*__", escaped, re.DOTALL)):
        escaped = f"%{ord(escaped[0]):02X}{escaped[1:]}"
    return escaped


def name_of(identifier: str) -> str:
    """Return the name that a document id stands for."""
    return unquote(identifier) if "%" in identifier else identifier
