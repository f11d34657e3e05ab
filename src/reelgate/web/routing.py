"""Find the route for a method and a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from reelgate.web.calls import Handler, Routes


class PathUnknown(Exception):
    """No route has this path."""


class MethodUnknown(Exception):
    """The path exists, for the methods in `allowed`."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def find_route(routes: Routes, method: str, path: str) -> tuple[Handler, Mapping[str, str]]:
    """Return the handler and the path's parameters. HEAD goes where GET goes.

    Raises PathUnknown or MethodUnknown.
    """
    wanted = "GET" if method == "HEAD" else method
    allowed = set()
    for route in routes:
        match = _pattern(route.path).fullmatch(path)
        if match is None:
            continue
        if route.method == wanted:
            return route.handler, match.groupdict()
        allowed.add(route.method)
    if not allowed:
        raise PathUnknown
    raise MethodUnknown(", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set()) | {"OPTIONS"})))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    literal, names = parts[::2], parts[1::2]
    pattern = re.escape(literal[0])
    for name, text in zip(names, literal[1:], strict=True):
        pattern += f"(?P<{name}>[^/]+){re.escape(text)}"
    return re.compile(pattern, re.DOTALL)
