"""Which e-mail addresses, user names and passwords are valid, and when two user names are the same."""

from __future__ import annotations

import re
import unicodedata

from reelgate.domain.errors import InvalidCredentials, InvalidRequest, WeakPassword

MIN_USERNAME_CHARACTERS = 2
MAX_USERNAME_CHARACTERS = 40
MAX_EMAIL_CHARACTERS = 254
"""RFC 5321, 4.5.3.1.3: a path has 256 octets, two of which are its angle brackets."""

MIN_PASSWORD_CHARACTERS = 6
"""Firebase Auth refuses shorter passwords, even if a deployment allows them."""

MAX_PASSWORD_CHARACTERS = 128

# Dot-atoms of RFC 5322 and host names: quoted local parts and address literals are left out on purpose.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


def clean_email(raw: object, *, field: str = "email") -> str:
    """Return an e-mail address in lower case, as Firebase Auth stores and compares it.

    Raises:
        InvalidRequest: it is missing, or not an address such as ada@example.org.
    """
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidRequest("The e-mail address is missing.", field=field)
    email = raw.strip()
    if len(email) > MAX_EMAIL_CHARACTERS or not _EMAIL.fullmatch(email):
        raise InvalidRequest(
            "This is not an e-mail address such as ada@example.org.",
            field=field,
            hint="Addresses are ASCII: write the domain of an international address in its xn-- form.",
        )
    return email.lower()


def clean_username(raw: object, *, field: str = "username") -> str:
    """Return the NFKC form of a user name: letters and digits of any script, with single `.`, `_`, `-` or spaces between them.

    It contains no `@`, so it cannot be mistaken for an e-mail address, and no `:`, so it fits into HTTP Basic (RFC 7617).

    Raises:
        InvalidRequest: it is missing or not such a name.
    """
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidRequest("The user name is missing.", field=field)
    name = unicodedata.normalize("NFKC", raw.strip())
    if not MIN_USERNAME_CHARACTERS <= len(name) <= MAX_USERNAME_CHARACTERS or not _is_name(name):
        raise InvalidRequest(
            f"A user name has {MIN_USERNAME_CHARACTERS} to {MAX_USERNAME_CHARACTERS} letters or digits, with single dots, "
            "hyphens, underscores or spaces between them.",
            field=field,
        )
    return name


def username_key(name: str) -> str:
    """Return the key by which user names are compared: `ADA`, `ada` and the same in full-width letters have one key.

    Case folding may undo the normal form, so both are applied twice (Unicode, "Caseless Matching", D146).
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).casefold()


def clean_password(raw: object, *, email: str, username: str, minimum: int, field: str = "password") -> str:
    """Return a password that may be set, unchanged.

    Length makes a password strong, so no kinds of characters are required (NIST SP 800-63B, 5.1.1.2). The user's own name
    and address are refused because they are easy to guess.

    Raises:
        InvalidRequest: it is missing, or cannot be a password (`is_sendable`).
        WeakPassword: it is shorter than `minimum` characters, longer than 128, or the user's name or address.
    """
    if not isinstance(raw, str) or not raw:
        raise InvalidRequest("The password is missing.", field=field)
    if not is_sendable(raw):
        raise InvalidRequest("A password must not contain control characters.", field=field)
    if len(raw) < minimum:
        raise WeakPassword(f"Choose a password of at least {minimum} characters. A sentence is easy to remember.", field=field)
    if len(raw) > MAX_PASSWORD_CHARACTERS:
        raise WeakPassword(f"Choose a password of at most {MAX_PASSWORD_CHARACTERS} characters.", field=field)
    if username_key(raw) in {username_key(email), username_key(email.partition("@")[0]), username_key(username)}:
        raise WeakPassword("Choose a password that is neither your user name nor your e-mail address.", field=field)
    return raw


def is_sendable(password: str) -> bool:
    """Return whether a text can be a password at all: it has no control characters and no lone surrogates."""
    return not any(unicodedata.category(character) in {"Cc", "Cs"} for character in password)


def _is_name(name: str) -> bool:
    """Return whether a name consists of words of letters, digits and marks, with one separator between two words."""
    words = re.split(r"[._ -]", name)
    return all(word and unicodedata.category(word[0])[0] in "LN" for word in words) and all(
        unicodedata.category(character)[0] in "LNM" for word in words for character in word
    )


def wrong_credentials() -> InvalidCredentials:
    """Return the error for wrong credentials. It is the same for every cause, so that it reveals none."""
    return InvalidCredentials("Check what you typed. Passwords are case-sensitive.")
