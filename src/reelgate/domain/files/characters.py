"""Which characters a name or a title may contain. The rules do not depend on the Unicode version that Python ships."""

from __future__ import annotations

import unicodedata

# Cc control, Cs surrogates, Zl/Zp line and paragraph separators: none of these categories will ever get another member.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They make one text look like another. Marks (U+200E, U+200F, U+061C) only help right-to-left scripts.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

NOT_PLAIN = "control characters, characters that change the text direction, or code points that are not characters"
"""What `is_plain` refuses, as shown to users."""


def is_plain(text: str) -> bool:
    """Return whether a text is a single line of characters with a visible or harmless effect.

    Refused are controls, line separators, lone surrogates, directional embeddings, overrides and isolates, and noncharacters.
    Everything else is allowed:

    - unassigned characters, because a newer Unicode version may define them (this year's emoji);
    - private-use characters: macOS writes them over SMB in place of characters that Windows forbids in names (U+F022
      for a colon, and so on), and some fonts keep logos and rare ideographs there;
    - the other format characters, which some scripts and emoji need (zero-width joiners, tags of flags).
    """
    return not any(
        unicodedata.category(character) in _REFUSED_CATEGORIES
        or character in _DIRECTION_CONTROLS
        or _is_noncharacter(ord(character))
        for character in text
    )


def _is_noncharacter(code_point: int) -> bool:
    """The 66 code points that will never be characters (Unicode, section 23.7): the last two of each plane, and 32 more."""
    return code_point & 0xFFFE == 0xFFFE or 0xFDD0 <= code_point <= 0xFDEF
