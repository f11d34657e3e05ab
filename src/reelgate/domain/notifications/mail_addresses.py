"""E-mail addresses in mail headers. Import this only where it is needed: the standard library's parser is slow to load."""

from __future__ import annotations

import unicodedata
from email.errors import HeaderParseError
from email.headerregistry import Address

import idna

MAX_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3: a path has at most 256 characters, its brackets included."""


def mail_address(text: str, name: str = "") -> Address:
    """Return one address `local@domain`; the domain in the ASCII form of IDNA 2008. Raises ValueError for anything else."""
    local, _, domain = text.rpartition("@")
    if not local or not domain or len(text) > MAX_ADDRESS:
        raise ValueError("is not an e-mail address")
    try:
        domain = domain if domain.isascii() else _ascii_domain(domain)
        if not f"{local}{domain}".isprintable() or " " in text:
            raise ValueError
        if len(f"{local}@{domain}".encode()) > MAX_ADDRESS:
            raise ValueError
        # Only ASCII can be parsed; a local part with other letters (RFC 6531) must not need quotes.
        username = Address(addr_spec=f"{local if local.isascii() else 'x'}@{domain}").username
        username = username if local.isascii() else _unquoted(local)
        return Address(display_name=name, username=username, domain=domain)
    except (HeaderParseError, ValueError, IndexError, AttributeError):  # the parser itself fails on `a@[b`
        raise ValueError("is not an e-mail address") from None


def sender_address(text: str, name: str) -> Address:
    """Return the address in `local@domain` or `Name <local@domain>`; with `name` if it has none. Raises ValueError."""
    before, bracket, rest = text.partition("<")
    if not bracket:
        return mail_address(text, name)
    if not rest.endswith(">") or not before.isprintable():
        raise ValueError("is not an e-mail address")
    return mail_address(rest[:-1], before.strip().strip('"') or name)


def _ascii_domain(domain: str) -> str:
    """Return the name that an international domain has in the DNS (RFC 5891, 4). Raises ValueError if it has none.

    The standard library knows IDNA 2003 only, which takes `faß.de` for `fass.de`, a different domain. Of the
    mappings for typed names (RFC 5895), NFC and lower case are applied; names that need more, such as ligatures, are refused.
    """
    return idna.encode(unicodedata.normalize("NFC", domain).lower(), std3_rules=True).decode()


def _unquoted(local: str) -> str:
    if set(local) & set('"(),:;<>@[\\]'):
        raise ValueError
    return local
