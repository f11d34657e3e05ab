"""Text as searches and sorted lists compare it: without regard to case, accents and the form of its characters."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]+")
"""Combining diacritical marks: accents of Latin, Greek and Cyrillic letters. Marks of other scripts make other letters."""
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that Unicode does not take apart, as people type them on a keyboard without them."""


def fold(text: str) -> str:
    """Return a text for comparison: case-folded, in compatibility form (NFKC), and without accents.

    `Été`, `ETE` and `été` with combining accents are the same, and so are `Straße` and `strasse`, full-width and plain letters.
    """
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", apart)).translate(_LETTERS)
    return unicodedata.normalize("NFKC", plain)
