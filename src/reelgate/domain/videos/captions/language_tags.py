"""Language tags by BCP 47 (RFC 5646): well-formed, and in their usual case, so that one language has one spelling."""

from __future__ import annotations

import re

from reelgate.domain.errors import InvalidRequest

MAX_TAG_CHARACTERS = 35
"""RFC 5646, section 4.4.1: what tags in use need at most."""

_TAG = re.compile(
    r"""(?P<language>[a-z]{2,3})
        (?P<extended>(?:-[a-z]{3}){0,3})
        (?:-(?P<script>[a-z]{4}))?
        (?:-(?P<region>[a-z]{2}|[0-9]{3}))?
        (?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)
        (?P<extensions>(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*)
        (?P<private>-x(?:-[a-z0-9]{1,8})+)?""",
    re.VERBOSE | re.ASCII,
)
_HINT = "A BCP 47 tag begins with the code of the language, of two or three letters: `en`, `pt-BR`, `zh-Hant`."


def clean_language(text: str, *, field: str = "language") -> str:
    """Return a language tag in its usual case: `PT-br` is `pt-BR`, `zh-hant` is `zh-Hant` (RFC 5646, section 2.1.1).

    Whether a subtag is registered is not checked: the registry grows. Languages are those with codes of two or three letters;
    the few tags that were grandfathered (`i-klingon`) are not taken.

    Raises:
        InvalidRequest: it is not well-formed.
    """
    found = _TAG.fullmatch(text.lower()) if len(text) <= MAX_TAG_CHARACTERS and text.isascii() else None
    if found is None or _has_twice(found["variants"]) or _has_singleton_twice(found["extensions"]):
        hint = "Its parts are joined by hyphens. " + _HINT if "_" in text else _HINT
        raise InvalidRequest("This is not the code of a language, such as en or pt-BR.", field=field, hint=hint)
    parts = [found["language"] + found["extended"]]
    if found["script"]:
        parts.append(found["script"].title())
    if found["region"]:
        parts.append(found["region"].upper())
    return "-".join(parts) + found["variants"] + found["extensions"] + (found["private"] or "")


def _has_twice(variants: str) -> bool:
    parts = variants.split("-")[1:]
    return len(set(parts)) < len(parts)


def _has_singleton_twice(extensions: str) -> bool:
    singletons = [part for part in extensions.split("-") if len(part) == 1]
    return len(set(singletons)) < len(singletons)
