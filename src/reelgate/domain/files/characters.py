"""Which characters a name or a title may have, by rules that do not change with the version of Unicode that Python knows."""

from __future__ import annotations

import unicodedata

# Cc control, Cs surrogates, Zl/Zp line and paragraph separators: none of these categories will ever get another member.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They make a text look like another one. Marks (U+200E, U+200F, U+061C) only help scripts that are written from the right.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

NOT_PLAIN = "control characters, characters that turn the direction of a text, or code points that are no characters"
"""What `is_plain` refuses, in words."""


def is_plain(text: str) -> bool:
    """Tell whether a text is one line of characters that show what they are.

    Controls, line separators, halves of surrogate pairs, embeddings, overrides and isolates of the direction, and
    noncharacters are not. Everything else is:

    - unassigned characters, which a newer Unicode may have assigned: this year's emoji;
    - private-use characters: macOS writes them over SMB for characters that Windows does not allow in names (U+F022 for a
      colon, and so on), and some fonts have logos and rare ideographs there. They stay as they are;
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
