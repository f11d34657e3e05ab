"""matchGlob: patterns over object names.

Source: Cloud Storage documentation, "Objects: list" and "Filter by glob": `*` and `?` stop at a slash, `**` does not,
`[a-z]` and `[!a-z]` are one character, `{a,b}` is one of several.
"""

import re

from localcloud.gcs.errors import Refusal, StorageError


def glob_pattern(glob: str) -> re.Pattern[str]:
    """Return the pattern that whole names must match. Raises StorageError (400) for an invalid one."""
    expression = ""
    depth = 0
    at = 0
    while at < len(glob):
        char = glob[at]
        at += 1
        if char == "*":
            stars = 1 + len(glob[at:]) - len(glob[at:].lstrip("*"))
            at += stars - 1
            expression += "[^/]*" if stars == 1 else ".*"
        elif char == "?":
            expression += "[^/]"
        elif char == "[":
            end = glob.find("]", at + 1)
            if end < 0:
                raise _invalid(glob)
            expression += _character_class(glob[at:end])
            at = end + 1
        elif char == "\\" and at < len(glob):
            expression += re.escape(glob[at])
            at += 1
        elif char == "{":
            depth += 1
            expression += "(?:"
        elif char == "}" and depth:
            depth -= 1
            expression += ")"
        elif char == "," and depth:
            expression += "|"
        else:
            expression += re.escape(char)
    try:
        if depth:
            raise _invalid(glob)
        return re.compile(expression, re.DOTALL)
    except re.error as error:
        raise _invalid(glob) from error


def _character_class(content: str) -> str:
    negated = content[:1] in {"!", "^"}
    inner = content[1:] if negated else content
    return f"[{'^' if negated else ''}{re.sub(r'([\\\[\]^&~|])', r'\\\1', inner)}]"


def _invalid(glob: str) -> StorageError:
    return StorageError(Refusal.INVALID_ARGUMENT, f"Invalid matchGlob: {glob}")
