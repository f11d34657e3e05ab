"""File names, the keys derived from them, and where a video is stored in the bucket.

A file name is the user's name for the video. It is normalised to NFC, so that names that look the same are the same, and
refused if it is not a plain name (separators, control characters, `.`, `..`).

Which characters names and titles may contain does not depend on the Unicode version that Python ships.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from reelgate.domain.errors import InvalidRequest, in_words
from reelgate.domain.value_types import positional_value_type

MAX_OBJECT_NAME_BYTES = 1024
"""Cloud Storage's limit for an object name in UTF-8 bytes (Cloud Storage docs, "Object naming requirements")."""

MAX_TITLE_CHARACTERS = 200
MAX_USER_ID_CHARACTERS = 300
"""Longer than any issuer's prefix and subject, and with four bytes each still shorter than the longest document id."""
MAX_SIZE_BYTES = 2**53 - 1
"""The largest integer that every JSON reader handles exactly (RFC 8259, section 6). No object comes close to it."""

_FILE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_CRC32C = re.compile(r"[A-Za-z0-9+/]{6}==")

# Cc control, Cs surrogates, Zl/Zp line and paragraph separators: none of these categories will ever get another member.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They make one text look like another. Marks (U+200E, U+200F, U+061C) only help right-to-left scripts.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

NOT_PLAIN = "control characters, characters that change the text direction, or code points that are not characters"
"""What `is_plain` refuses, as shown to users."""


@positional_value_type
class ObjectName:
    """The three parts of `{uid}/{file_id}/{filename}`."""

    uid: str
    file_id: str
    filename: str

    def __str__(self) -> str:
        return f"{self.uid}/{self.file_id}/{self.filename}"


def clean_filename(raw: object, *, field: str = "filename", missing: str | None = None) -> str:
    """Return the NFC form of a usable file name.

    Args:
        missing: the short message for a request without a name (some older services have their own sentence for it).

    Raises:
        InvalidRequest: no name, or one that is not a plain name of at most 1024 UTF-8 bytes.
    """
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidRequest("The name of the file is missing.", field=field, message=missing)
    name = unicodedata.normalize("NFC", raw)
    problem = _name_problem(name)
    if problem:
        raise InvalidRequest(f"The file name {problem}.", field=field)
    return name


def _name_problem(name: str) -> str | None:
    if name != name.strip():
        return "must not begin or end with white space"
    if name in {".", ".."} or "/" in name or "\\" in name:
        return "must be a plain name without '/', '\\' or a path"
    if not is_plain(name):
        return f"must not contain {NOT_PLAIN}"
    if len(name.encode()) > MAX_OBJECT_NAME_BYTES:
        return "is too long"
    return None


def object_name(uid: str, file_id: str, filename: str) -> str:
    """Return the name of the object that holds a video.

    Raises:
        InvalidRequest: the parts together are longer than Cloud Storage allows.
    """
    name = str(ObjectName(uid, file_id, filename))
    over = len(name.encode()) - MAX_OBJECT_NAME_BYTES
    if over > 0:
        raise InvalidRequest(
            "The file name is too long.",
            field="filename",
            hint=f"It is {over} bytes too long: with the ids before it, it has at most {MAX_OBJECT_NAME_BYTES} bytes in UTF-8.",
        )
    return name


def parse_object_name(name: str) -> ObjectName | None:
    """Return the parts of an object name that Reelgate could have generated, or None for any other object."""
    parts = name.split("/")
    if len(parts) != 3:
        return None
    uid, file_id, filename = parts
    if not uid.isprintable() or not uid or not is_file_id(file_id):
        return None
    try:
        if clean_filename(filename) != filename:
            return None
    except InvalidRequest:
        return None
    return ObjectName(uid, file_id, filename)


def name_key(filename: str) -> str:
    """Return the document id for a file name. Expects a cleaned name; equal names have equal ids."""
    return hashlib.sha256(filename.encode()).hexdigest()[:40]


def is_file_id(text: str) -> bool:
    """Return whether a text has the form of Reelgate's file and upload ids."""
    return _FILE_ID.fullmatch(text) is not None


def is_user_id(text: str) -> bool:
    """Return whether a text has the form of a user's id. No issuer's tokens result in any other."""
    return 0 < len(text) <= MAX_USER_ID_CHARACTERS and text.isprintable() and "/" not in text


def clean_crc32c(raw: object, *, field: str = "crc32c") -> str | None:
    """Return the base64 of a big-endian CRC32C as Cloud Storage writes it, or None when none was given.

    Raises:
        InvalidRequest: it is not the base64 of four bytes.
    """
    if raw is None:
        return None
    if not isinstance(raw, str) or not _CRC32C.fullmatch(raw):
        raise InvalidRequest(
            "The checksum is not a CRC32C.", field=field, hint=f"'{field}' is the base64 of its four bytes, big-endian."
        )
    return raw


def clean_title(raw: object, *, field: str = "title") -> str | None:
    """Return a title of one line, or None when none was given.

    Raises:
        InvalidRequest: it is not a string of 1 to 200 plain characters (see `is_plain`).
    """
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise InvalidRequest(f"The {in_words(field)} must be a text.", field=field)
    title = unicodedata.normalize("NFC", raw).strip()
    if not 1 <= len(title) <= MAX_TITLE_CHARACTERS:
        raise InvalidRequest(f"The {in_words(field)} must have 1 to {MAX_TITLE_CHARACTERS} characters.", field=field)
    if not is_plain(title):
        raise InvalidRequest(f"The {in_words(field)} must not contain {NOT_PLAIN}.", field=field)
    return title


def clean_size(raw: object, *, field: str = "size", minimum: int = 1) -> int:
    """Return a size in bytes.

    Raises:
        InvalidRequest: it is not an integer of at least `minimum`. True and False are not accepted.
    """
    if isinstance(raw, bool) or not isinstance(raw, int) or not minimum <= raw <= MAX_SIZE_BYTES:
        raise InvalidRequest(f"The {in_words(field)} must be a whole number of bytes, {minimum} or more.", field=field)
    return raw


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
