"""The query of a request, held against what its route declares: what would be ignored is refused."""

from __future__ import annotations

from starlette.requests import Request

from reelgate.domain.errors import InvalidRequest
from reelgate.web.http.calls import Route

LIST = ("limit", "cursor")
"""What every list takes."""

_MAX_SHOWN = 100


def check_query(route: Route, request: Request) -> None:
    """Raise InvalidRequest for a parameter that the route does not know, and for one that is given twice.

    A misspelt filter must not show everything, nor a filter that exists elsewhere look as if it held here.
    """
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        shown = name[:_MAX_SHOWN]
        if name not in route.query:
            known = f"this route has {', '.join(route.query)}" if route.query else "this route has none"
            raise InvalidRequest(f"Unknown query parameter '{shown}'; {known}.", field=shown)
        if given.count(name) > 1:
            raise InvalidRequest(f"Give the query parameter '{shown}' once.", field=shown)
