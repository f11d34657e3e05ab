"""Secret texts that are recognised by people and secret scanners, and refused without a look-up if they are mistyped.

A text is `PREFIX_ID_SECRETCHECK`: the id finds its record, the secret has 178 random bits, and the check is a CRC-32 of what
precedes it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import field

from reelgate.domain.value_types import positional_value_type

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_CHARACTERS, _SECRET_CHARACTERS, _CHECK_CHARACTERS = 16, 30, 6
_ID = re.compile(rf"[0-9A-Za-z]{{{_ID_CHARACTERS}}}")


@positional_value_type
class CheckedToken:
    """A token: the id of its record, and the SHA-256 that the record has of the whole text.

    A slow hash protects passwords, which can be guessed; 178 random bits cannot, and each request computes it.
    """

    token_id: str
    digest: str = field(repr=False)


@positional_value_type
class NewToken:
    """A token that was just made, with the text that is shown once."""

    token: CheckedToken
    text: str = field(repr=False)


class TokenFormat:
    """The texts of one kind of token. `prefix` ends with an underscore."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        body = rf"{re.escape(prefix)}({_ID.pattern})_[0-9A-Za-z]{{{_SECRET_CHARACTERS}}}"
        self._text = re.compile(rf"({body})([0-9A-Za-z]{{{_CHECK_CHARACTERS}}})")

    def new(self) -> NewToken:
        """Return a new random token."""
        return self._made(_random(_ID_CHARACTERS), _random(_SECRET_CHARACTERS))

    def derived(self, token_id: str, secret: bytes) -> NewToken:
        """Return the token that has this id, and whose secret is derived from 32 bytes that cannot be guessed."""
        return self._made(token_id, _digits_of(secret, _SECRET_CHARACTERS))

    def _made(self, token_id: str, secret: str) -> NewToken:
        text = f"{self.prefix}{token_id}_{secret}"
        text += _check_of(text)
        return NewToken(CheckedToken(token_id, _digest(text)), text)

    def parse(self, text: str) -> CheckedToken | None:
        """Return the token of a text; None for a text with a wrong form or check: no such token was ever made."""
        match = self._text.fullmatch(text)
        if match is None or _check_of(match[1]) != match[3]:
            return None
        return CheckedToken(match[2], _digest(text))


def is_token_id(text: str) -> bool:
    """Return whether a text can be the id of a token."""
    return _ID.fullmatch(text) is not None


def derived_token_id(text: str) -> str:
    """Return the id that is derived from a text: always the same, and not that of another text."""
    return _digits_of(hashlib.sha256(text.encode()).digest(), _ID_CHARACTERS)


def _random(characters: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(characters))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_of(text: str) -> str:
    return _digits_of(zlib.crc32(text.encode()).to_bytes(4), _CHECK_CHARACTERS)


def _digits_of(data: bytes, characters: int) -> str:
    number, digits = int.from_bytes(data), ""
    for _ in range(characters):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
